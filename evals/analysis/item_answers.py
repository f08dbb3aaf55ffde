"""Real and simulated answers of the same people to one item, as shares of its options."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.analysis.frame import Floats, align_weights
from survey.codebook import Codebook
from survey.item import Item


@dataclass(frozen=True, eq=False)
class ItemAnswers:
    """The answers of the people whose truth is known and whose reply was read; one line each.

    `real` and `simulated`, shape (lines, options): the share of each valid option, a line adds up
    to 1. `weight`, above 0, by line. `places` of the options on the scale, 0 to 1 by semantic rank,
    nan off it (all of them if nominal).
    """

    respondents: NDArray[np.int64]
    countries: NDArray[np.object_]
    real: Floats
    simulated: Floats
    weight: Floats
    places: Floats


def item_answers(
    frame: pd.DataFrame, codebook: Codebook, weights: pd.Series | None = None
) -> dict[str, ItemAnswers]:
    """The answers to each scorable item that one method was asked about people whose truth is
    known.

    An item whose replies all failed or were unread has no lines. Weight that a method gives to
    codes that are no options is left aside. `weights`: by respondent; who has none is left out.
    """
    asked = frame[frame["truth"].notna()]
    read = asked["readable"].to_numpy(bool) & (asked["error"] == "").to_numpy(bool)
    weight = align_weights(asked["respondent"], weights) * read
    columns = {
        name: asked[name].to_numpy(object)
        for name in ("respondent", "country", "truth", "probabilities")
    }
    return {
        item.id: _answers(
            item, {name: cells[lines] for name, cells in columns.items()}, weight[lines]
        )
        for item, lines in (
            (codebook.items[str(name)], lines)
            for name, lines in asked.groupby("item", sort=False).indices.items()
        )
        if item.scorable
    }


def _answers(item: Item, columns: Mapping[str, NDArray[np.object_]], weight: Floats) -> ItemAnswers:
    """The lines of one item that count."""
    codes = [option.code for option in item.options]
    given = [[shares.get(code, 0.0) for code in codes] for shares in columns["probabilities"]]
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
        places=option_positions(item),
    )


def mean_shares(shares: Floats, weight: Floats) -> Floats:
    """The weighted mean of lines of shares: each from 0 to 1, and together no more than 1 but for
    the last digit.

    Products with weights and their sum are rounded on their own: a share of an option that all
    chose came out as 1.0000000000000002, which is none. Raises ZeroDivisionError where there is no
    weight.
    """
    found = np.average(shares, axis=0, weights=weight)
    return np.asarray(found / max(float(found.sum()), 1.0))


def option_positions(item: Item) -> Floats:
    """Where each option stands on the scale of an item, 0 to 1; nan off the scale."""
    ranks = {} if item.kind == "nominal" else item.ranks
    width = max(len(ranks) - 1, 1)
    return np.array(
        [
            (ranks[option.code] - 1) / width if option.code in ranks else np.nan
            for option in item.options
        ]
    )
