"""Reads real answers from a long file: one answer a line, with columns respondent and item."""

from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.scoring.table_file import TableFile, Texts, valid_codes, whole_numbers
from survey.archive import DataError
from survey.codebook import Codebook
from survey.missing_codes import BLANK, NOT_ASKED, UNKNOWN_CODE
from survey.reader_notes import TOLERATED
from survey.respondents import Respondents
from survey.survey_table import variable_of

ITEM = "ITEM"
ANSWER_NAMES = ("TRUTH", "ANSWER", "CODE")
"""The column of answers; the first of these that a file has."""


def read_long_answers(
    path: Path, table: TableFile, codebook: Codebook
) -> tuple[Respondents, Texts, NDArray[np.int64]]:
    """Read people from a file with one answer a line.

    Returns the people, in the order in which the file first names them; their ids, shape (people,);
    and the index of each line's person, shape (rows,). Raises DataError, one line.
    """
    column = next((name for name in ANSWER_NAMES if name in table.columns), None)
    if column is None:
        raise DataError(
            f"{table.source}: beside respondent and item there is no column truth, answer or code"
        )
    ids = table.ids()
    if "" in ids:
        raise DataError(f"{table.source}: row {int(np.argmax(ids == '')) + 1} names no respondent")
    person, order = pd.factorize(ids)
    items, item, notes = items_of_lines(table, codebook)
    codes, unknown = _read_codes(table, column, item, items, codebook)
    matrix = np.full((len(order), len(items)), NOT_ASKED, np.int16)
    asked = item >= 0
    matrix[person[asked], item[asked]] = codes[asked]
    differs = asked & (matrix[person, item] != codes)
    if differs.any():
        line = int(np.argmax(differs))
        raise DataError(
            f"{table.source}: respondent {ids[line]}, item {items[item[line]]} has two different "
            f"answers"
        )
    matrix.setflags(write=False)
    notes = (*table.notes, *notes, *describe_unknown_codes(unknown))
    context = pd.DataFrame({"country": np.full(len(order), "", object)})
    people = Respondents(matrix, items, context, notes, table.source, _sha256(path), codebook)
    return people, np.asarray(order, object), person


def _sha256(path: Path) -> str:
    """The hash of a file. Raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def items_of_lines(
    table: TableFile, codebook: Codebook
) -> tuple[tuple[str, ...], NDArray[np.int64], tuple[str, ...]]:
    """Find which item each line is about.

    Returns the items that can be shown to people, in the codebook's order; the index of each line's
    item among them, shape (rows,), -1 for any other; and a note that names the others. Raises
    DataError where no line is about an item.
    """
    known = {name.upper(): name for name, item in codebook.items.items() if item.shown}
    indices, given = pd.factorize(table.texts(ITEM))
    meant = [known.get(variable_of(str(name)), "") for name in given]
    items = tuple(name for name in known.values() if name in meant)
    if not items:
        raise DataError(
            f"{table.source}: no line is about an item, such as {next(iter(known.values()))}"
        )
    column = {name: number for number, name in enumerate(items)}
    columns, others = [], []
    for name, item in zip(given, meant, strict=True):
        columns.append(column.get(item, -1))
        if not item:
            others.append(str(name))
    notes = []
    if others:
        named = ", ".join(others[:8])
        notes.append(f"Items that the codebook lacks or that nobody is asked: {named}.")
    return items, np.array(columns)[indices], tuple(notes)


def describe_unknown_codes(cells: int) -> tuple[str, ...]:
    """Say how many codes are no option of their item; nothing where there are none."""
    if not cells:
        return ()
    return (f"Codes that are no option count as missing: {cells} cells.",)


def _read_codes(
    table: TableFile, column: str, item: NDArray[np.int64], items: Sequence[str], codebook: Codebook
) -> tuple[NDArray[np.int64], int]:
    """Read the code of each line, shape (rows,), negative where it is missing.

    Also returns how many codes are no option of their item. Raises DataError for text, and where
    too many codes are unknown.
    """
    numbers, why = whole_numbers(table.columns[column])
    asked = item >= 0
    for row in np.flatnonzero(asked & (why == "no number"))[:1]:
        raise DataError(
            f"{table.source}: row {row + 1} holds {str(table.columns[column][row])[:40]!r}, which "
            f"is no code"
        )
    wrong = asked & (why == "no code")
    for number, name in enumerate(items):
        lines = np.flatnonzero((item == number) & (why == ""))
        wrong[lines] = ~valid_codes(numbers[lines], codebook.items[name])
    if wrong.sum() > TOLERATED * asked.sum():
        raise DataError(
            f"{table.source}: {wrong.sum()} of {asked.sum()} answers hold codes that are no option"
        )
    numbers[numbers < 0] = BLANK
    numbers[wrong] = UNKNOWN_CODE
    return numbers, int(wrong.sum())
