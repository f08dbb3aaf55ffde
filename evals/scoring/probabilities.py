"""Predicted distributions, in JSON: a number for each code."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.scoring.table_file import TableFile, Texts
from survey.archive import DataError
from survey.cells import parse_number

SHARES = "PROBABILITIES"
EXACT = 1e-9
"""How far they may be from it and still be taken as they stand."""
WHOLE = 0.01
"""How far the numbers may be from adding up to 1."""


def read_probabilities(sheet: TableFile) -> tuple[Texts, NDArray[np.int64]]:
    """The distribution of each line, adding up to 1, or None; and its mode, -1 where several codes
    are most probable.

    Raises DataError, naming the row, for what is no distribution.
    """
    place, texts = pd.factorize(sheet.texts(SHARES))
    found: list[Mapping[int, float] | None] = []
    for at, text in enumerate(texts):
        try:
            found.append(_read(str(text)) if text else None)
        except (ValueError, AttributeError):
            row = int(np.argmax(place == at)) + 1
            raise DataError(
                f"{sheet.source}: row {row}: probabilities {str(text)[:40]!r}: JSON is wanted, a "
                f"number for each code, "
                'adding up to 1, such as {"1": 0.25, "2": 0.75}'
            ) from None
    modes = [_mode(each) if each else -1 for each in found]
    return np.array([*found, None], object)[place], np.array([*modes, -1], np.int64)[place]


def _read(text: str) -> Mapping[int, float]:
    """One distribution. Raises ValueError or AttributeError for anything else."""
    numbers = {parse_number(code): float(share) for code, share in json.loads(text).items()}
    total = sum(numbers.values())
    if (
        not abs(total - 1) <= WHOLE
        or min(numbers.values()) < 0
        or not all(code.is_integer() for code in numbers)
    ):
        raise ValueError(text)
    if abs(total - 1) <= EXACT:
        total = 1.0  # as they stand: what a run wrote comes to the run's own figures
    return {int(code): share / total for code, share in numbers.items()}


def _mode(shares: Mapping[int, float]) -> int:
    """The most probable code; -1 where there are several."""
    top = max(shares.values())
    most = [code for code, share in shares.items() if share == top]
    return most[0] if len(most) == 1 else -1
