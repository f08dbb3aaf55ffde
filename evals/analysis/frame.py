"""Rows with what each is worth, as one table: what every analysis starts from."""

from collections.abc import Iterable, Iterator
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


def score_frame(rows: Iterable[Row], codebook: Codebook, rule: Rule = "strict") -> pd.DataFrame:
    """One line a row, with `accuracy` and `mae`: what it is worth under this rule, nan where it
    does not count.

    `mae_code` is the error of the single most likely code; `mae_by` says what `mae` is of, as in
    `evals.metrics`.

    The other columns are those of `predictions.csv`; `probabilities` holds mappings from code to
    share. A method is what `METHOD` names, a case what `CASE` names. Under rule `strict` a failed
    call counts in neither measure, an unread reply is accuracy 0 and error 1.
    """
    lines = []
    for row in rows:
        worth = score_row(row, codebook.items[row.item], rule)
        lines.append(
            (
                row.model,
                row.graph,
                row.variant,
                row.respondent,
                row.fold,
                row.item,
                row.country,
                row.dimension,
                row.truth,
                row.predicted,
                row.probabilities,
                row.readable,
                row.error,
                row.decided_by,
                worth.hit,
                worth.error,
                worth.code_error,
                worth.by,
            )
        )
    columns = [
        *METHOD,
        *CASE,
        "country",
        "dimension",
        "truth",
        "predicted",
        "probabilities",
        "readable",
        "error",
    ]
    frame = pd.DataFrame(lines, columns=[*columns, "decided_by", *MEASURES, "mae_code", "mae_by"])
    return frame.astype(
        {"truth": "Int64", "predicted": "Int64", "accuracy": float, "mae": float, "mae_code": float}
    )


def error_basis(frame: pd.DataFrame) -> ErrorBasis:
    """What the errors in one method's lines are of."""
    return combine_bases(frame["mae_by"].unique())


def average_by_respondent(frame: pd.DataFrame, measure: Measure) -> pd.Series:
    """Each respondent's mean over the cases that count, by respondent in ascending order; of one
    method's lines.

    The mean of these is the figure in the tables.
    """
    counted = frame.loc[frame[measure].notna(), ["respondent", measure]]
    means: pd.Series = counted.groupby("respondent", sort=True)[measure].mean()
    return means


def split_methods(frame: pd.DataFrame) -> Iterator[tuple[Name, pd.DataFrame]]:
    """Each method with its lines, in the order in which methods first appear."""
    for (model, graph, variant), own in frame.groupby(METHOD, sort=False):
        yield (str(model), str(graph), str(variant)), own


def align_weights(respondents: pd.Series | pd.Index, weights: pd.Series | None) -> Floats:
    """The weight of each of these respondents: 1 without `weights`, 0 for those who have none above
    0.

    `weights`: by respondent, numbers of any size and type. Nobody without a weight counts in a
    weighted figure.
    """
    if weights is None:
        return np.ones(len(respondents))
    scaled = pd.Series(_scaled(weights), weights.index).reindex(respondents, fill_value=0.0)
    return np.asarray(scaled, dtype=float)


LEAST_WEIGHT = 1e-12
"""A weight below this share of the greatest counts as none: it moves no figure, and its square
would be lost.
"""


def _scaled(weights: pd.Series) -> Floats:
    """Weights of which the greatest is between 1/2 and 1, so that neither sums nor squares leave
    the range of numbers.

    The scale is a power of 2, which changes no digit. What is no number above 0, or not finite,
    becomes 0.
    """
    given: Floats = pd.to_numeric(weights, errors="coerce").to_numpy(
        float, na_value=np.nan, copy=True
    )
    given[~(np.isfinite(given) & (given > 0))] = 0.0
    if given.any():
        _, power = np.frexp(given.max())
        given = np.ldexp(given, -int(power))
    given[given < LEAST_WEIGHT] = 0.0
    return np.asarray(given, dtype=float)
