"""Real and simulated answers of the same people to one item, as shares of its options."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baselines.answer_frame import Shares, codes_of_column
from evals.analysis.frame import Floats, align_weights
from survey.codebook import Codebook
from survey.item import Item


@dataclass(frozen=True, eq=False)
class ItemAnswers:
    """The answers to one item of the people whose truth is known and whose reply was read.

    One line a reply. `countries`, shape (lines,): places in `country_names`. `real` and
    `simulated`, shape (lines, options): the share of each valid option; each line adds up to 1.
    `weight`, shape (lines,), above 0. `positions`, shape (options,): where each option stands on
    the scale, 0 to 1 by semantic rank, nan off it (all if nominal).
    """

    item: Item
    respondents: NDArray[np.int64]
    countries: NDArray[np.int64]
    country_names: Sequence[str]
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
    gives to codes that are no options is left out. Items stand in the order of the lines.
    """
    asked = frame[frame["truth"].notna()]
    names = asked["item"].astype("category").cat
    lines = np.argsort(names.codes.to_numpy(), kind="stable")
    edges = np.searchsorted(names.codes.to_numpy()[lines], np.arange(len(names.categories) + 1))
    shares, columns = Shares.of(asked).take(lines), _Columns.of(asked, weights, lines)
    answers: dict[int, ItemAnswers] = {}
    for name, first, last in zip(names.categories, edges[:-1], edges[1:], strict=True):
        item = codebook.items[str(name)]
        if last > first and item.scorable:
            own = columns.slice(first, last)
            answers[int(lines[first])] = _answers_to(item, own, shares.slice(first, last))
    ordered = (answers[place] for place in sorted(answers))
    return {each.item.id: each for each in ordered}


@dataclass(frozen=True, eq=False)
class _Columns:
    """What answers are made from, beside shares; arrays of shape (lines,)."""

    respondents: NDArray[np.int64]
    countries: NDArray[np.int64]
    country_names: Sequence[str]
    truth: NDArray[np.int64]
    weight: Floats

    @classmethod
    def of(
        cls, asked: pd.DataFrame, weights: pd.Series | None, lines: NDArray[np.intp]
    ) -> "_Columns":
        """Take the columns of these lines; replies that failed or were not read weigh nothing."""
        read = asked["readable"].to_numpy(bool) & (asked["error"] == "").to_numpy(bool)
        respondents = asked["respondent"].to_numpy(np.int64)
        weight = align_weights(asked["respondent"], weights) * read
        countries, names = pd.factorize(asked["country"].astype(object), sort=True)
        truth = codes_of_column(asked["truth"])[lines]
        return cls(respondents[lines], countries[lines], list(names), truth, weight[lines])

    def slice(self, first: int, last: int) -> "_Columns":
        """Return the lines from `first` up to `last`."""
        own = slice(first, last)
        return _Columns(
            self.respondents[own],
            self.countries[own],
            self.country_names,
            self.truth[own],
            self.weight[own],
        )


def _answers_to(item: Item, lines: _Columns, shares: Shares) -> ItemAnswers:
    """The answers to one item.

    Lines without weight, or without a valid option on either side, are left out.
    """
    codes = np.array([option.code for option in item.options], np.int64)
    order = np.argsort(codes)
    simulated = np.empty((len(shares), len(codes)))
    simulated[:, order] = shares.dense(codes[order])
    real = lines.truth[:, None] == codes
    total = simulated.sum(axis=1)
    keep = (lines.weight > 0) & (total > 0) & real.any(axis=1)
    return ItemAnswers(
        item=item,
        respondents=lines.respondents[keep],
        countries=lines.countries[keep],
        country_names=lines.country_names,
        real=real[keep].astype(float),
        simulated=simulated[keep] / total[keep, None],
        weight=lines.weight[keep],
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
