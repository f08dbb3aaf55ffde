"""The cells of a survey file as codes, numbers and text, however a program wrote them."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.archive import DataError
from survey.item import Item
from survey.missing_codes import BLANK, MISSING_REASONS, UNKNOWN_CODE

EMPTY = {"", ".", "NA", "NAN"}
NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
KEPT = MISSING_REASONS.keys() - {BLANK, UNKNOWN_CODE}
LARGEST = np.iinfo(np.int16).max
LONGEST_SHOWN = 40
"""Characters of a cell that a message shows."""


def codes_of(column: NDArray[Any], item: Item, rows_before: int) -> NDArray[np.int16]:
    """The codes of one item in some rows of the file, missing codes among them.

    `rows_before`: how many rows of the file come before these. Raises DataError naming column and
    row for what is no whole number.
    """
    places, values = _distinct(column)
    codes = [BLANK] * (len(values) + 1)  # the last is for the place -1, which stands for nan
    for place, cell in enumerate(values):
        try:
            codes[place] = _code(parse_number(cell), item)
        except ValueError as error:
            row = rows_before + 1 + int(np.argmax(places == place))
            raise DataError(f"column {item.id}, row {row} holds {_short(cell)}, {error}") from None
    return np.array(codes, np.int16)[places]


def numbers_of(column: NDArray[Any]) -> tuple[NDArray[np.float64], int]:
    """The column as numbers from 0, nan where a cell holds none, and how many cells hold text."""
    places, values = _distinct(column)
    numbers = np.full(len(values) + 1, math.nan)
    other = np.zeros(len(values) + 1, bool)
    for place, cell in enumerate(values):
        try:
            value = parse_number(cell)
            numbers[place] = value if value >= 0 else math.nan
        except ValueError:
            other[place] = True
    return numbers[places], int(other[places].sum())


def texts_of(column: NDArray[Any], tidy: Callable[[str], str] = str) -> NDArray[np.object_]:
    """The column as text, each text made tidy; "" where a cell is empty or holds a missing code."""
    places, values = _distinct(column)
    texts = [_text(cell) for cell in values]
    tidied = [tidy(text) if text else "" for text in texts]
    return np.array([*tidied, ""], object)[places]


def parse_number(cell: object) -> float:
    """The number in a cell, with a decimal point or comma; nan where the cell is empty.

    Raises ValueError for text.
    """
    if isinstance(cell, int | float):
        return float(cell)
    text = str(cell).strip()
    if text.upper() in EMPTY:
        return math.nan
    if not NUMBER.fullmatch(text):
        raise ValueError(
            "which is no code: download the edition with numeric codes instead of labels"
        )
    return float(text.replace(",", "."))


def _text(cell: object) -> str:
    """A cell as text, without the ".0" of a whole number; "" for a missing code."""
    text = f"{cell:.12g}" if isinstance(cell, float) else str(cell).strip()
    whole = re.sub(r"(?<=\d)[.,]0*$", "", text)
    is_missing = text.upper() in EMPTY or re.fullmatch(r"-\d+", whole)
    return "" if is_missing else whole


def _code(value: float, item: Item) -> int:
    """The code that a number stands for; ValueError where it is not whole."""
    if math.isnan(value):
        return BLANK
    if not value.is_integer():
        raise ValueError("which is not whole as a code is: download the original file")
    code = int(value)
    is_known = code in KEPT or (code <= LARGEST and item.valid(code))
    return code if is_known else UNKNOWN_CODE


def _distinct(column: NDArray[Any]) -> tuple[NDArray[np.intp], list[Any]]:
    """Each cell's place among the distinct values, and these in order of appearance.

    The place of nan is -1.
    """
    places, values = pd.factorize(column)
    return places, values.tolist()


def _short(cell: object) -> str:
    """A cell for a message: on one line, not too long."""
    text = " ".join(str(cell).split())
    if len(text) > LONGEST_SHOWN:
        text = text[: LONGEST_SHOWN - 3] + "..."
    return repr(text)
