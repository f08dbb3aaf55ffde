"""Delimited text files: finds encoding and delimiter, and reads columns some rows at a time."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import IO

import numpy as np

from survey import survey_table
from survey.archive import DataError
from survey.survey_table import NOT_UTF_8, Column, SurveyTable, variable_of

DELIMITERS = ",;\t"
DELIMITER_LINE = re.compile(r'"?sep=(.)"?[,;\t]*\s*', re.IGNORECASE)
"""A first line that tells Excel the delimiter."""
LONGEST_DELIMITER_LINE = 40
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ENCODING_NOTES = {"cp1252": (NOT_UTF_8,), "utf-16": ("The file was read as UTF-16.",)}
BLOCK = 1 << 20
"""Bytes that are decoded at a time while the encoding is looked for."""


@dataclass(frozen=True)
class TextFile:
    """A text file with its encoding; `delimiter` is the one that its first line names, or None."""

    path: Path
    encoding: str
    delimiter: str | None = None

    @contextmanager
    def open(self) -> Iterator[IO[str]]:
        """Open the file behind the line that names the delimiter."""
        errors = "replace" if self.encoding == "cp1252" else "strict"
        with self.path.open(encoding=self.encoding, errors=errors, newline="") as file:
            if self.delimiter:
                file.readline()
            yield file

    def header(self, delimiter: str) -> tuple[str, ...]:
        """The variables that the first row names, divided by this delimiter."""
        with self.open() as file:
            return tuple(map(variable_of, next(_filled_rows(file, delimiter), ())))


def read_text_table(path: Path, wanted: frozenset[str]) -> SurveyTable:
    """Read a text file; the delimiter is the one that finds most of the wanted variables."""
    file = _text_file(path)
    headers = {delimiter: file.header(delimiter) for delimiter in file.delimiter or DELIMITERS}

    def fit(delimiter: str) -> tuple[int, int]:
        header = set(headers[delimiter])
        return len(wanted & header), len(header)

    delimiter = max(headers, key=fit)
    header = headers[delimiter]
    if not header:
        raise DataError("the file is empty: download it again")
    notes = ENCODING_NOTES.get(file.encoding, ())
    return SurveyTable(header, partial(_chunks, file, delimiter, len(header)), notes)


def _text_file(path: Path) -> TextFile:
    """The file with its encoding and the delimiter that its first line names."""
    plain = TextFile(path, _encoding(path))
    with plain.open() as file:
        named = DELIMITER_LINE.fullmatch(file.readline(LONGEST_DELIMITER_LINE))
    return TextFile(path, plain.encoding, named[1]) if named else plain


def _encoding(path: Path) -> str:
    """utf-16 where the file says so, utf-8-sig where all of it is that, else cp1252."""
    with path.open("rb") as file:
        if file.read(2) in UTF_16:
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _chunks(
    source: TextFile, delimiter: str, width: int, places: Sequence[int]
) -> Iterator[list[Column]]:
    """The columns at these places, some rows at a time."""
    # the first place stands twice, since for one place alone itemgetter returns no tuple
    take = itemgetter(*places, *places[:1])
    with source.open() as file:
        rows = map(take, _checked_rows(_filled_rows(file, delimiter), width, delimiter))
        while block := list(islice(rows, survey_table.CHUNK_ROWS)):
            columns = [np.array(column, dtype=object) for column in zip(*block, strict=True)]
            yield columns[: len(places)]


def _filled_rows(file: IO[str], delimiter: str) -> Iterator[list[str]]:
    """The rows of an open text file, without empty lines."""
    return filter(None, csv.reader(file, delimiter=delimiter, skipinitialspace=True))


def _checked_rows(rows: Iterator[list[str]], width: int, delimiter: str) -> Iterator[list[str]]:
    """The rows after the header, each of which must be as wide as it and hold no other row."""
    _check_quotes(next(rows), "the header", width, delimiter)
    number, row = 0, None
    for number, following in enumerate(rows, 1):
        if row is not None:
            _check_row(row, number - 1, width, delimiter, last=False)
            yield row
        row = following
    if row is not None:
        _check_row(row, number, width, delimiter, last=True)
        yield row


def _check_row(row: list[str], number: int, width: int, delimiter: str, last: bool) -> None:
    """Raise DataError, with the way out, where a row is not as wide as the header."""
    _check_quotes(row, f"row {number}", width, delimiter)
    if len(row) == width:
        return
    problem = f"row {number} has {len(row)} fields, the header has {width}: "
    if last and len(row) < width:
        raise DataError(f"{problem}the file was cut off; download it again")
    if number == 1 and len(row) == width + 1:
        raise DataError(
            f"{problem}a column has no name; save it again without row names or a delimiter at the "
            "line's end"
        )
    raise DataError(
        f"{problem}a field with a delimiter in it lacks quotation marks; save it again with them"
    )


def _check_quotes(row: list[str], where: str, width: int, delimiter: str) -> None:
    """Raise DataError where a field holds further rows: a quotation mark that is not closed."""
    text = "".join(row)  # searched as a whole, since hardly any row has a line break in it
    if "\n" not in text and "\r" not in text:
        return
    for place, field in enumerate(row, 1):
        if any(line.count(delimiter) >= width - 1 for line in field.splitlines()[1:]):
            raise DataError(
                f"{where}: a quotation mark that opens in field {place} is not closed there, and "
                "the rows after it would be lost; close it or take it out"
            )
