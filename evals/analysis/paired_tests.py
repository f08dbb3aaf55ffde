"""Tests of paired differences, one a person, and the smallest difference that they can detect."""

import numpy as np

from evals.analysis.bootstrap import BLOCK, NAN
from evals.analysis.frame import Floats

ALPHA, POWER = 0.05, 0.8
NEGLIGIBLE = 1e-9
"""A difference of measures up to this is what rounding leaves of 0."""
PERMUTATIONS = 9_999


def permutation_p(differences: Floats, seed: int) -> float:
    """The two-sided p of the mean difference in a sign-flip permutation test.

    `differences`, shape (people,). With up to 13 people every combination of signs is tried.
    """
    from scipy import stats  # takes long to load, and a run asks first

    found = stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=max(1, BLOCK // len(differences)),
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue)


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
