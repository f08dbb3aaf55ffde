"""Files of SPSS and Stata, read as numbers without their labels."""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyreadstat

from survey import survey_table
from survey.missing_codes import MISSING_OR_OTHER
from survey.survey_table import NOT_UTF_8, Column, SurveyTable, variable_of

DUPLICATE = re.compile(r"_duplicated\d+$")
"""What pyreadstat adds to a name that stands twice."""
OTHER = float(MISSING_OR_OTHER)
SURVEY_CODES = [f"-{code}{end}" for code in range(1, 6) for end in ("", ".0")]
"""The survey's own missing codes as text; OTHER is the one that gives no reason."""


@dataclass(frozen=True)
class StatisticsFile:
    """A file, the function that reads it, and its encoding; None is the one that the file names."""

    path: Path
    read: Callable[..., Any]
    encoding: str | None = None

    def load(self, **options: Any) -> Any:
        """The table and its metadata, as pyreadstat returns them."""
        with warnings.catch_warnings(action="ignore"):  # of names that stand twice
            return self.read(
                self.path, disable_datetime_conversion=True, encoding=self.encoding, **options
            )


def read_spss_table(path: Path) -> SurveyTable:
    """Read a .sav or .zsav file of SPSS."""
    return _read_table(path, partial(pyreadstat.read_sav, user_missing=True))


def read_stata_table(path: Path) -> SurveyTable:
    """Read a .dta file of Stata."""
    return _read_table(path, partial(pyreadstat.read_dta, user_missing=True))


def _read_table(path: Path, read: Callable[..., Any]) -> SurveyTable:
    """The table of a file; text that is no UTF-8 is read as Windows-1252."""
    file = StatisticsFile(path, read)
    notes: tuple[str, ...] = ()
    try:
        meta = file.load(metadataonly=True)[1]
    except pyreadstat.ReadstatError as error:
        if "invalid byte sequence" not in str(error):
            raise
        file, notes = StatisticsFile(path, read, "WINDOWS-1252"), (NOT_UTF_8,)
        meta = file.load(metadataonly=True)[1]
    header = [variable_of(DUPLICATE.sub("", name or "")) for name in meta.column_names]
    return SurveyTable(tuple(header), partial(_chunks, file, meta), notes)


def _chunks(file: StatisticsFile, meta: Any, places: Sequence[int]) -> Iterator[list[Column]]:
    """The columns at these places, some rows at a time."""
    chosen = [meta.column_names[place] for place in places]
    rows = 0
    while True:
        options = {"row_limit": survey_table.CHUNK_ROWS, "row_offset": rows}
        frame = file.load(usecols=chosen, **options)[0]
        if not len(frame):
            return
        columns = {name: frame[name].to_numpy() for name in chosen}
        yield [_without_missing(column, name, meta) for name, column in columns.items()]
        rows += len(frame)


def _without_missing(column: Column, name: str, meta: Any) -> Column:
    """The column with `OTHER` where a value is tagged or declared as missing."""
    untagged = _without_tags(column, meta.readstat_variable_types[name])
    return _without_declared(untagged, meta.missing_ranges.get(name, ()))


def _without_tags(column: Column, kind: str) -> Column:
    """The column with `OTHER` for Stata's missing values .a to .z, which are read as letters."""
    if kind == "string" or column.dtype.kind != "O":
        return column
    return np.array([OTHER if isinstance(cell, str) else cell for cell in column], float)


def _without_declared(column: Column, declared: Sequence[Mapping[str, Any]]) -> Column:
    """The column with `OTHER` where a value is declared as missing; the survey's own codes stay."""
    missing = np.zeros(len(column), bool)
    for span in declared:
        missing |= _within(column.tolist(), span)
    if not missing.any():
        return column
    own = np.isin(column.astype(str), SURVEY_CODES)
    return np.where(missing & ~own, OTHER if column.dtype.kind == "f" else str(int(OTHER)), column)


def _within(cells: Sequence[Any], span: Mapping[str, Any]) -> Column:
    """Which cells lie between the ends of a span; text is compared with text alone."""
    low, high = span["lo"], span["hi"]
    is_text = isinstance(low, str)
    inside = [isinstance(cell, str) == is_text and low <= cell <= high for cell in cells]
    return np.array(inside, bool)
