"""What of the predictions does not count, a sentence for each method and cause."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evals.analysis.frame import METHOD
from evals.harness.plan import Plan
from evals.render.labels import title_of
from evals.scoring.predictions import is_reference

WRONG = "counted as wrong, with error 1"


def describe_unscored(lines: pd.DataFrame, plan: Plan) -> Iterator[str]:
    """Say which predictions cannot be read or meet no truth, and which cases have none; references
    are left out.

    `lines` are those of `gather`.
    """
    scorable = lines["item"].map({item.id: item.scorable for item in plan.codebook.items.values()})
    counts = (lines["truth"] >= 0) & scorable.astype(bool) & (lines["error"] == "")
    for name, own in lines[~is_reference(lines)].groupby(METHOD, sort=False):
        model, graph, variant = map(str, name)
        title = title_of(graph, variant) + (f", {model}" if model else "")
        counted = counts[own.index]
        unread = own.loc[counted & (own["why"] != ""), "why"].replace(
            ["negative", "no code"], "no option"
        )
        if len(unread):
            causes = ", ".join(f"{times} {cause}" for cause, times in unread.value_counts().items())
            yield (
                f"{title}: {len(unread)} of {counted.sum()} predictions cannot be read ({causes}): "
                f"{WRONG}."
            )
        if aside := int((~counted & (own["error"] == "")).sum()):
            yield (
                f"{title}: {aside} predictions are not scored: the person gave no answer, or the "
                f"item is a fill-in."
            )
        cases = _cases(own, plan)
        present = int((counted | ((own["truth"] >= 0) & (own["error"] != ""))).sum())
        if cases > present:
            yield (
                f"{title}: {cases - present} of {cases} cases with a truth have no prediction: not "
                f"asked, not scored."
            )
        if other := int(_contradicts(own).sum()):
            yield (
                f"{title}: {other} predictions are not the most probable code; accuracy takes "
                f"them, MAE the median."
            )


def _cases(own: pd.DataFrame, plan: Plan) -> int:
    """How many answers to score the people of a method gave to what was held out in their folds."""
    cases = 0
    for fold in plan.folds:
        people = own.loc[own["fold"] == fold.number, "respondent"].unique().astype(np.intp) - 1
        held = [
            item
            for item in fold.held_out
            if item in plan.survey.items and plan.codebook.items[item].scorable
        ]
        columns = np.array([plan.survey.items.index(item) for item in held], dtype=np.intp)
        cases += int((plan.survey.codes[np.ix_(people, columns)] >= 0).sum())
    return cases


def _contradicts(own: pd.DataFrame) -> "pd.Series[bool]":
    """Whether another code than the one predicted is more probable."""
    given = zip(own["shares"], own["predicted"], strict=True)
    return pd.Series(
        [
            bool(shares) and code >= 0 and max(shares.values()) > shares.get(code, 0) + 1e-6
            for shares, code in given
        ]
    )
