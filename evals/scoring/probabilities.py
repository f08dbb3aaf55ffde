"""Predicted probabilities: a JSON object a cell, with a number for each code."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.scoring.table_file import TableFile, Texts
from survey.archive import DataError
from survey.cells import parse_number

PROBABILITIES = "PROBABILITIES"
EXACT = 1e-9
"""Numbers whose sum is this close to 1 are taken as they are, and not divided by their sum."""
TOLERANCE = 0.01
"""How far the sum of the numbers may be from 1."""


def read_probabilities(table: TableFile) -> tuple[Texts, NDArray[np.int64]]:
    """Read the probabilities of each line, and their mode; both results have shape (rows,).

    Probabilities are a mapping from code to share that adds up to 1, None for an empty cell. The
    mode is -1 where there are none, or where several codes are most probable. Raises DataError,
    which names the row, for a cell that holds no distribution.
    """
    indices, texts = pd.factorize(table.texts(PROBABILITIES))
    distributions: list[Mapping[int, float] | None] = []
    modes = []
    for number, text in enumerate(texts):
        try:
            distribution = _read_distribution(str(text)) if text else None
        except (ValueError, AttributeError):
            row = int(np.argmax(indices == number)) + 1
            raise DataError(
                f"{table.source}: row {row}: probabilities {str(text)[:40]!r}: JSON is wanted, "
                'a number for each code, adding up to 1, such as {"1": 0.25, "2": 0.75}'
            ) from None
        distributions.append(distribution)
        modes.append(_mode(distribution) if distribution else -1)
    by_text = np.array([*distributions, None], object)
    return by_text[indices], np.array([*modes, -1], np.int64)[indices]


def _read_distribution(text: str) -> Mapping[int, float]:
    """Read one distribution. Raises ValueError or AttributeError for anything else."""
    numbers = {parse_number(code): float(share) for code, share in json.loads(text).items()}
    total = sum(numbers.values())
    adds_up = abs(total - 1) <= TOLERANCE  # not so for nan
    if not adds_up or min(numbers.values()) < 0 or not all(map(float.is_integer, numbers)):
        raise ValueError(text)
    if abs(total - 1) <= EXACT:
        total = 1.0  # so that predictions which a run wrote score as they do in that run
    return {int(code): share / total for code, share in numbers.items()}


def _mode(shares: Mapping[int, float]) -> int:
    """The most probable code; -1 where there are several."""
    top = max(shares.values())
    most = [code for code, share in shares.items() if share == top]
    return most[0] if len(most) == 1 else -1
