"""Real answers, one a line, as people with their answers side by side."""

from hashlib import file_digest
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.analysis.resampling import Indices
from evals.scoring.table_file import TableFile, Texts, valid_codes, whole_numbers
from survey.archive import DataError
from survey.codebook import Codebook
from survey.missing_codes import BLANK, NOT_ASKED, UNKNOWN_CODE
from survey.reader_notes import TOLERATED
from survey.respondents import Respondents
from survey.survey_table import variable_of

ITEM = "ITEM"
ANSWERS = ("TRUTH", "ANSWER", "CODE")


def read_long_answers(
    path: Path, sheet: TableFile, codebook: Codebook
) -> tuple[Respondents, Texts, Indices]:
    """The people in the order in which they first appear, their ids, and the place of whom each
    line is about.

    Raises DataError, one line.
    """
    answer = next((name for name in ANSWERS if name in sheet.columns), None)
    if answer is None:
        raise DataError(
            f"{sheet.source}: beside respondent and item there is no column truth, answer or code"
        )
    ids = sheet.ids()
    if "" in ids:
        raise DataError(f"{sheet.source}: row {int(np.argmax(ids == '')) + 1} names no respondent")
    person, order = pd.factorize(ids)
    items, column, notes = items_of_lines(sheet, codebook)
    codes, lacking = _codes(sheet, answer, column, items, codebook)
    matrix = np.full((len(order), len(items)), NOT_ASKED, np.int16)
    asked = column >= 0
    matrix[person[asked], column[asked]] = codes[asked]
    other = asked & (matrix[person, column] != codes)
    if other.any():
        line = int(np.argmax(other))
        raise DataError(
            f"{sheet.source}: respondent {ids[line]}, item {items[column[line]]} has two different "
            f"answers"
        )
    matrix.setflags(write=False)
    with path.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    context = pd.DataFrame({"country": np.full(len(order), "", object)})
    notes = (*sheet.notes, *notes, *describe_unknown_codes(lacking))
    return (
        Respondents(matrix, items, context, notes, sheet.source, sha256),
        np.asarray(order, object),
        person,
    )


def items_of_lines(
    sheet: TableFile, codebook: Codebook
) -> tuple[tuple[str, ...], Indices, tuple[str, ...]]:
    """The items that lines are about, as far as they can be shown; the place of each line's among
    them, or -1.

    Also says which others there are. Raises DataError where no line is about an item.
    """
    names = {name.upper(): name for name, item in codebook.items.items() if item.shown}
    line, given = pd.factorize(sheet.texts(ITEM))
    meant = [names.get(variable_of(str(name)), "") for name in given]
    items = tuple(name for name in names.values() if name in meant)
    if not items:
        raise DataError(
            f"{sheet.source}: no line is about an item, such as {next(iter(names.values()))}"
        )
    others = [str(name) for name, to in zip(given, meant, strict=True) if not to]
    notes = (
        (f"Items that the codebook lacks or that nobody is asked: {', '.join(others[:8])}.",)
        if others
        else ()
    )
    return items, np.array([items.index(name) if name else -1 for name in meant])[line], notes


def describe_unknown_codes(cells: int) -> tuple[str, ...]:
    """Say how many codes are no option of their item."""
    return (f"Codes that are no option count as missing: {cells} cells.",) if cells else ()


def _codes(
    sheet: TableFile, answer: str, column: Indices, items: tuple[str, ...], codebook: Codebook
) -> tuple[NDArray[np.int64], int]:
    """The code of each line, negative where it is missing, and how many are no option of their
    item.
    """
    numbers, why = whole_numbers(sheet.columns[answer])
    asked = column >= 0
    for row in np.flatnonzero(asked & (why == "no number"))[:1]:
        raise DataError(
            f"{sheet.source}: row {row + 1} holds {str(sheet.columns[answer][row])[:40]!r}, which "
            f"is no code"
        )
    wrong = asked & (why == "no code")
    for place, name in enumerate(items):
        lines = np.flatnonzero((column == place) & (why == ""))
        wrong[lines] = ~valid_codes(numbers[lines], codebook.items[name])
    if wrong.sum() > TOLERATED * asked.sum():
        raise DataError(
            f"{sheet.source}: {wrong.sum()} of {asked.sum()} answers hold codes that are no option"
        )
    numbers[numbers < 0] = BLANK
    numbers[wrong] = UNKNOWN_CODE
    return numbers, int(wrong.sum())
