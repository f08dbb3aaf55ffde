"""Whether simulated answers hang together across items as real ones do."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.analysis.frame import Floats
from evals.analysis.spread import Spread, bessel_factor, expected_variance, safe_divide

MIN_COMMON = 30
"""The fewest people who must have answered both items of a pair."""


@dataclass(frozen=True, slots=True)
class CorrelationRecovery:
    """How well simulated correlations between items match real ones, over `pairs` of items.

    `correlation`: Pearson's r of the simulated and the real correlations; `ratio`: mean absolute
    simulated correlation over mean absolute real one. nan where they are not defined.
    """

    correlation: float
    ratio: float
    pairs: int


def correlation_recovery(spread: Spread) -> CorrelationRecovery:
    """Compare correlations between items, over pairs with at least 30 people who answered both.

    Pearson's r, unweighted, of positions on the scale, as one draw for each person would show it:
    an expected position varies less than draws do, so its correlations are reduced to match. An
    item simulated alike for everybody correlates 0 with all others. nan where no pair is left, or
    where nothing varies.
    """
    answered = (spread.real[..., 0] > 0) & (spread.simulated[..., 0] > 0)
    real = _correlations(_expected(spread.real, answered))
    simulated = np.nan_to_num(_correlations(_expected(spread.simulated, answered)))
    settled = _settled(spread.simulated, answered)
    simulated *= settled[:, None] * settled
    known = np.triu(~np.isnan(real), k=1)
    one, other = real[known], simulated[known]
    if not np.abs(one).sum() > 0:
        return CorrelationRecovery(np.nan, np.nan, len(one))
    varies = len(one) > 1 and np.ptp(one) > 0 and np.ptp(other) > 0
    correlation = float(np.corrcoef(one, other)[0, 1]) if varies else np.nan
    return CorrelationRecovery(
        correlation, float(np.abs(other).mean() / np.abs(one).mean()), len(one)
    )


def _expected(moments: Floats, answered: NDArray[np.bool_]) -> Floats:
    """The expected place by person and item; nan where there is no answer."""
    return safe_divide(moments[..., 1], np.where(answered, moments[..., 0], 0.0), otherwise=np.nan)


def _correlations(places: Floats) -> Floats:
    """Pearson's r of each pair of items; nan with too few common people, or where one does not
    vary.
    """
    return pd.DataFrame(places).corr(min_periods=MIN_COMMON).to_numpy(float)


def _settled(moments: Floats, answered: NDArray[np.bool_]) -> Floats:
    """By item, the standard deviation of expected places over that of draws: 1 where replies are
    single codes.
    """
    kept = np.where(answered[..., None], moments, 0.0)
    factor = bessel_factor(kept[..., 0])
    sums = kept.sum(axis=0)
    settled = sums.copy()
    settled[:, 2] = sums[:, 3]  # as if every draw hit the expected place
    whole = expected_variance(sums, factor)
    return np.sqrt(safe_divide(expected_variance(settled, factor), whole))
