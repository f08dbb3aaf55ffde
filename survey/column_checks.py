"""Refuses a survey file whose columns are not those of the codebook's wave."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from survey.archive import DataError
from survey.cells import numbers_of
from survey.codebook import Codebook
from survey.survey_table import SurveyTable
from survey.wvs7.context import CONTEXT
from survey.wvs7.other_editions import edition_of

ENOUGH_ITEMS, OF_ITEMS = 200, 290
"""Items that must have a column, of all items of the wave."""


def check_columns(table: SurveyTable, codebook: Codebook) -> None:
    """Raise DataError, one line with the way out, where the file is none of the wave."""
    items = codebook.items
    found = [name for name in table.header if name in items]
    is_partial = len(found) * OF_ITEMS < ENOUGH_ITEMS * len(items)
    _refuse_inverted(table.header, items)
    if is_partial:
        _refuse_other_edition(table)
    if not found:
        _refuse_no_items(list(items))
    _refuse_duplicates(table.header, {*found, *CONTEXT})
    if is_partial:
        raise DataError(
            f"only {len(found)} of {len(items)} items have a column, fewer than "
            f"{ENOUGH_ITEMS} of {OF_ITEMS}: download the whole file of the wave"
        )


def _refuse_inverted(header: Sequence[str], items: Collection[str]) -> None:
    """Refuse the edition in which "Q1P" holds the answers to Q1 with the scale turned round."""
    for name in header:
        item = name[:-1]
        if name.endswith("P") and item in items and item not in header:
            raise DataError(
                f"column {name}: this is the inverted edition, where scales are turned round; "
                "download the edition without 'inverted' in its name"
            )


def _refuse_other_edition(table: SurveyTable) -> None:
    """Refuse a file of another wave or survey that is known by its columns."""
    other = edition_of(table.header, lambda name: _first_number(table, name))
    if other:
        raise DataError(
            f"this is {other}, whose columns are not those of Wave 7: download the file of Wave 7"
        )


def _refuse_no_items(items: Sequence[str]) -> None:
    """Refuse a file without any item."""
    first, second, last = items[0], items[1], items[-1]
    raise DataError(
        f"no item columns: the header must name {first}, {second} ... {last} "
        f"(as '{first}', '{first}: text' or '{first} text'); is the first line the header?"
    )


def _refuse_duplicates(header: Sequence[str], read: Collection[str]) -> None:
    """Refuse a file in which a column that is read stands twice."""
    for name, times in Counter(header).items():
        if times > 1 and name in read:
            raise DataError(f"column {name} stands twice: keep one of the two")


def _first_number(table: SurveyTable, name: str) -> float:
    """The first number in a column; nan where there is none in its first rows."""
    for [column] in table.chunks([table.header.index(name)]):
        numbers = numbers_of(column)[0]
        return float(next(iter(numbers[~np.isnan(numbers)]), np.nan))
    return np.nan
