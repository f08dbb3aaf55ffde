"""The bootstrap over people, from which every 95 % interval comes.

A resample is told by how often it holds each person, so that a mean over all resamples is one
matrix product.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evals.analysis.frame import Floats

LEVEL = 0.95
RESAMPLES = 1_999
BLOCK = 2_000_000  # drawn numbers held at once
KEPT = 2_000_000
"""Resamples of so many numbers are kept for the next figure of as many people."""
NAN = float("nan")

Counts = tuple[Floats, ...]
"""How often resamples hold each person: for each group an array of shape (draws, people)."""


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
    weighted = values * weight

    def mean(counts: Floats) -> Floats:
        return (counts @ weighted) / (counts @ weight)

    low, high = bootstrap_interval(mean, len(values), seed=seed)
    return IntervalEstimate(float(np.average(values, weights=weight)), low, high, len(values))


def bootstrap_interval(
    statistic: Callable[..., Floats], *people: int, seed: int = 42
) -> tuple[float, float]:
    """The 95 % bootstrap interval of a statistic of people, resampled with replacement.

    `people`: the size of each group, resampled independently. `statistic` takes for each group how
    often each person is drawn, shape (draws, size), and returns one value a draw, nan where it has
    none. Percentiles, at the level that makes the interval of a mean as wide as Student's. Both
    ends are nan with fewer than two people in a group, or where a draw has no value.
    """
    from scipy import stats  # takes long to load, and a run asks first

    smallest = min(people)
    if smallest < 2:
        return NAN, NAN
    found = np.concatenate([statistic(*counts) for counts in resample_counts(people, seed)])
    if np.isnan(found).any():
        return NAN, NAN
    wide = np.sqrt(smallest / (smallest - 1)) * stats.t.ppf((1 + LEVEL) / 2, smallest - 1)
    outside = float(stats.norm.sf(wide))
    low, high = np.quantile(found, [outside, 1 - outside])
    return float(low), float(high)


def resample_counts(people: tuple[int, ...], seed: int) -> Iterator[Counts]:
    """Yield how often each person is in each of the resamples, some resamples at a time."""
    if RESAMPLES * sum(people) <= KEPT:
        yield _kept_counts(people, seed)
    else:
        yield from _draw_counts(people, seed)


@lru_cache(maxsize=16)
def _kept_counts(people: tuple[int, ...], seed: int) -> Counts:
    """All resamples of few people."""
    [counts] = _draw_counts(people, seed)
    return counts


def _draw_counts(people: tuple[int, ...], seed: int) -> Iterator[Counts]:
    """Draw resamples, as many at a time as `BLOCK` allows."""
    stream = np.random.default_rng(seed)
    batch = max(1, BLOCK // sum(people))
    for start in range(0, RESAMPLES, batch):
        draws = min(batch, RESAMPLES - start)
        yield tuple(_count(stream.integers(0, size, (draws, size)), size) for size in people)


def _count(drawn: NDArray[np.int64], size: int) -> Floats:
    """Count how often each of `size` people is drawn; shape (draws, size)."""
    flat = (drawn + size * np.arange(len(drawn))[:, None]).ravel()
    return np.bincount(flat, minlength=size * len(drawn)).reshape(-1, size).astype(float)
