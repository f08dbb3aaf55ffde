"""Opens a survey file of any kind and hands out its columns, some rows at a time; what they mean is
not known here.
"""

import codecs
import csv
import gzip
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyreadstat
from numpy.typing import NDArray

from survey.archive import AGAIN, DataError, error_line, first_bytes, unpack

ROWS = 5_000  # at a time: what is held at once, and so the memory, stays small
DELIMITERS = ",;\t"
TOLD, LONGEST_TOLD = re.compile(r'"?sep=(.)"?[,;\t]*\s*', re.IGNORECASE), 40
"""A first line by which Excel is told the delimiter."""
HEADER = re.compile(r"\s*(\w+)(?=$|[\s:]|\.(?!\d))")
TWICE = re.compile(r"_duplicated\d+$")  # what pyreadstat adds to a name
SPSS, STATA = b"$FL", b"<stata_dta>"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOT_UTF_8 = "The file is not UTF-8; it was read as Windows-1252."
DAMAGE = (
    EOFError,
    UnicodeError,
    zlib.error,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    pyreadstat.ReadstatError,
    pyreadstat.PyreadstatError,
)

OTHER = -5.0
OWN = [f"-{code}{end}" for code in range(1, 6) for end in ("", ".0")]
"""The survey's own missing codes as text; OTHER is the one that says no more than that."""

Column = NDArray[Any]


@dataclass(frozen=True)
class SurveyTable:
    """The columns of one file.

    `header` holds the variable that each column is for ("Q1" where the file says "q1: text"), ""
    where it names none. `chunks(places)` yields the columns at these places of the header, some
    rows at a time: strings from a text file, numbers or strings from the others, nan where they
    have none.
    """

    header: tuple[str, ...]
    chunks: Callable[[Sequence[int]], Iterator[list[Column]]]
    notes: tuple[str, ...] = ()


@contextmanager
def open_table(path: Path, wanted: frozenset[str]) -> Iterator[SurveyTable]:
    """Open a .csv, .sav or .dta file, also inside .zip or .gz; the wanted variables tell which
    delimiter is meant.

    Raises DataError, also while the chunks are read.
    """
    try:
        with unpack(path) as data:
            start, suffix = first_bytes(data), data.suffix.lower()
            if start.startswith(SPSS):
                yield _statistics(data, partial(pyreadstat.read_sav, user_missing=True))
            elif start.startswith(STATA) or suffix == ".dta":
                yield _statistics(data, partial(pyreadstat.read_dta, user_missing=True))
            elif suffix in (".sav", ".zsav"):
                raise DataError(f"this is no SPSS file; {AGAIN}")
            elif b"\0" in start and not start.startswith(UTF_16):
                raise DataError(
                    "this is no text file: use a .csv, .sav or .dta file, also inside .zip or .gz"
                )
            else:
                yield _text(data, wanted)
    except DAMAGE as error:
        raise DataError(f"cannot be read ({error_line(error)}); {AGAIN}") from error
    except csv.Error as error:
        raise DataError(
            f"cannot be read ({error}); is a quotation mark never closed? Close it or take it out"
        ) from error
    except OSError as error:
        raise DataError(
            f"cannot be read ({error.strerror or error_line(error)}): check file and rights"
        ) from error


def variable_of(header: str) -> str:
    """The variable that a column header names: "Q1" for "Q1", "q1", "Q1: text", "Q1 text" and "Q1.
    text", else "".
    """
    found = HEADER.match(header)
    return found[1].upper() if found else ""


def _statistics(path: Path, read: Callable[..., Any]) -> SurveyTable:
    """A file of SPSS or Stata, read as numbers without their labels."""

    def load(**options: Any) -> Any:
        with warnings.catch_warnings(
            action="ignore"
        ):  # of names that stand twice: `TWICE` finds them
            return read(path, disable_datetime_conversion=True, encoding=encoding, **options)

    encoding: str | None = None
    notes: tuple[str, ...] = ()
    try:
        meta = load(metadataonly=True)[1]
    except pyreadstat.ReadstatError as error:
        if "invalid byte sequence" not in str(error):
            raise
        encoding, notes = "WINDOWS-1252", (NOT_UTF_8,)
        meta = load(metadataonly=True)[1]
    names, declared, types = meta.column_names, meta.missing_ranges, meta.readstat_variable_types

    def chunks(places: Sequence[int]) -> Iterator[list[Column]]:
        chosen = [names[place] for place in places]
        done = 0
        while len(frame := load(usecols=chosen, row_limit=ROWS, row_offset=done)[0]):
            columns = {name: _untagged(frame[name].to_numpy(), types[name]) for name in chosen}
            yield [_without(column, declared.get(name, ())) for name, column in columns.items()]
            done += len(frame)

    return SurveyTable(
        tuple(variable_of(TWICE.sub("", name or "")) for name in names), chunks, notes
    )


