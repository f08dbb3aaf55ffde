"""Finds groups of people whose figures are compared although they were asked other questions."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from evals.analysis.distributions import MIN_PEOPLE
from evals.harness.plan import Plan
from survey.missing_codes import BLANK, NOT_ASKED

NAMED = 5
"""How many items or groups a sentence names."""


def find_different_questions(plan: Plan, groups: pd.DataFrame) -> list[str]:
    """Name the groupings and dimensions that compare people who were asked other questions.

    Returns a sentence for each.

    `groups` as `assign_groups` returns them. A group counts from 30 people on: tables mask smaller
    ones. A group was asked an item where anybody in it has an answer to it, or a reason for none.
    """
    asked = _asked(plan)
    return [*_by_group(asked, groups), *_by_dimension(asked, plan)]


def _asked(plan: Plan) -> pd.DataFrame:
    """Tell who was asked which held-out item that is scored; a row a person, a column an item."""
    survey, items = plan.survey, []
    for fold in plan.folds:
        for item in fold.held_out:
            if item in survey.items and plan.codebook.items[item].scorable:
                items.append(item)
    rows = np.array(plan.drawn, dtype=np.intp) - 1
    columns = np.array(list(map(survey.items.index, items)), dtype=np.intp)
    asked = ~np.isin(survey.codes[np.ix_(rows, columns)], [NOT_ASKED, BLANK])
    return pd.DataFrame(asked, index=list(plan.drawn), columns=items)


def _by_group(asked: pd.DataFrame, groups: pd.DataFrame) -> Iterator[str]:
    """Say of each grouping which groups were not asked items that others were asked."""
    for by in groups.columns:
        labels = groups[by].reindex(asked.index).fillna("")
        parts = _lacking_parts(asked, labels)
        if parts:
            yield (
                f"Groups by {by} were asked different questions, so figures differ for that, too: "
                f"{_first_of(parts, '; ', '; and')}."
            )


def _lacking_parts(asked: pd.DataFrame, labels: pd.Series) -> list[str]:
    """Say of each group with enough people which items it lacks; `labels`: group by person."""
    sizes = labels[labels != ""].value_counts()
    by_group = {}
    for name in sorted(map(str, sizes[sizes >= MIN_PEOPLE].index)):
        by_group[name] = asked[(labels == name).to_numpy()].any()
    table = pd.DataFrame(by_group, index=asked.columns)
    table = table[table.any(axis=1)]
    parts = []
    for name in table.columns:
        lacking = list(map(str, table.index[~table[name]]))
        if lacking:
            parts.append(f"{name} lacks {_first_of(lacking, ', ', ' and')} of {len(table)}")
    return parts


def _by_dimension(asked: pd.DataFrame, plan: Plan) -> Iterator[str]:
    """Say which dimensions some people were asked nothing of."""
    dimensions: dict[str, list[str]] = {}
    for item in asked.columns:
        dimensions.setdefault(plan.codebook.items[str(item)].dimension, []).append(item)
    parts = []
    for name, items in dimensions.items():
        people = int(asked[items].any(axis=1).sum())
        if 0 < people < len(asked):
            parts.append(f"{name} {people}")
    if parts:
        yield (
            f"Dimensions rest on different people: of {len(asked)}, some were asked nothing of a "
            f"dimension ({_first_of(parts, '; ', '; and')} people)."
        )


def _first_of(parts: Sequence[str], separator: str, before_rest: str) -> str:
    """The first few parts, and how many more there are."""
    text = separator.join(parts[:NAMED])
    if len(parts) > NAMED:
        text += f"{before_rest} {len(parts) - NAMED} more"
    return text
