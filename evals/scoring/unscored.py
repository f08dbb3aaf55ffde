"""Which predictions are not scored, or scored as wrong: a sentence for each method and cause."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evals.analysis.frame import METHOD
from evals.harness.plan import Plan
from evals.render.labels import title_of
from evals.scoring.predictions import is_reference, is_scorable


def describe_unscored(lines: pd.DataFrame, plan: Plan) -> Iterator[str]:
    """Say of each method which predictions cannot be read, are not scored, or are missing.

    `lines` as `match_predictions` returns them, with a fold each. References are left out.
    """
    scored = (lines["truth"] >= 0) & is_scorable(lines, plan.codebook) & (lines["error"] == "")
    for name, own in lines[~is_reference(lines)].groupby(METHOD, sort=False):
        model, graph, variant = map(str, name)
        title = title_of(graph, variant) + (f", {model}" if model else "")
        counted = scored[own.index]
        sentences = (
            _describe_unread(own, counted),
            _describe_not_scored(own, counted),
            _describe_missing(own, counted, plan),
            _describe_improbable(own),
        )
        for sentence in filter(None, sentences):
            yield f"{title}: {sentence}"


def _describe_unread(own: pd.DataFrame, counted: "pd.Series[bool]") -> str:
    """Say how many predictions cannot be read, and why; "" where all can."""
    unread = own.loc[counted & (own["why"] != ""), "why"]
    if unread.empty:
        return ""
    counts = unread.replace(["negative", "no code"], "no option").value_counts()
    causes = ", ".join(f"{times} {cause}" for cause, times in counts.items())
    return (
        f"{len(unread)} of {counted.sum()} predictions cannot be read ({causes}): "
        "counted as wrong, with error 1."
    )


def _describe_not_scored(own: pd.DataFrame, counted: "pd.Series[bool]") -> str:
    """Say how many predictions there is nothing to score against; "" where there are none."""
    number = int((~counted & (own["error"] == "")).sum())
    if not number:
        return ""
    return (
        f"{number} predictions are not scored: the person gave no answer, or the item is a fill-in."
    )


def _describe_missing(own: pd.DataFrame, counted: "pd.Series[bool]", plan: Plan) -> str:
    """Say how many answers have no prediction; "" where all have one."""
    cases = _count_cases(own, plan)
    present = int((counted | ((own["truth"] >= 0) & (own["error"] != ""))).sum())
    if cases <= present:
        return ""
    return (
        f"{cases - present} of {cases} cases with a truth have no prediction: not asked, not "
        "scored."
    )


def _count_cases(own: pd.DataFrame, plan: Plan) -> int:
    """Count the answers that a method's people gave to what was held out in their folds."""
    cases = 0
    for fold in plan.folds:
        people = own.loc[own["fold"] == fold.number, "respondent"].unique().astype(np.intp) - 1
        columns = []
        for item in fold.held_out:
            if item in plan.survey.items and plan.codebook.items[item].scorable:
                columns.append(plan.survey.items.index(item))
        codes = plan.survey.codes[np.ix_(people, np.array(columns, dtype=np.intp))]
        cases += int((codes >= 0).sum())
    return cases


def _describe_improbable(own: pd.DataFrame) -> str:
    """Say how many predictions are not the most probable code; "" where all are."""
    number = 0
    for shares, code in zip(own["shares"], own["predicted"], strict=True):
        if shares and code >= 0:
            number += max(shares.values()) > shares.get(code, 0) + 1e-6
    if not number:
        return ""
    return (
        f"{number} predictions are not the most probable code; accuracy takes them, MAE the median."
    )
