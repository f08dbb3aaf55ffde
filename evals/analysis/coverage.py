"""Whether the people whose figures stand side by side were asked the same questions."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from evals.analysis.distributions import MIN_PEOPLE
from evals.harness.plan import Plan
from survey.missing_codes import BLANK, NOT_ASKED

NAMED = 5
"""How many items or groups a sentence names."""


def find_different_questions(plan: Plan, groups: pd.DataFrame) -> list[str]:
    """A sentence for each grouping and each dimension in which people are compared who were asked
    other questions.

    `groups` as `assign_groups` returns them. A group counts from 30 people on: tables mask smaller
    ones. A group was asked an item where anybody in it has an answer to it, or a reason for none.
    """
    asked = _asked(plan)
    return [*_by_group(asked, groups), *_by_dimension(asked, plan)]


def _asked(plan: Plan) -> pd.DataFrame:
    """Whether each person drawn was asked each held-out item that is scored; a row a person, a
    column an item.
    """
    survey = plan.survey
    held = [item for fold in plan.folds for item in fold.held_out]
    items = [item for item in held if item in survey.items and plan.codebook.items[item].scorable]
    columns = np.array([survey.items.index(item) for item in items], dtype=np.intp)
    codes = survey.codes[np.ix_(np.array(plan.drawn, dtype=np.intp) - 1, columns)]
    return pd.DataFrame(~np.isin(codes, [NOT_ASKED, BLANK]), index=list(plan.drawn), columns=items)


def _by_group(asked: pd.DataFrame, groups: pd.DataFrame) -> Iterator[str]:
    """Groups of one grouping that lack items which others were asked."""
    for by in groups.columns:
        labels = groups[by].reindex(asked.index).fillna("")
        sizes = labels[labels != ""].value_counts()
        shown = sorted(str(name) for name in sizes[sizes >= MIN_PEOPLE].index)
        there = pd.DataFrame(
            {name: asked[(labels == name).to_numpy()].any() for name in shown}, index=asked.columns
        )
        there = there[there.any(axis=1)]
        lacking = {name: [str(item) for item in there.index[~there[name]]] for name in shown}
        parts = [
            f"{name} lacks {_listed(items)} of {len(there)}"
            for name, items in lacking.items()
            if items
        ]
        if parts:
            yield (
                f"Groups by {by} were asked different questions, so figures differ for that, too: "
                f"{_few(parts)}."
            )


def _by_dimension(asked: pd.DataFrame, plan: Plan) -> Iterator[str]:
    """Dimensions of which some people were asked nothing."""
    dimension = pd.Series(
        {item: plan.codebook.items[str(item)].dimension for item in asked.columns}, dtype=object
    )
    counts = {
        name: int(asked.loc[:, dimension == name].any(axis=1).sum())
        for name in dict.fromkeys(dimension)
    }
    parts = [f"{name} {people}" for name, people in counts.items() if 0 < people < len(asked)]
    if parts:
        yield (
            f"Dimensions rest on different people: of {len(asked)}, some were asked nothing of a "
            f"dimension "
            f"({_few(parts)} people)."
        )


def _listed(items: Sequence[str]) -> str:
    """The first of some items, and how many there are."""
    return ", ".join(items[:NAMED]) + (
        f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
    )


def _few(parts: Sequence[str]) -> str:
    """The first of some parts of a sentence, and how many there are."""
    return "; ".join(parts[:NAMED]) + (
        f"; and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
    )
