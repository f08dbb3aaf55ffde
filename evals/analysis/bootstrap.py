"""The bootstrap over people, from which every 95 % interval comes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.analysis.frame import Floats

LEVEL = 0.95
RESAMPLES = 1_999
BLOCK = 2_000_000  # drawn numbers held at once
NAN = float("nan")

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IntervalEstimate:
    """A figure with the ends of its 95 % interval; nan where they are not defined.

    `people`: the number of respondents behind it.
    """

    value: float
    low: float
    high: float
    people: int


def mean_with_interval(values: Floats, weight: Floats, seed: int = 42) -> IntervalEstimate:
    """Estimate the weighted mean of a value for each person, with its bootstrap interval.

    `values` and `weight` have shape (people,). People of weight 0 are left out; a person who is
    drawn brings their weight.
    """
    values, weight = values[weight > 0], weight[weight > 0]
    if not len(values):
        return IntervalEstimate(NAN, NAN, NAN, 0)

    def mean(indices: Indices) -> Floats:
        drawn: Floats = np.average(values[indices], axis=-1, weights=weight[indices])
        return drawn

    low, high = bootstrap_interval(mean, len(values), seed=seed)
    return IntervalEstimate(float(np.average(values, weights=weight)), low, high, len(values))


def bootstrap_interval(
    statistic: Callable[..., Floats], *people: int, seed: int = 42
) -> tuple[float, float]:
    """The 95 % bootstrap interval of a statistic of people, resampled with replacement.

    `people`: the size of each group, resampled independently. `statistic` takes one array of
    indices, shape (draws, size), for each group and returns one value a draw, nan where it has
    none. Percentiles, at the level that makes the interval of a mean as wide as Student's. Both
    ends are nan with fewer than two people in a group, or where a draw has no value.
    """
    from scipy import stats  # takes long to load, and a run asks first

    if min(people) < 2:
        return NAN, NAN
    undefined = False

    def values(*indices: Indices, axis: int) -> Floats:
        nonlocal undefined
        found = statistic(*indices)
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
