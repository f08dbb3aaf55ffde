"""Real and simulated answers of the same people to one item, as shares of its options."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.analysis.frame import Floats, align_weights
from survey.codebook import Codebook
from survey.item import Item

COLUMNS = ("respondent", "country", "truth", "probabilities")
"""The columns of a frame that answers are made from."""


@dataclass(frozen=True, eq=False)
class ItemAnswers:
    """The answers to one item of the people whose truth is known and whose reply was read.

    One line a reply. `real` and `simulated`, shape (lines, options): the share of each valid
    option; each line adds up to 1. `weight`, shape (lines,), above 0. `positions`, shape
    (options,): where each option stands on the scale, 0 to 1 by semantic rank, nan off it (all if
    nominal).
    """

    respondents: NDArray[np.int64]
    countries: NDArray[np.object_]
    real: Floats
    simulated: Floats
    weight: Floats
    positions: Floats


def item_answers(
    frame: pd.DataFrame, codebook: Codebook, weights: pd.Series | None = None
) -> dict[str, ItemAnswers]:
    """Gather, by item, the answers to each scorable item of one method's rows.

    `frame`: as `score_frame` returns it, of one method; `weights`: by respondent, who is left out
    without one. An item whose replies all failed or were unread has no lines. Weight that a method
    gives to codes that are no options is left out.
    """
    asked = frame[frame["truth"].notna()]
    read = asked["readable"].to_numpy(bool) & (asked["error"] == "").to_numpy(bool)
    weight = align_weights(asked["respondent"], weights) * read
    columns = {name: asked[name].to_numpy(object) for name in COLUMNS}
    answers = {}
    for name, lines in asked.groupby("item", sort=False).indices.items():
        item = codebook.items[str(name)]
        if item.scorable:
            own = {column: cells[lines] for column, cells in columns.items()}
            answers[item.id] = _answers_to(item, own, weight[lines])
    return answers


def _answers_to(
    item: Item, columns: Mapping[str, NDArray[np.object_]], weight: Floats
) -> ItemAnswers:
    """The answers to one item, from the cells of its lines in each of `COLUMNS`.

    Lines without weight, or without a valid option on either side, are left out.
    """
    codes = [option.code for option in item.options]
    given = []
    for shares in columns["probabilities"]:
        given.append([shares.get(code, 0.0) for code in codes])
    simulated = np.array(given, dtype=float).reshape(-1, len(codes))
    real = columns["truth"][:, None] == np.array(codes, dtype=object)
    total = simulated.sum(axis=1)
    keep = (weight > 0) & (total > 0) & real.any(axis=1)
    return ItemAnswers(
        respondents=columns["respondent"][keep].astype(np.int64),
        countries=columns["country"][keep],
        real=real[keep].astype(float),
        simulated=simulated[keep] / total[keep, None],
        weight=weight[keep],
        positions=option_positions(item),
    )


def mean_shares(shares: Floats, weight: Floats) -> Floats:
    """Average lines of shares, shape (lines, options), by weight; shape (options,).

    Each mean is from 0 to 1. Since products and sums are rounded apart, the mean of a share of 1
    can come out as 1.0000000000000002; means whose sum is above 1 are divided by it. Raises
    ZeroDivisionError where there is no weight.
    """
    means = np.average(shares, axis=0, weights=weight)
    return np.asarray(means / max(float(means.sum()), 1.0))


def option_positions(item: Item) -> Floats:
    """Where each option stands on the scale of an item, 0 to 1; nan off the scale.

    Shape (options,).
    """
    ranks = {} if item.kind == "nominal" else item.ranks
    width = max(len(ranks) - 1, 1)
    positions = np.full(len(item.options), np.nan)
    for index, option in enumerate(item.options):
        if option.code in ranks:
            positions[index] = (ranks[option.code] - 1) / width
    return positions
