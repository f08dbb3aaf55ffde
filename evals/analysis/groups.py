"""The groups that respondents belong to, their weights, and a test that compares two groups."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.analysis.bootstrap import NAN
from evals.analysis.distributions import MIN_PEOPLE
from evals.analysis.frame import Floats, Measure, align_weights, average_by_respondent
from evals.analysis.spread import NEGLIGIBLE
from survey.codebook import Codebook
from survey.grouping import Grouping
from survey.respondents import Respondents


def assign_groups(
    survey: Respondents, respondents: Collection[int], codebook: Codebook
) -> pd.DataFrame:
    """Assign respondents (row numbers from 1) to groups; one row each, "" where one is unknown.

    Columns: `country`, then the groupings that the codebook names. Raises IndexError for a row that
    the file does not have.
    """
    groupings = codebook.facts.groups
    lines = []
    for row in respondents:
        country, answers = survey.country(row), survey.answers(row)
        told = survey.context.iloc[row - 1]
        groups = [_group_of(grouping, codebook, answers, told) for grouping in groupings]
        lines.append((country, *groups))
    index = pd.Index(list(respondents), name="respondent", dtype="int64")
    columns = ["country", *(grouping.name for grouping in groupings)]
    return pd.DataFrame(lines, index, columns=columns, dtype=object)


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

    def split(self, labels: pd.Series) -> dict[str, "Group"]:
        """Split them into groups by name, in order; people without a group are left out.

        `labels`: the group by person, "" where it is not known.
        """
        own = labels.reindex(self.people).astype(object)
        places, names = pd.factorize(own.where(own != "", None), sort=True)
        return {str(name): self._among(places == place) for place, name in enumerate(names)}

    def without(self, others: "Group") -> "Group":
        """Those of them who are not among others."""
        return self._among(~np.isin(self.people, others.people))

    def _among(self, inside: NDArray[np.bool_]) -> "Group":
        """Those of them where `inside`, shape (people,), is true."""
        return Group(self.people[inside], self.values[inside], self.weight[inside])

    @classmethod
    def join(cls, groups: Iterable["Group"]) -> "Group":
        """Everybody of several groups."""
        found = list(groups)
        people = np.concatenate([group.people for group in found])
        order = np.argsort(people)
        values = np.concatenate([group.values for group in found])
        weight = np.concatenate([group.weight for group in found])
        return cls(people[order], values[order], weight[order])

    @property
    def shown(self) -> bool:
        """Whether there are enough people for a figure."""
        return len(self.people) >= MIN_PEOPLE

    def mean(self) -> float:
        """The weighted mean."""
        return float(np.average(self.values, weights=self.weight))

    def resampled_means(self, counts: Floats) -> Floats:
        """The weighted mean of each resample; `counts`: how often each person is drawn, shape
        (draws, people).
        """
        return (counts @ (self.values * self.weight)) / (counts @ self.weight)

    @property
    def deviation(self) -> float:
        """The standard error of the mean times the root of n: s with equal weights."""
        size, share = len(self.values), self.weight / self.weight.sum()
        return float(size * np.sqrt(share**2 @ (self.values - self.mean()) ** 2 / (size - 1)))


def welch(one: Group, other: Group) -> float:
    """The two-sided p of Welch's t-test of two groups' means.

    nan with fewer than two people in a group, or where no group varies.
    """
    from scipy import stats  # takes long to load, and a run asks first

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


def _group_of(
    grouping: Grouping, codebook: Codebook, answers: Mapping[str, int], told: pd.Series
) -> str:
    """The group of a person with these answers and this context; "" where it is not known."""
    value = told.get(grouping.context) if grouping.context else answers.get(grouping.item)
    if value is None:
        return ""
    if grouping.bands:
        return _band(grouping.bands, value)
    option = codebook.items[grouping.item].by_code.get(value)
    return option.label if option else ""


def _band(bands: Mapping[str, tuple[int, int]], value: float) -> str:
    """The band that a whole number is in; "" where it is in none."""
    for band, (least, greatest) in bands.items():
        if least <= value <= greatest and value == int(value):
            return band
    return ""
