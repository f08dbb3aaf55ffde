"""One wave of survey answers: who said what, as codes, and why an answer is missing."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.archive import DataError
from survey.cells import codes_of, numbers_of
from survey.codebook import Codebook
from survey.files import Column, SurveyTable, open_table
from survey.missing_codes import MISSING_REASONS, UNKNOWN_CODE
from survey.wvs7.context import CONTEXT, context_of
from survey.wvs7.other_editions import edition

__all__ = ["DataError", "Respondents", "read_survey"]

NOT_ASKED = -4
ENOUGH, OF = 200, 290  # items that a file must have, of all items of the wave
TOLERATED = 0.05  # share of unknown codes among the cells of scorable items
TELLING = 50  # answers with which nobody is like another by chance


@dataclass(frozen=True, eq=False)
class Respondents:
    """The people of one wave, in the order of the file.

    `codes`, int16 of shape (people, items): the code of a valid option, or a missing code
    (negative). `items`: the ids of its columns, in the order of the questionnaire, without lists of
    a country's own. `context`: one row a person. Always `country` (ISO alpha-3, "" if unknown).
    Where the file has them `year`, `weight`, `sex` (code of Q260), `age` (years) and `urban` (1 or
    0), all float with nan where missing, and `language` and `interview`, text with "" where
    missing. `notes`: what the reader noticed, a sentence each. `source`: name of the file.
    `sha256`: of the file on disk.
    """

    codes: NDArray[np.int16]
    items: tuple[str, ...]
    context: pd.DataFrame
    notes: tuple[str, ...]
    source: str
    sha256: str

    def __len__(self) -> int:
        """How many people there are."""
        return len(self.codes)

    def answers(self, row: int) -> dict[str, int]:
        """What the respondent in this row (from 1) answered: option code by item, missing answers
        left out.

        Raises IndexError for a row that the file does not have.
        """
        codes = self.codes[self._place(row)].tolist()
        return {item: code for item, code in zip(self.items, codes, strict=True) if code >= 0}

    def reason(self, row: int, item: str) -> str | None:
        """Why the answer of the respondent in this row (from 1) is missing; None where there is
        one.

        Raises IndexError for a row that the file does not have, KeyError for an item that is not in
        `items`.
        """
        return MISSING_REASONS.get(int(self.codes[self._place(row), self._columns[item]]))

    def country(self, row: int) -> str:
        """The country of the respondent in this row (from 1), ISO alpha-3, "" if unknown;
        IndexError as above.
        """
        return str(self.context["country"].iloc[self._place(row)])

    def others(self, rows: Collection[int]) -> "Respondents":
        """Everybody but the respondents in these rows (from 1), in the order of the file;
        IndexError as above.

        Whoever is written twice in the file is left out wherever they stand.
        """
        keep = ~np.isin(self._same, self._same[[self._place(row) for row in rows]])
        return replace(self, codes=self.codes[keep], context=self.context[keep])

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return {item: column for column, item in enumerate(self.items)}

    @cached_property
    def _same(self) -> NDArray[np.intp]:
        """For each person the place of the first row with the very same answers; their own where
        these are few.
        """
        return same_people(self.codes)

    def _place(self, row: int) -> int:
        if not 1 <= row <= len(self):
            raise IndexError(f"row {row}: {self.source} has rows 1 to {len(self)}")
        return row - 1


def read_survey(path: Path, codebook: Codebook) -> Respondents:
    """Read one wave from a .csv, .sav or .dta file, also inside .zip or .gz.

    A code that the codebook lacks becomes `UNKNOWN_CODE`, an empty cell `BLANK`; an item without a
    column counts as not asked there. Raises DataError, one line that says what is wrong, where, and
    the way out.
    """
    items = tuple(item.id for item in codebook.items.values() if item.shown)
    try:
        with open_table(path, frozenset(codebook.items) | frozenset(CONTEXT)) as table:
            _check(table, codebook)
            codes, raw = _gather(table, items, codebook)
        answers = {
            item: codes[:, column] for column, item in enumerate(items) if item in table.header
        }
        notes = [
            *table.notes,
            *_absent(table.header, codebook),
            *_unknown(answers, codebook),
            *_silent(codes),
            *_twice(codes),
        ]
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except DataError as error:
        raise DataError(f"{path.name or path}: {error}") from error
    context, remarks = context_of(raw, answers, len(codes), codebook)
    codes.setflags(write=False)
    return Respondents(codes, items, context, (*notes, *remarks), path.name, sha256)


def _gather(
    table: SurveyTable, items: Sequence[str], codebook: Codebook
) -> tuple[NDArray[np.int16], dict[str, NDArray[np.object_]]]:
    """All codes, and the cells of the context columns by name."""
    places = {name: place for place, name in enumerate(table.header) if name in {*items, *CONTEXT}}
    blocks: list[NDArray[np.int16]] = []
    raw: dict[str, list[Column]] = {name: [] for name in CONTEXT if name in places}
    done = 0
    for columns in table.chunks(list(places.values())):
        cells = dict(zip(places, columns, strict=True))
        block = np.full((len(columns[0]), len(items)), NOT_ASKED, np.int16)
        for column, item in enumerate(items):
            if item in cells:
                block[:, column] = codes_of(cells[item], codebook.items[item], done)
        blocks.append(block)
        for name, parts in raw.items():
            parts.append(cells[name].copy())  # a view would keep the whole block of columns
        done += len(block)
    if not blocks:
        raise DataError("there is a header but no row: download the file again")
    return np.concatenate(blocks), {name: np.concatenate(parts) for name, parts in raw.items()}


def _check(table: SurveyTable, codebook: Codebook) -> None:
    """Refuse columns that are not those of the wave."""
    header = table.header
    every = list(codebook.items)
    found = [name for name in header if name in codebook.items]
    turned = [
        name
        for name in header
        if name[-1:] == "P" and name[:-1] in codebook.items and name[:-1] not in header
    ]
    if turned:
        raise DataError(
            f"column {turned[0]}: this is the inverted edition, where scales are turned round; "
            "download the edition without 'inverted' in its name"
        )
    few = len(found) * OF < ENOUGH * len(every)
    if few and (other := edition(header, lambda name: _first(table, name))):
        raise DataError(
            f"this is {other}, whose columns are not those of Wave 7: download the file of Wave 7"
        )
    if not found:
        raise DataError(
            f"no item columns: the header must name {every[0]}, {every[1]} ... {every[-1]} "
            f"(as '{every[0]}', '{every[0]}: text' or '{every[0]} text'); is the first line the "
            f"header?"
        )
    twice = [
        name
        for name, times in Counter(header).items()
        if times > 1 and (name in found or name in CONTEXT)
    ]
    if twice:
        raise DataError(f"column {twice[0]} stands twice: keep one of the two")
    if few:
        raise DataError(
            f"only {len(found)} of {len(every)} items have a column, fewer than {ENOUGH} of {OF}: "
            "download the whole file of the wave"
        )


def _first(table: SurveyTable, name: str) -> float:
    """The first number in a column; nan where there is none in its first rows."""
    for [column] in table.chunks([table.header.index(name)]):
        numbers = numbers_of(column)[0]
        return float(next(iter(numbers[~np.isnan(numbers)]), np.nan))
    return np.nan


def _absent(header: Sequence[str], codebook: Codebook, most: int = 12) -> list[str]:
    """Say which items have no column."""
    absent = [item for item in codebook.items if item not in header]
    listed = ", ".join(absent[:most]) + (
        f" and {len(absent) - most} more" if len(absent) > most else ""
    )
    count = f"{len(absent)} of {len(codebook.items)}"
    return (
        [f"Items without a column count as not asked there ({count}): {listed}."] if absent else []
    )


def _unknown(
    answers: Mapping[str, NDArray[np.int16]], codebook: Codebook, most: int = 5
) -> list[str]:
    """Say where codes are that the codebook lacks; refuse the file where they are too many."""
    counts = Counter({item: int((codes == UNKNOWN_CODE).sum()) for item, codes in answers.items()})
    worst = ", ".join(f"{item} ({count})" for item, count in counts.most_common(most) if count)
    scorable = [item for item in answers if codebook.items[item].scorable]
    cells = sum(len(answers[item]) for item in scorable)
    unknown = sum(counts[item] for item in scorable)
    if unknown > TOLERATED * cells:
        raise DataError(
            f"{unknown / cells:.1%} of the cells of scorable items hold codes that the codebook "
            f"lacks, most in "
            f"{worst}: is this the wave of the codebook, with its original codes?"
        )
    if not worst:
        return []
    return [
        f"Codes that the codebook lacks count as missing: {counts.total()} cells, most in {worst}."
    ]


def same_people(codes: NDArray[np.int16]) -> NDArray[np.intp]:
    """For each row the place of the first with the very same codes; its own where it holds few
    answers.
    """
    places = np.arange(len(codes))
    seen: dict[bytes, int] = {}
    for place in np.flatnonzero((codes >= 0).sum(axis=1) >= TELLING).tolist():
        places[place] = seen.setdefault(codes[place].tobytes(), place)
    return places


def _twice(codes: NDArray[np.int16]) -> list[str]:
    """Say how many rows repeat a person."""
    repeated = np.flatnonzero(same_people(codes) != np.arange(len(codes)))
    if not repeated.size:
        return []
    return [
        f"Rows that repeat another person's answers, all of them: {repeated.size}, the first is "
        f"row {repeated[0] + 1}; "
        "references never learn from a copy of a person who is scored."
    ]


def _silent(codes: NDArray[np.int16]) -> list[str]:
    """Say how many people answered nothing."""
    silent = np.flatnonzero((codes < 0).all(axis=1))
    return (
        [f"Rows without any answer: {len(silent)}, the first is row {silent[0] + 1}."]
        if silent.size
        else []
    )
