"""Scored answers, the frame that every analysis starts from; and each method's part."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from baselines.answer_frame import Floats
from evals.metrics import ErrorBasis, Rule, combine_bases, score_answers
from survey.codebook import Codebook

__all__ = ["Floats", "score_frame", "split_methods"]

Name = tuple[str, str, str]
"""What a method is known by: model, graph, variant."""
Measure = Literal["accuracy", "mae", "mae_code"]
MEASURES: tuple[Measure, ...] = ("accuracy", "mae")
METHOD = ["model", "graph", "variant"]
CASE = ["respondent", "fold", "item"]


def score_frame(answers: pd.DataFrame, codebook: Codebook, rule: Rule = "strict") -> pd.DataFrame:
    """Score an answer frame by a rule; one line an answer.

    Columns added: `accuracy` and `mae`, the answer's hit and error, nan where it does not count;
    `mae_code`, the error of the single most likely code; `mae_by`, what `mae` is measured from, as
    in `evals.metrics`. `METHOD` names the columns that make a method, `CASE` those that make a
    case. Under rule `strict` a failed call counts in neither measure, an unread reply has accuracy
    0 and error 1.
    """
    scores = score_answers(answers, codebook, [rule])[rule]
    return answers.assign(**{str(name): scores[name] for name in scores})


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
    for (model, graph, variant), own in frame.groupby(METHOD, sort=False, observed=True):
        yield (str(model), str(graph), str(variant)), own


def methods_of(frame: pd.DataFrame) -> list[Name]:
    """List the methods of a frame, in the order in which they first appear."""
    names = frame[METHOD].drop_duplicates().astype(str)
    return list(names.itertuples(index=False, name=None))


def order_by_method(
    answers: pd.DataFrame, names: Sequence[str], order: Mapping[Any, int]
) -> pd.DataFrame:
    """Order answers by the place of their method; those without a place come last.

    `names`: the columns that methods are told apart by. Answers of one method keep their order.
    """
    found = answers.groupby(list(names), sort=False, observed=True)
    places = np.full(len(answers), len(order))
    for name, lines in found.indices.items():
        key: Any = name
        places[lines] = order.get(tuple(map(str, key)), len(order))
    return answers.iloc[np.argsort(places, kind="stable")].reset_index(drop=True)


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
