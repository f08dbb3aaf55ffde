"""People who stand in a survey file more than once."""

import numpy as np
from numpy.typing import NDArray

TELLING = 50
"""With so many answers, no two people are alike by chance."""


def first_occurrences(codes: NDArray[np.int16]) -> NDArray[np.intp]:
    """For each row (from 0) the first row with the very same codes.

    `codes` has shape (people, items). A row of few answers is its own first occurrence.
    """
    first = np.arange(len(codes))
    seen: dict[bytes, int] = {}
    for row in np.flatnonzero((codes >= 0).sum(axis=1) >= TELLING).tolist():
        first[row] = seen.setdefault(codes[row].tobytes(), row)
    return first
