"""Scored rows as one table, the frame that every analysis starts from; and each method's part."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baselines.method import Row
from evals.metrics import ErrorBasis, Rule, combine_bases, score_row
from survey.codebook import Codebook

Floats = NDArray[np.float64]
Name = tuple[str, str, str]
"""What a method is known by: model, graph, variant."""
Measure = Literal["accuracy", "mae", "mae_code"]
MEASURES: tuple[Measure, ...] = ("accuracy", "mae")
METHOD = ["model", "graph", "variant"]
CASE = ["respondent", "fold", "item"]
ROW_COLUMNS = [
    *METHOD,
    *CASE,
    "country",
    "dimension",
    "truth",
    "predicted",
    "probabilities",
    "readable",
    "error",
    "decided_by",
]
_FROM_ROW = attrgetter(*ROW_COLUMNS)


def score_frame(rows: Iterable[Row], codebook: Codebook, rule: Rule = "strict") -> pd.DataFrame:
    """Score rows by a rule; one line a row.

    Columns: `accuracy` and `mae`, the row's hit and error, nan where it does not count; `mae_code`,
    the error of the single most likely code; `mae_by`, what `mae` is measured from, as in
    `evals.metrics`. The others are those of `predictions.csv`; `probabilities` holds mappings from
    code to share. `METHOD` names the columns that make a method, `CASE` those that make a case.
    Under rule `strict` a failed call counts in neither measure, an unread reply has accuracy 0 and
    error 1.
    """
    lines = []
    for row in rows:
        score = score_row(row, codebook.items[row.item], rule)
        lines.append(
            (*_FROM_ROW(row), score.hit, score.error, score.code_error, score.by),
        )
    frame = pd.DataFrame(lines, columns=[*ROW_COLUMNS, *MEASURES, "mae_code", "mae_by"])
    return frame.astype(
        {"truth": "Int64", "predicted": "Int64", "accuracy": float, "mae": float, "mae_code": float}
    )


def error_basis(frame: pd.DataFrame) -> ErrorBasis:
    """What the errors in one method's lines are measured from."""
    return combine_bases(frame["mae_by"].unique())


def average_by_respondent(frame: pd.DataFrame, measure: Measure) -> pd.Series:
    """Average a measure over each respondent's cases that count, in one method's lines.

    By respondent, in ascending order. The mean of these is the figure in the tables.
    """
    counted = frame.loc[frame[measure].notna(), ["respondent", measure]]
    means: pd.Series = counted.groupby("respondent", sort=True)[measure].mean()
    return means


def split_methods(frame: pd.DataFrame) -> Iterator[tuple[Name, pd.DataFrame]]:
    """Yield each method with its lines, in the order in which methods first appear."""
    for (model, graph, variant), own in frame.groupby(METHOD, sort=False):
        yield (str(model), str(graph), str(variant)), own


def rows_by_method(rows: Iterable[Row]) -> dict[Name, list[Row]]:
    """Group rows by method, in the order in which methods first appear."""
    found: dict[Name, list[Row]] = {}
    for row in rows:
        found.setdefault((row.model, row.graph, row.variant), []).append(row)
    return found


def align_weights(respondents: pd.Series | pd.Index, weights: pd.Series | None) -> Floats:
    """Return the weight of each of these respondents, shape (respondents,).

    `weights`: by respondent, numbers of any size and type; None gives everybody 1. Respondents
    without a weight above 0 get 0: they do not count in weighted figures.
    """
    if weights is None:
        return np.ones(len(respondents))
    scaled = pd.Series(_scaled(weights), weights.index).reindex(respondents, fill_value=0.0)
    return np.asarray(scaled, dtype=float)


MIN_WEIGHT = 1e-12
"""A weight below this share of the greatest counts as none: it moves no figure, and its square
would be rounded to 0.
"""


def _scaled(weights: pd.Series) -> Floats:
    """Scale weights so that the greatest is between 1/2 and 1: then sums and squares stay finite.

    The factor is a power of 2, which changes no digit. What is no finite number above 0 becomes 0.
    """
    given: Floats = pd.to_numeric(weights, errors="coerce").to_numpy(
        float, na_value=np.nan, copy=True
    )
    given[~(np.isfinite(given) & (given > 0))] = 0.0
    if given.any():
        _, power = np.frexp(given.max())
        given = np.ldexp(given, -int(power))
    given[given < MIN_WEIGHT] = 0.0
    return np.asarray(given, dtype=float)
