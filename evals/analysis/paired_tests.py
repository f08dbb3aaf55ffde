"""Tests of paired differences, one a person, and the smallest difference that they can detect."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import numpy as np

from evals.analysis.bootstrap import BLOCK, KEPT, NAN
from evals.analysis.frame import Floats

ALPHA, POWER = 0.05, 0.8
NEGLIGIBLE = 1e-9
"""A difference of measures up to this is what rounding leaves of 0."""
PERMUTATIONS = 9_999


def permutation_p(differences: Floats, seed: int) -> float:
    """The two-sided p of the mean difference in a sign-flip permutation test.

    `differences`, shape (people,). With up to 13 people every combination of signs is tried.
    """
    people = len(differences)
    sums = np.concatenate([signs @ differences for signs in _sign_flips(people, seed)])
    observed = differences.sum()
    tolerance = abs(100 * np.finfo(float).eps * observed)
    below = np.count_nonzero(sums <= observed + tolerance)
    above = np.count_nonzero(sums >= observed - tolerance)
    more = 0 if len(sums) < PERMUTATIONS else 1  # the sample itself, where not all are tried
    return float(min(2 * (min(below, above) + more) / (len(sums) + more), 1.0))


def _sign_flips(people: int, seed: int) -> Iterator[Floats]:
    """Yield signs of the differences, some permutations at a time; shape (permutations, people)."""
    if PERMUTATIONS * people <= KEPT:
        yield _kept_flips(people, seed)
    else:
        yield from _draw_flips(people, seed)


@lru_cache(maxsize=4)
def _kept_flips(people: int, seed: int) -> Floats:
    """All permutations of few differences."""
    return np.concatenate(list(_draw_flips(people, seed)))


def _draw_flips(people: int, seed: int) -> Iterator[Floats]:
    """Draw signs, or list all combinations where these are fewer than are drawn."""
    if 2**people <= PERMUTATIONS:
        yield np.array(list(product((1.0, -1.0), repeat=people)))
        return
    stream = np.random.default_rng(seed)
    batch = min(max(1, BLOCK // people), PERMUTATIONS)
    pairs = np.tile(np.arange(2, dtype=np.int8), (batch, people, 1))
    for start in range(0, PERMUTATIONS, batch):
        first = stream.permuted(pairs, axis=-1)[: PERMUTATIONS - start, :, 0]
        yield 1.0 - 2.0 * first


def t_test(differences: Floats) -> tuple[float, float, float]:
    """The p of the paired t-test, Cohen's d_z and the detectable difference.

    Without variation: p is 1 and d_z 0 where all differences are 0, else all are nan.
    """
    from scipy import stats

    if np.ptp(differences) < NEGLIGIBLE:
        return (NAN, NAN, NAN) if np.abs(differences).max() >= NEGLIGIBLE else (1.0, 0.0, NAN)
    deviation = float(differences.std(ddof=1))
    p = float(stats.ttest_1samp(differences, 0).pvalue)  # of differences: the paired test
    return p, float(differences.mean()) / deviation, deviation * detectable_effect(len(differences))


def detectable_effect(people: int) -> float:
    """The smallest true d_z that a paired t-test of so many people (2 or more) finds with power .8
    at alpha .05.
    """
    from scipy import optimize, stats

    degrees = people - 1
    critical = stats.t.ppf(1 - ALPHA / 2, degrees)

    def lacking(effect: float) -> float:
        shift = effect * np.sqrt(people)
        power = stats.nct.sf(critical, degrees, shift) + stats.nct.sf(critical, degrees, -shift)
        return float(power) - POWER

    return float(optimize.brentq(lacking, 1e-6, 20))
