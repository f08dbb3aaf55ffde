"""Rows of people who never lived, with a truth and what a method makes of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baselines.answer_frame import answer_frame
from baselines.method import Row
from evals.analysis.frame import score_frame
from survey.codebook import wvs7

BOOK = wvs7()
ORDINAL = [item.id for item in BOOK.items.values() if item.scorable and item.kind == "ordinal" and item.id != "Q111"]
FOUR = [name for name in ORDINAL if sorted(BOOK.items[name].ranks.items()) == [(1, 1), (2, 2), (3, 3), (4, 4)]]
"""Items with codes 1 to 4 in semantic order, and none off the scale."""

Said = int | Mapping[int, float] | None


def row(
    respondent: int,
    item: str,
    truth: int | None,
    said: Said,
    *,
    method: tuple[str, str, str] = ("offline", "valuesim", "full"),
    country: str = "AND",
    error: str = "",
) -> Row:
    """One row; `said` is a code, shares by code, or None for a reply that was not read."""
    shares = dict(said) if isinstance(said, Mapping) else {} if said is None else {said: 1.0}
    return Row(
        model=method[0],
        graph=method[1],
        variant=method[2],
        protocol="fair",
        respondent=respondent,
        fold=1,
        item=item,
        country=country,
        dimension=BOOK.items[item].dimension,
        truth=truth,
        predicted=max(shares, key=lambda code: shares[code], default=None),
        probabilities=shares,
        readable=bool(shares),
        error=error,
        decided_by="",
        draw=0,
    )


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Scored rows."""
    return score_frame(answer_frame(rows), BOOK)


def hits(right: NDArray[np.bool_], **fields: Any) -> list[Row]:
    """Rows of people (lines) and items (columns) whose answer is 1: said where `right`, else missed by one step."""
    return [
        row(person + 1, FOUR[item], 1, 1 if right[person, item] else 2, **fields)
        for person, item in np.ndindex(right.shape)
    ]
