"""The columns of one survey file, whatever kind of file it is."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

CHUNK_ROWS = 5_000
"""Rows that are read at a time, so that memory stays small."""
NOT_UTF_8 = "The file is not UTF-8; it was read as Windows-1252."
HEADER = re.compile(r"\s*(\w+)(?=$|[\s:]|\.(?!\d))")

Column = NDArray[Any]


@dataclass(frozen=True)
class SurveyTable:
    """The columns of one file.

    `header` holds the variable that each column is for ("Q1" where the file says "q1: text"), ""
    where it names none. `chunks(places)` yields the columns at these places of the header, some
    rows at a time: strings from a text file, numbers or strings from the others, nan where they
    have none.
    """

    header: tuple[str, ...]
    chunks: Callable[[Sequence[int]], Iterator[list[Column]]]
    notes: tuple[str, ...] = ()


def variable_of(header: str) -> str:
    """The variable that a column header names; "" where it names none.

    "Q1" for "Q1", "q1", "Q1: text", "Q1 text" and "Q1. text".
    """
    found = HEADER.match(header)
    return found[1].upper() if found else ""
