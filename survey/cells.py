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


def codes_of(column: NDArray[Any], item: Item, done: int) -> NDArray[np.int16]:
    """The codes of one item in some rows, missing codes among them, `done` rows of the file coming
    before.

    Raises DataError naming column and row for what is no whole number.
    """
    places, values = _distinct(column)
    codes = [BLANK] * (len(values) + 1)  # the last is for the place -1, which stands for nan
    for place, raw in enumerate(values):
        try:
            codes[place] = _code(parse_number(raw), item)
        except ValueError as error:
            row = done + 1 + int(np.argmax(places == place))
            raise DataError(f"column {item.id}, row {row} holds {_short(raw)}, {error}") from None
    return np.array(codes, np.int16)[places]


def numbers_of(column: NDArray[Any]) -> tuple[NDArray[np.float64], int]:
    """The column as numbers from 0, nan where there is none, and how many cells hold something else
    instead.
    """
    places, values = _distinct(column)
    numbers, other = np.full(len(values) + 1, math.nan), np.zeros(len(values) + 1, bool)
    for place, raw in enumerate(values):
        try:
            value = parse_number(raw)
            numbers[place] = value if value >= 0 else math.nan
        except ValueError:
            other[place] = True
    return numbers[places], int(other[places].sum())


def texts_of(column: NDArray[Any], tidy: Callable[[str], str] = str) -> NDArray[np.object_]:
    """The column as text, without the ".0" of a whole number; "" where it is empty or holds a
    missing code.
    """
    places, values = _distinct(column)
    texts = []
    for raw in values:
        text = f"{raw:.12g}" if isinstance(raw, float) else str(raw).strip()
        whole = re.sub(r"(?<=\d)[.,]0*$", "", text)
        texts.append("" if text.upper() in EMPTY or re.fullmatch(r"-\d+", whole) else tidy(whole))
    return np.array([*texts, ""], object)[places]


def parse_number(raw: object) -> float:
    """The number in a cell, with a decimal point or comma; nan where the cell is empty. Raises
    ValueError for text.
    """
    if isinstance(raw, int | float):
        return float(raw)
    text = str(raw).strip()
    if text.upper() in EMPTY:
        return math.nan
    if not NUMBER.fullmatch(text):
        raise ValueError(
            "which is no code: download the edition with numeric codes instead of labels"
        )
    return float(text.replace(",", "."))


def _code(value: float, item: Item) -> int:
    """The code that a number stands for; ValueError where it is not whole."""
    if math.isnan(value):
        return BLANK
    if not value.is_integer():
        raise ValueError("which is not whole as a code is: download the original file")
    code = int(value)
    return code if code in KEPT or (code <= LARGEST and item.valid(code)) else UNKNOWN_CODE


def _distinct(column: NDArray[Any]) -> tuple[NDArray[np.intp], list[Any]]:
    """Each cell's place among the distinct values, in order of appearance, and these; place -1
    where nan stands.
    """
    places, values = pd.factorize(column)
    return places, values.tolist()


def _short(raw: object, most: int = 40) -> str:
    """A cell for a message: on one line, not too long."""
    text = " ".join(str(raw).split())
    return repr(text if len(text) <= most else text[: most - 3] + "...")
