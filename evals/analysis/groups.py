"""The groups that respondents belong to, their weights, and a test that compares two groups."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from evals.analysis.bootstrap import NAN, Indices
from evals.analysis.distributions import MIN_PEOPLE
from evals.analysis.frame import Floats, Measure, align_weights, average_by_respondent
from evals.analysis.spread import NEGLIGIBLE
from survey.codebook import Codebook
from survey.respondents import Respondents

SEX, EDUCATION, RELIGION = "Q260", "Q275", "Q289"
BANDS = {
    "16-29": range(16, 30),
    "30-44": range(30, 45),
    "45-59": range(45, 60),
    "60+": range(60, 200),
}
LEVELS = {"lower": range(3), "middle": range(3, 5), "higher": range(5, 9)}


def assign_groups(
    survey: Respondents, respondents: Collection[int], codebook: Codebook
) -> pd.DataFrame:
    """Assign respondents (row numbers from 1) to groups; one row each, "" where one is unknown.

    Columns: `country`; `sex` and `religion`, labels of the options of Q260 and Q289; `age` in bands
    of years; `education`, Q275 in three levels. Raises IndexError for a row that the file does not
    have.
    """
    ages = survey.context.get("age")
    lines = []
    for row in respondents:
        country, answers = survey.country(row), survey.answers(row)
        sex, religion = (_label(codebook, item, answers.get(item)) for item in (SEX, RELIGION))
        age = "" if ages is None else _band(BANDS, ages.iloc[row - 1])
        lines.append((country, sex, age, _band(LEVELS, answers.get(EDUCATION, -1)), religion))
    index = pd.Index(list(respondents), name="respondent", dtype="int64")
    return pd.DataFrame(
        lines, index, columns=["country", "sex", "age", "education", "religion"], dtype=object
    )


def survey_weights(survey: Respondents, respondents: Collection[int]) -> pd.Series | None:
    """The survey's weights of these respondents (row numbers from 1); None where it has none.

    Raises KeyError for a row that the file does not have.
    """
    if "weight" not in survey.context:
        return None
    weights = pd.Series(survey.context["weight"].to_numpy(float), index=range(1, len(survey) + 1))
    return weights.loc[list(respondents)]


@dataclass(frozen=True, eq=False)
class Group:
    """People with their mean of a measure and their weight above 0; arrays of shape (people,)."""

    people: NDArray[np.int64]
    values: Floats
    weight: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, measure: Measure, weights: pd.Series | None) -> "Group":
        """Everybody who counts in one method's lines."""
        means = average_by_respondent(frame, measure)
        weight = align_weights(means.index, weights)
        keep = weight > 0
        return cls(means.index.to_numpy(np.int64)[keep], means.to_numpy(float)[keep], weight[keep])

    def among(self, labels: pd.Series, group: str, inside: bool = True) -> "Group":
        """Those of one group; with `inside` false those of the others."""
        keep = np.isin(self.people, labels.index[(labels == group) == inside])
        return Group(self.people[keep], self.values[keep], self.weight[keep])

    @property
    def shown(self) -> bool:
        """Whether there are enough people for a figure."""
        return len(self.people) >= MIN_PEOPLE

    def mean(self, indices: Indices | slice = slice(None)) -> Any:
        """The weighted mean; of resampled people, over the last axis of their `indices`."""
        return np.average(self.values[indices], axis=-1, weights=self.weight[indices])

    @property
    def deviation(self) -> float:
        """The standard error of the mean times the root of n: s with equal weights."""
        size, share = len(self.values), self.weight / self.weight.sum()
        return float(size * np.sqrt(share**2 @ (self.values - self.mean()) ** 2 / (size - 1)))


def welch(one: Group, other: Group) -> float:
    """The two-sided p of Welch's t-test of two groups' means.

    nan with fewer than two people in a group, or where no group varies.
    """
    sizes = len(one.people), len(other.people)
    if min(sizes) < 2 or not max(one.deviation, other.deviation) > NEGLIGIBLE:
        return NAN
    found = stats.ttest_ind_from_stats(
        one.mean(),
        one.deviation,
        sizes[0],
        other.mean(),
        other.deviation,
        sizes[1],
        equal_var=False,
    )
    return float(found.pvalue)


def _label(codebook: Codebook, item: str, code: int | None) -> str:
    """The label of an answer; "" where there is none."""
    return "" if code is None else codebook.items[item].by_code[code].label


def _band(bands: Mapping[str, range], value: float) -> str:
    """The band that a whole number is in; "" where it is in none."""
    return next((band for band, inside in bands.items() if value in inside), "")
