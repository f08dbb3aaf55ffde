"""Intervals and paired tests over respondents; docs/statistics.md defines each figure."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import reduce
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.analysis.bootstrap import (
    NAN,
    IntervalEstimate,
    bootstrap_interval,
    mean_with_interval,
)
from evals.analysis.frame import (
    MEASURES,
    METHOD,
    Floats,
    Measure,
    Name,
    align_weights,
    average_by_respondent,
    error_basis,
    split_methods,
)
from evals.analysis.paired_tests import ALPHA, NEGLIGIBLE, permutation_p, t_test

__all__ = [
    "ALPHA",
    "Comparison",
    "IntervalEstimate",
    "compare",
    "compare_all",
    "estimate_mean",
    "holm",
    "ladder_position",
]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One method less another on the cases that count for both; nan where a figure is not defined.

    `difference` with its 95 % interval, in units of the measure: for `mae` a negative one is in
    favour of the first. `p`: paired permutation test; `p_t`: paired t-test; `p_holm`: `p` corrected
    for the family. `effect`: Cohen's d_z. `detectable`: the smallest true difference that this
    sample would find with power .8 at alpha .05, two-sided.
    """

    difference: float
    low: float
    high: float
    p: float
    p_t: float
    p_holm: float
    effect: float
    detectable: float
    people: int
    cases: int


ITEMS, CASES_OF_PERSON = 1_000_000, 1_000_000_000
"""More than a survey has items, and more than a person has cases: what cases are numbered by."""
BY_MEDIAN = ["by_median", "by_median_low", "by_median_high"]
COMPARISON_COLUMNS = [
    *METHOD,
    "against",
    "measure",
    "mae_by",
    *(field.name for field in fields(Comparison)),
    *BY_MEDIAN,
]


def estimate_mean(
    frame: pd.DataFrame, measure: Measure, weights: pd.Series | None = None, seed: int = 42
) -> IntervalEstimate:
    """Estimate the mean over respondents of a measure, with its 95 % interval.

    `frame`: the lines of one method; `weights`: by respondent, None for equal weights.
    """
    means = average_by_respondent(frame, measure)
    return mean_with_interval(means.to_numpy(float), align_weights(means.index, weights), seed)


def compare(one: pd.DataFrame, other: pd.DataFrame, measure: Measure, seed: int = 42) -> Comparison:
    """Compare the lines of two methods, respondent by respondent, on the cases that count for both.

    With one person the difference stands alone; with nobody every figure is nan.
    """
    means, cases = _paired((one, other), measure)
    differences = (means[:, 0] - means[:, 1]).round(
        12
    )  # equal differences are equal, whatever the order of sums
    people = len(differences)
    if people < 2:
        difference = float(differences[0]) if people else NAN
        return Comparison(difference, NAN, NAN, NAN, NAN, NAN, NAN, NAN, people, cases)
    found = mean_with_interval(differences, np.ones(people), seed)
    p = permutation_p(differences, seed)
    p_t, effect, detectable = t_test(differences)
    return Comparison(
        found.value, found.low, found.high, p, p_t, p, effect, detectable, people, cases
    )


def compare_all(
    frame: pd.DataFrame,
    pairs: Iterable[tuple[Name, Name]],
    measures: Measure | Sequence[Measure] = MEASURES,
    seed: int = 42,
) -> pd.DataFrame:
    """One line a pair of methods and measure, p corrected by Holm over all lines of the table.

    Columns: `model`, `graph`, `variant` of the first method, `against` naming the second,
    `measure`, `mae_by`, the fields of `Comparison`, and for MAE the difference that medians of
    shares would give, `by_median`. Raises ValueError for a method without lines.
    """
    of = dict(split_methods(frame))
    lines: list[dict[str, Any]] = []
    for one, other in pairs:
        for absent in {one, other} - of.keys():
            raise ValueError(f"no rows of {'/'.join(filter(None, absent))}")
        for measure in [measures] if isinstance(measures, str) else measures:
            names = dict(zip(METHOD, one, strict=True)) | {
                "against": name_beside(other, one),
                "measure": measure,
            }
            lines.append(names | _compared(of[one], of[other], measure, seed))
    table = pd.DataFrame(lines, columns=COMPARISON_COLUMNS)
    table["p_holm"] = holm(table["p"].astype(float))
    return table