def _untagged(column: Column, kind: str) -> Column:
    """The column with `OTHER` where a number is tagged as missing, .a to .z in Stata; these come as
    letters.
    """
    if kind == "string" or column.dtype.kind != "O":
        return column
    return np.array([OTHER if isinstance(cell, str) else cell for cell in column], float)


def _without(column: Column, declared: Sequence[Mapping[str, Any]]) -> Column:
    """The column with `OTHER` where a value is declared as missing; the survey's own missing codes
    stay.
    """
    missing = np.zeros(len(column), bool)
    for span in declared:
        low, high = span["lo"], span["hi"]
        cells = [
            isinstance(low, str) == isinstance(cell, str) and low <= cell <= high
            for cell in column.tolist()
        ]
        missing |= np.array(cells, bool)
    if not missing.any():
        return column
    own = np.isin(column.astype(str), OWN)
    return np.where(missing & ~own, OTHER if column.dtype.kind == "f" else str(int(OTHER)), column)


def _text(path: Path, wanted: frozenset[str]) -> SurveyTable:
    """A delimited text file in the encoding and with the delimiter that fit."""
    encoding = _encoding(path)
    errors = "replace" if encoding == "cp1252" else "strict"

    @contextmanager
    def source() -> Iterator[IO[str]]:
        with path.open(encoding=encoding, errors=errors, newline="") as file:
            if told:
                file.readline()
            yield file

    told = None
    with source() as file:
        told = TOLD.fullmatch(file.readline(LONGEST_TOLD))

    def header(delimiter: str) -> tuple[str, ...]:
        with source() as file:
            return tuple(map(variable_of, next(_filled(file, delimiter), ())))

    headers = {delimiter: header(delimiter) for delimiter in (told[1] if told else DELIMITERS)}
    delimiter = max(
        headers, key=lambda each: (len(wanted.intersection(headers[each])), len(set(headers[each])))
    )
    width = len(headers[delimiter])
    if not width:
        raise DataError("the file is empty: download it again")

    def chunks(places: Sequence[int]) -> Iterator[list[Column]]:
        with source() as file:
            take = itemgetter(
                *places, *places[:1]
            )  # the first once more, since of one alone there would be no row
            rows = map(take, _even(_filled(file, delimiter), width, delimiter))
            while block := list(islice(rows, ROWS)):
                yield [np.array(column, dtype=object) for column in zip(*block, strict=True)][
                    : len(places)
                ]

    said = {"cp1252": NOT_UTF_8, "utf-16": "The file was read as UTF-16."}
    return SurveyTable(headers[delimiter], chunks, (said[encoding],) if encoding in said else ())


def _filled(file: IO[str], delimiter: str) -> Iterator[list[str]]:
    """The rows of an open text file, without empty lines."""
    return filter(None, csv.reader(file, delimiter=delimiter, skipinitialspace=True))


def _even(rows: Iterator[list[str]], width: int, delimiter: str) -> Iterator[list[str]]:
    """The rows after the header, each of which must be as wide as it and hold no other."""
    _hold_one(next(rows), "the header", width, delimiter)
    number, row = 0, None
    for number, following in enumerate(rows, 1):
        if row is not None:
            yield _wide(row, number - 1, width, delimiter, last=False)
        row = following
    if row is not None:
        yield _wide(row, number, width, delimiter, last=True)


def _wide(row: list[str], number: int, width: int, delimiter: str, last: bool) -> list[str]:
    """The row, which must be as wide as the header. Raises DataError with the way out."""
    _hold_one(row, f"row {number}", width, delimiter)
    if len(row) == width:
        return row
    told = f"row {number} has {len(row)} fields, the header has {width}: "
    if last and len(row) < width:
        raise DataError(f"{told}the file was cut off; download it again")
    if number == 1 and len(row) == width + 1:
        raise DataError(
            f"{told}a column has no name; save it again without row names or a delimiter at the "
            f"line's end"
        )
    raise DataError(
        f"{told}a field with a delimiter in it lacks quotation marks; save it again with them"
    )


def _hold_one(row: list[str], where: str, width: int, delimiter: str) -> None:
    """Raise DataError where a field holds further rows: a quotation mark that is not closed
    swallows them.
    """
    whole = "".join(row)  # looked at once, since hardly any row has a break in it
    for place, field in enumerate(row if "\n" in whole or "\r" in whole else (), 1):
        if any(line.count(delimiter) >= width - 1 for line in field.splitlines()[1:]):
            raise DataError(
                f"{where}: a quotation mark that opens in field {place} is not closed there, and "
                f"the rows after it "
                "would be lost; close it or take it out"
            )


def _encoding(path: Path) -> str:
    """utf-16 where the file says so, utf-8-sig where all of it is that, else cp1252."""
    with path.open("rb") as file:
        if file.read(2) in UTF_16:
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"
