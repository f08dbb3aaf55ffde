"""The bootstrap over people, from which every 95 % interval comes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evals.analysis.frame import Floats

LEVEL = 0.95
RESAMPLES = 1_999
BLOCK = 2_000_000  # drawn numbers held at once
NAN = float("nan")

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IntervalEstimate:
    """A figure with its 95 % interval; nan where it cannot be said. `people` are the respondents
    behind it.
    """

    value: float
    low: float
    high: float
    people: int


def mean_with_interval(values: Floats, weight: Floats, seed: int = 42) -> IntervalEstimate:
    """The weighted mean of a value for each person; people of weight 0 are left out, weights are
    drawn with people.
    """
    values, weight = values[weight > 0], weight[weight > 0]
    if not len(values):
        return IntervalEstimate(NAN, NAN, NAN, 0)

    def mean(places: Indices) -> Floats:
        drawn: Floats = np.average(values[places], axis=-1, weights=weight[places])
        return drawn

    low, high = bootstrap_interval(mean, len(values), seed=seed)
    return IntervalEstimate(float(np.average(values, weights=weight)), low, high, len(values))


def bootstrap_interval(
    statistic: Callable[..., Floats], *people: int, seed: int = 42
) -> tuple[float, float]:
    """The 95 % bootstrap interval of a statistic of people, who are drawn anew with replacement.

    `people`: the size of each group, drawn independently. `statistic` takes one array of places
    (draws, size) for each group and returns one value a draw. Percentiles, at the level that makes
    the interval of a mean as wide as Student's; nan, nan with fewer than two people in a group, or
    where a draw has no value.
    """
    if min(people) < 2:
        return NAN, NAN
    undefined = False

    def values(*places: Indices, axis: int) -> Floats:
        nonlocal undefined
        found = statistic(*places)
        undefined |= bool(np.isnan(found).any())
        return np.nan_to_num(found)

    smallest = min(people)
    wide = np.sqrt(smallest / (smallest - 1)) * stats.t.ppf((1 + LEVEL) / 2, smallest - 1)
    found = stats.bootstrap(
        [np.arange(size) for size in people],
        values,
        n_resamples=RESAMPLES,
        batch=max(1, BLOCK // sum(people)),
        vectorized=True,
        confidence_level=1 - 2 * float(stats.norm.sf(wide)),
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return (NAN, NAN) if undefined else (float(found.low), float(found.high))