def _compared(
    one: pd.DataFrame, other: pd.DataFrame, measure: Measure, seed: int
) -> dict[str, Any]:
    """The figures of one line; MAE compares single codes, with the difference by medians beside it.

    A method that gives shares is scored by their median on its own. Compared with a method that
    gives single codes, that would be an advantage: the median errs less than the most likely code.
    """
    if measure != "mae":
        return (
            asdict(compare(one, other, measure, seed))
            | {"mae_by": ""}
            | dict.fromkeys(BY_MEDIAN, NAN)
        )
    by = {error_basis(one), error_basis(other)}
    found = asdict(compare(one, other, "mae_code", seed))
    found |= {"mae_by": "expectation" if "expectation" in by else "code"} | dict.fromkeys(
        BY_MEDIAN, NAN
    )
    if "median" in by:
        beside = compare(one, other, "mae", seed)
        found |= dict(zip(BY_MEDIAN, (beside.difference, beside.low, beside.high), strict=True))
    return found


def holm(ps: Iterable[float]) -> list[float]:
    """Correct a family of p for multiple tests (Holm 1979), in their order.

    nan stays nan and does not count in the size of the family.
    """
    corrected = np.array(list(ps), dtype=float)
    known = np.flatnonzero(~np.isnan(corrected))
    order = known[np.argsort(corrected[known])]
    steps = corrected[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return [float(p) for p in corrected]


def ladder_position(
    method: pd.DataFrame,
    bottom: pd.DataFrame,
    top: pd.DataFrame,
    measure: Measure = "accuracy",
    seed: int = 42,
) -> IntervalEstimate:
    """Locate a method between two others: 0 where it is as good as `bottom`, 1 as good as `top`.

    The ratio of mean differences on the cases that count for all three; resamples draw the same
    people for all. nan where `top` is no better than `bottom`; the interval is also nan where the
    interval of their difference includes 0.
    """
    means, _ = _paired((method, bottom, top), measure)
    sign = 1 if measure == "accuracy" else -1
    way, gone = (sign * (means[:, place] - means[:, 1]).round(12) for place in (2, 0))
    whole = mean_with_interval(
        way, np.ones(len(way)), seed
    )  # of the very numbers that are divided by
    if not whole.value > NEGLIGIBLE:
        return IntervalEstimate(NAN, NAN, NAN, len(way))
    value = float(gone.mean() / whole.value)
    if not whole.low > 0:
        return IntervalEstimate(value, NAN, NAN, len(way))

    def share(counts: Floats) -> Floats:
        floor = NEGLIGIBLE * len(way)  # hardly ever below 0
        return np.asarray((counts @ gone) / np.maximum(counts @ way, floor))

    return IntervalEstimate(value, *bootstrap_interval(share, len(way), seed=seed), len(way))


def _paired(frames: Sequence[pd.DataFrame], measure: Measure) -> tuple[Floats, int]:
    """Average each method over each respondent's cases that count for all methods.

    Returns the means, shape (respondents, methods), and the number of cases.
    """
    counted = [frame[frame[measure].notna()] for frame in frames]
    averaged = list(map(_case_means, _case_numbers(counted), counted, repeat(measure)))
    common = reduce(np.intersect1d, [cases for cases, _ in averaged])
    people, of_person, sizes = np.unique(
        common // CASES_OF_PERSON, return_inverse=True, return_counts=True
    )
    found = np.empty((len(people), len(frames)))
    for place, (own, values) in enumerate(averaged):
        chosen = values[np.isin(own, common)]
        found[:, place] = np.bincount(of_person, chosen, minlength=len(people)) / sizes
    return found, len(common)


def _case_means(
    numbers: NDArray[np.int64], frame: pd.DataFrame, measure: str
) -> tuple[NDArray[np.int64], Floats]:
    """The numbers of the cases in ascending order, and the mean of each one's lines."""
    cases, lines, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    sums = np.bincount(lines, frame[measure].to_numpy(float), minlength=len(cases))
    return cases, sums / counts


def _case_numbers(frames: Sequence[pd.DataFrame]) -> list[NDArray[np.int64]]:
    """Give each case of each frame a number, the same one for the same case.

    The number of a person's cases begins with the person: it is `CASES_OF_PERSON` times the row.
    """
    items = pd.factorize(np.concatenate([frame["item"].to_numpy(object) for frame in frames]))[0]
    numbers, start = [], 0
    for frame in frames:
        own = items[start : start + len(frame)].astype(np.int64)
        start += len(frame)
        of_person = frame["fold"].to_numpy(np.int64) * ITEMS + own
        numbers.append(frame["respondent"].to_numpy(np.int64) * CASES_OF_PERSON + of_person)
    return numbers


def name_beside(method: Name, beside: Name) -> str:
    """Name a method for people; the model is named only where it differs from that of `beside`."""
    model, graph, variant = method
    return " ".join(
        filter(
            None, (graph, "" if variant == "full" else variant, model if model != beside[0] else "")
        )
    )
