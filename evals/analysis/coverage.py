"""Finds groups of people whose figures are compared although they were asked other questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from evals.analysis.distributions import MIN_PEOPLE
from evals.harness.plan import Plan
from survey.missing_codes import BLANK, NOT_ASKED


@dataclass(frozen=True)
class GroupCoverage:
    """A group that was not asked all items which other groups of its grouping were asked.

    `lacking`: the items that it was not asked. `items`: how many items any group was asked.
    """

    group: str
    lacking: Sequence[str]
    items: int


@dataclass(frozen=True)
class QuestionCoverage:
    """Where figures compare people who were asked different questions.

    `groupings`: by grouping, its groups that lack items. `dimensions`: the dimensions of which only
    some were asked anything, with how many these are, of all `people`.
    """

    groupings: Mapping[str, Sequence[GroupCoverage]] = field(default_factory=dict)
    dimensions: Mapping[str, int] = field(default_factory=dict)
    people: int = 0


def find_different_questions(plan: Plan, groups: pd.DataFrame) -> QuestionCoverage:
    """Find the groupings and dimensions that compare people who were asked different questions.

    `groups` as `assign_groups` returns them. A group counts from 30 people on: tables mask smaller
    ones. A group was asked an item where anybody in it has an answer to it, or a reason for none.
    """
    asked = _asked(plan)
    groupings = {}
    for by in groups.columns:
        labels = groups[by].reindex(asked.index).fillna("")
        lacking = _groups_lacking_items(asked, labels)
        if lacking:
            groupings[str(by)] = lacking
    return QuestionCoverage(groupings, _people_by_dimension(asked, plan), len(asked))


def _asked(plan: Plan) -> pd.DataFrame:
    """Tell who was asked which scored held-out item; shape (people, items), of bool."""
    survey, items = plan.survey, []
    for fold in plan.asked_folds:
        for item in fold.held_out:
            if item in survey.items and plan.codebook.items[item].scorable:
                items.append(item)
    rows = np.array(plan.drawn, dtype=np.intp) - 1
    columns = np.array(list(map(survey.items.index, items)), dtype=np.intp)
    asked = ~np.isin(survey.codes[np.ix_(rows, columns)], [NOT_ASKED, BLANK])
    table = pd.DataFrame(asked, index=list(plan.drawn), columns=items)
    if plan.experiment.items_drawn:
        for respondent in plan.drawn:
            chosen = plan.asked_items.of_person(survey.answers(respondent))
            table.loc[respondent, [item not in chosen for item in items]] = False
    return table


def _groups_lacking_items(asked: pd.DataFrame, labels: pd.Series) -> list[GroupCoverage]:
    """Find the groups with enough people that lack items; `labels`: group by person."""
    sizes = labels[labels != ""].value_counts()
    by_group = {}
    for name in sorted(map(str, sizes[sizes >= MIN_PEOPLE].index)):
        by_group[name] = asked[(labels == name).to_numpy()].any()
    table = pd.DataFrame(by_group, index=asked.columns)
    table = table[table.any(axis=1)]
    found = []
    for name in table.columns:
        lacking = list(map(str, table.index[~table[name]]))
        if lacking:
            found.append(GroupCoverage(str(name), lacking, len(table)))
    return found


def _people_by_dimension(asked: pd.DataFrame, plan: Plan) -> dict[str, int]:
    """Count who was asked anything of a dimension; only dimensions where some were not."""
    dimensions: dict[str, list[str]] = {}
    for item in asked.columns:
        dimensions.setdefault(plan.codebook.items[str(item)].dimension, []).append(item)
    counts = {}
    for name, items in dimensions.items():
        people = int(asked[items].any(axis=1).sum())
        if 0 < people < len(asked):
            counts[name] = people
    return counts
