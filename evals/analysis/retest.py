"""How near a method comes to people's own second answers, where a survey asked them twice.

Nobody answers all questions alike a second time, so the share of answers that a person repeats is a
ceiling: accuracy divided by it says how much of what can be known is found.
"""

import numpy as np
import pandas as pd

from evals.analysis.bootstrap import (
    NAN,
    IntervalEstimate,
    bootstrap_interval,
    mean_with_interval,
)
from evals.analysis.frame import Floats
from survey.respondents import Respondents

AGAIN = "again"
"""The column of a frame: 1 where the second answer is the first, 0 where not, nan without one."""
RETEST_FIGURES = ("retest", "of_retest")


def add_second_answers(frame: pd.DataFrame, survey: Respondents) -> pd.DataFrame:
    """Add the column `AGAIN` to scored rows; the frame as it is for a survey of one wave."""
    if survey.retest is None:
        return frame
    rows = frame["respondent"].to_numpy(np.intp) - 1
    columns = pd.Index(survey.items).get_indexer(pd.Index(frame["item"]))
    first, second = survey.codes[rows, columns], survey.retest[rows, columns]
    again = np.where((first < 0) | (second < 0), np.nan, first == second)
    return frame.assign(**{AGAIN: again})


def retest_figures(own: pd.DataFrame) -> dict[str, IntervalEstimate]:
    """How many answers people repeat, and accuracy as a share of that, in one method's lines.

    Both are of the cases that have a second answer, with 95 % intervals over respondents. Empty for
    a survey of one wave; the share is nan where nobody repeats an answer.
    """
    if AGAIN not in own:
        return {}
    counted = own[own["accuracy"].notna() & own[AGAIN].notna()]
    means = counted.groupby("respondent")[["accuracy", AGAIN]].mean().to_numpy(float)
    hits, repeated = means[:, 0], means[:, 1]
    ceiling = mean_with_interval(repeated, np.ones(len(repeated)))
    return dict(zip(RETEST_FIGURES, (ceiling, _ratio(hits, repeated)), strict=True))


def _ratio(hits: Floats, repeated: Floats) -> IntervalEstimate:
    """The ratio of two means over the same people; resamples draw the same people for both."""
    if not repeated.sum() > 0:
        return IntervalEstimate(NAN, NAN, NAN, len(repeated))

    def ratio(counts: Floats) -> Floats:
        below = counts @ repeated
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(below > 0, (counts @ hits) / below, NAN))

    interval = bootstrap_interval(ratio, len(hits))
    return IntervalEstimate(float(hits.sum() / repeated.sum()), *interval, len(hits))
