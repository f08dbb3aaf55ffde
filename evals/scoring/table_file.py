"""One table file: the columns asked for, by the names in its header, and what their cells mean."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.archive import DataError
from survey.cells import parse_number, texts_of
from survey.files import open_table
from survey.item import Item
from survey.survey_table import Column

Texts = NDArray[np.object_]
RESPONDENT = "RESPONDENT"


@dataclass(frozen=True, eq=False)
class TableFile:
    """A csv, SPSS or Stata file of which some columns were read.

    `columns`: the cells of each column read, by upper-case name, as the file has them; `header`:
    the names of all columns; `rows`: how many lines the file has below the header; `notes`: what
    the reader noticed, a sentence each.
    """

    source: str
    header: tuple[str, ...]
    columns: Mapping[str, Column]
    rows: int
    notes: tuple[str, ...]

    def texts(self, name: str, default: str = "") -> Texts:
        """Return a column as text, shape (rows,).

        `default` stands for an empty cell, and for every cell of a column that the file lacks.
        """
        if name not in self.columns:
            return np.full(self.rows, default, object)
        indices, values = pd.factorize(self.columns[name])
        texts = [_cell_text(value) or default for value in values.tolist()]
        texts.append(default)  # empty cells have the index -1, which is the last
        return np.array(texts, object)[indices]

    def ids(self) -> Texts:
        """Return the respondents' ids, whole numbers without their ".0"; "" for an empty cell."""
        return texts_of(self.columns[RESPONDENT])


def _cell_text(value: object) -> str:
    """A cell as text: a number without trailing zeros, anything else without outer blanks."""
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value).strip()


def read_table_file(path: Path, wanted: Collection[str], known: Collection[str] = ()) -> TableFile:
    """Read the `wanted` columns from a .csv, .sav or .dta file, which may be compressed.

    `known`: further column names by which the reader recognises the delimiter. Raises DataError,
    one line that names the file.
    """
    try:
        with open_table(path, frozenset(wanted) | frozenset(known)) as table:
            names = _names_to_read(table.header, wanted)
            if not names:
                return TableFile(path.name, table.header, {}, 0, table.notes)
            blocks = list(table.chunks(list(map(table.header.index, names))))
    except DataError as error:
        raise DataError(f"{path.name or path}: {error}") from error
    if not blocks:
        raise DataError(f"{path.name}: there is a header but no row")
    cells = map(np.concatenate, zip(*blocks, strict=True))
    columns = dict(zip(names, cells, strict=True))
    return TableFile(path.name, table.header, columns, len(columns[names[0]]), table.notes)


def _names_to_read(header: Sequence[str], wanted: Collection[str]) -> list[str]:
    """The wanted names that a header has, in its order. Raises DataError for one it has twice."""
    names = []
    for name in header:
        if not name or name not in wanted:
            continue
        if header.count(name) > 1:
            raise DataError(f"column {name} stands twice: keep one of the two")
        names.append(name)
    return names


def whole_numbers(column: Column) -> tuple[NDArray[np.int64], Texts]:
    """Read each cell as a whole number from 0; both results have shape (rows,).

    Returns the numbers, -1 where a cell holds none, and the reasons why it holds none: "blank",
    "no number", "negative", "no code"; "" where it does.
    """
    indices, values = pd.factorize(column)
    parsed = list(map(_whole_number, values.tolist()))
    parsed.append((-1, "blank"))  # empty cells have the index -1, which is the last
    numbers, reasons = zip(*parsed, strict=True)
    return np.array(numbers, np.int64)[indices], np.array(reasons, object)[indices]


def _whole_number(raw: object) -> tuple[int, str]:
    """Read one cell, as `whole_numbers` does."""
    try:
        value = parse_number(raw)
    except ValueError:
        return -1, "no number"
    if np.isnan(value):
        return -1, "blank"
    if value < 0:
        return -1, "negative"
    if not value.is_integer() or value >= 2**31:
        return -1, "no code"
    return int(value), ""


def valid_codes(codes: NDArray[np.int64], item: Item) -> NDArray[np.bool_]:
    """Tell which codes are valid answers to an item; any from 0 where it has no options."""
    if not item.options:
        return codes >= 0
    return np.isin(codes, list(item.by_code))
