"""One wave of survey answers: who gave which answer, as codes, and why an answer is missing."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.archive import DataError
from survey.cells import codes_of, texts_of
from survey.codebook import Codebook, wvs7
from survey.column_checks import check_columns
from survey.duplicates import first_occurrences
from survey.files import open_table
from survey.missing_codes import MISSING_REASONS, NOT_ASKED
from survey.reader_notes import (
    note_absent_items,
    note_duplicates,
    note_silent_rows,
    note_unknown_codes,
)
from survey.survey_table import Column, SurveyTable
from survey.wvs7.context import CONTEXT, context_of

__all__ = ["DataError", "Respondents", "read_survey"]


@dataclass(frozen=True, eq=False)
class Respondents:
    """The people of one wave, in the order of the file.

    `codes`, int16 of shape (people, items): the code of a valid option, or a missing code
    (negative). `items`: the ids of its columns, in the order of the questionnaire, without lists of
    a country's own. `context`: one row a person. Always `country` (ISO alpha-3, "" if unknown).
    Where the file has them `year`, `weight`, `sex` (1 a man, 2 a woman), `age` (years) and `urban`
    (1 or 0), all float with nan where missing, and `language` and `interview`, text with "" where
    missing. `notes`: what the reader noticed, a sentence each. `source`: name of the file.
    `sha256`: of the file on disk. `codebook`: that of the survey. `retest`:
    what the same people answered when they were asked again, coded as `codes`; None where they were
    asked once.
    """

    codes: NDArray[np.int16]
    items: tuple[str, ...]
    context: pd.DataFrame
    notes: tuple[str, ...]
    source: str
    sha256: str
    codebook: Codebook = field(default_factory=wvs7, repr=False)
    retest: NDArray[np.int16] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """How many people there are."""
        return len(self.codes)

    def answers(self, row: int) -> dict[str, int]:
        """What the respondent in this row (from 1) answered: option code by item, none if missing.

        Raises IndexError for a row that the file does not have.
        """
        codes = self.codes[self._index(row)].tolist()
        return {item: code for item, code in zip(self.items, codes, strict=True) if code >= 0}

    def reason(self, row: int, item: str) -> str | None:
        """Why the answer in this row (from 1) is missing; None where there is an answer.

        Raises IndexError for a row that the file does not have, KeyError for an item that is not in
        `items`.
        """
        return MISSING_REASONS.get(int(self.codes[self._index(row), self._columns[item]]))

    def country(self, row: int) -> str:
        """The country of the respondent in this row (from 1): ISO alpha-3, "" if unknown.

        Raises IndexError for a row that the file does not have.
        """
        return str(self.context["country"].iloc[self._index(row)])

    @cached_property
    def several_countries(self) -> bool:
        """Whether they are from more than one country."""
        return len(set(self.context["country"]) - {""}) > 1

    def others(self, rows: Collection[int]) -> "Respondents":
        """Everybody but the respondents in these rows (from 1), in the order of the file.

        Whoever stands twice in the file is left out at both places. Raises IndexError for a row
        that the file does not have.
        """
        left_out = self._first[[self._index(row) for row in rows]]
        keep = ~np.isin(self._first, left_out)
        retest = None if self.retest is None else self.retest[keep]
        return replace(self, codes=self.codes[keep], context=self.context[keep], retest=retest)

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        """The column of each item."""
        return {item: column for column, item in enumerate(self.items)}

    @cached_property
    def _first(self) -> NDArray[np.intp]:
        """For each person the first row (from 0) with the very same answers."""
        return first_occurrences(self.codes)

    def _index(self, row: int) -> int:
        """The place in the arrays, from 0, of a row from 1."""
        if not 1 <= row <= len(self):
            raise IndexError(f"row {row}: {self.source} has rows 1 to {len(self)}")
        return row - 1


def read_survey(
    path: Path | str, codebook: Codebook | None = None, more: Collection[str] = ()
) -> Respondents:
    """Read one wave from a .csv, .sav or .dta file, also inside .zip or .gz.

    A code that the codebook lacks becomes `UNKNOWN_CODE`, an empty cell `BLANK`; an item without a
    column counts as not asked there. Without a codebook it is that of World Values Survey Wave 7.
    `more` columns that the file has come into the context as text, under their names in capitals.
    Raises DataError, one line that says what is wrong, where, and the way out.
    """
    path, codebook = Path(path), codebook or wvs7()
    items = tuple(item.id for item in codebook.items.values() if item.shown)
    more = sorted({name.upper() for name in more} - {*items})
    try:
        with open_table(path, frozenset(codebook.items) | frozenset(CONTEXT)) as table:
            check_columns(table, codebook)
            codes, context_cells = read_code_columns(table, items, codebook, more)
        answers = {
            item: codes[:, column] for column, item in enumerate(items) if item in table.header
        }
        notes = [
            *table.notes,
            *note_absent_items(table.header, codebook),
            *note_unknown_codes(answers, codebook),
            *note_silent_rows(codes),
            *note_duplicates(codes),
        ]
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except DataError as error:
        raise DataError(f"{path.name or path}: {error}") from None
    context, context_notes = context_of(context_cells, answers, len(codes), codebook)
    for name in filter(context_cells.__contains__, more):
        context[name] = texts_of(context_cells[name])
    codes.setflags(write=False)
    return Respondents(codes, items, context, (*notes, *context_notes), path.name, sha256, codebook)


def read_code_columns(
    table: SurveyTable, items: Sequence[str], codebook: Codebook, more: Collection[str] = ()
) -> tuple[NDArray[np.int16], dict[str, Column]]:
    """All codes, shape (people, items), and the cells of context and `more` columns by name."""
    read = {*items, *CONTEXT, *more}
    places = {name: place for place, name in enumerate(table.header) if name in read}
    blocks: list[NDArray[np.int16]] = []
    context: dict[str, list[Column]] = {
        name: [] for name in (*CONTEXT, *more) if name in places and name not in items
    }
    rows_before = 0
    for columns in table.chunks(list(places.values())):
        cells = dict(zip(places, columns, strict=True))
        block = np.full((len(columns[0]), len(items)), NOT_ASKED, np.int16)
        for column, item in enumerate(items):
            if item in cells:
                block[:, column] = codes_of(cells[item], codebook.items[item], rows_before)
        blocks.append(block)
        for name, parts in context.items():
            parts.append(cells[name].copy())  # a view would keep the whole block of columns
        rows_before += len(block)
    if not blocks:
        raise DataError("there is a header but no row: download the file again")
    return np.concatenate(blocks), {name: np.concatenate(parts) for name, parts in context.items()}
