"""One table file, by the names in its header; and what the cells of such a table hold."""

from collections.abc import Collection, Mapping
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
    """The columns of a file that were asked for, by upper-case name, as they stand there; `header`
    names all.
    """

    source: str
    header: tuple[str, ...]
    columns: Mapping[str, Column]
    rows: int
    notes: tuple[str, ...]

    def texts(self, name: str, otherwise: str = "") -> Texts:
        """A column as text; `otherwise` where a cell is empty, and everywhere where there is no
        such column.
        """
        if name not in self.columns:
            return np.full(self.rows, otherwise, object)
        places, values = pd.factorize(self.columns[name])
        texts = [
            f"{value:.12g}" if isinstance(value, float) else str(value).strip()
            for value in values.tolist()
        ]
        return np.array([*(text or otherwise for text in texts), otherwise], object)[
            places
        ]  # the last is for nan

    def ids(self) -> Texts:
        """The column of respondents, without the ".0" of whole numbers; "" where a cell is
        empty.
        """
        return texts_of(self.columns[RESPONDENT])


def read_table_file(path: Path, wanted: Collection[str], known: Collection[str] = ()) -> TableFile:
    """Read the columns that are wanted from a .csv, .sav or .dta file, also packed.

    `known` are further names, by which the delimiter is told. Raises DataError, one line that names
    the file.
    """
    try:
        with open_table(path, frozenset(wanted) | frozenset(known)) as table:
            named = [name for name in table.header if name]
            twice = next((name for name in named if name in wanted and named.count(name) > 1), None)
            if twice:
                raise DataError(f"column {twice} stands twice: keep one of the two")
            names = [name for name in named if name in wanted]
            if not names:
                return TableFile(path.name, table.header, {}, 0, table.notes)
            blocks = list(table.chunks([table.header.index(name) for name in names]))
    except DataError as error:
        raise DataError(f"{path.name or path}: {error}") from error
    if not blocks:
        raise DataError(f"{path.name}: there is a header but no row")
    columns = {
        name: np.concatenate([block[place] for block in blocks]) for place, name in enumerate(names)
    }
    return TableFile(path.name, table.header, columns, len(columns[names[0]]), table.notes)


def whole_numbers(column: Column) -> tuple[NDArray[np.int64], Texts]:
    """Each cell as a whole number from 0, or -1 and why it is none: blank, no number, negative, no
    code; else "".
    """
    places, values = pd.factorize(column)
    told = [_whole_number(value) for value in values.tolist()] + [
        (-1, "blank")
    ]  # the last is for nan
    numbers, why = zip(*told, strict=True)
    return np.array(numbers, np.int64)[places], np.array(why, object)[places]


def _whole_number(raw: object) -> tuple[int, str]:
    """One cell."""
    try:
        value = parse_number(raw)
    except ValueError:
        return -1, "no number"
    if np.isnan(value):
        return -1, "blank"
    if value < 0:
        return -1, "negative"
    return (int(value), "") if value.is_integer() and value < 2**31 else (-1, "no code")


def valid_codes(codes: NDArray[np.int64], item: Item) -> NDArray[np.bool_]:
    """Which codes are answers to an item."""
    return np.isin(codes, list(item.by_code)) if item.options else codes >= 0
