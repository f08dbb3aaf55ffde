"""References beside predictions made elsewhere: they answer the same cases, from what was not
predicted.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial

import pandas as pd

from baselines.answer_frame import answer_frame
from baselines.gaussian import OneHotGaussian, Ridge
from baselines.reference import Reference
from baselines.statistics import Chance, Mode
from evals.analysis.frame import CASE
from evals.harness.experiment import Experiment
from evals.harness.method_names import STANDING
from evals.harness.plan import Plan
from evals.harness.references import Asked, answer_by_references
from evals.runner.scores import ridges_of
from evals.scoring.predictions import is_reference, is_scorable
from evals.scoring.truth import Truth
from survey.codebook import Codebook
from survey.folds import Fold

FROM_OTHER_ITEMS = ("new_topic", "ridge")


def cases_to_score(lines: pd.DataFrame, codebook: Codebook) -> Asked:
    """The cases to score among the lines of `match_predictions`.

    Lines of references count only where there are no others. A respondent without a case to score
    has no items.
    """
    others = ~is_reference(lines)
    own = lines[others] if others.any() else lines
    cases = own.loc[(own["truth"] >= 0) & is_scorable(own, codebook), CASE].drop_duplicates()
    asked: dict[int, dict[int, list[str]]] = {}
    for respondent in own["respondent"].unique():
        asked[int(respondent)] = {}
    for respondent, fold, item in cases.itertuples(index=False, name=None):
        asked[respondent].setdefault(fold, []).append(item)
    return asked


def scoring_plan(
    truth: Truth, codebook: Codebook, asked: Collection[int], folds: Sequence[Fold]
) -> Plan:
    """The plan of a run that scores these people on these folds."""
    return Plan(
        Experiment(graph=STANDING), truth.people, codebook, tuple(sorted(asked)), tuple(folds)
    )


def _with_people_to_fit(plan: Plan) -> Plan:
    """The plan with enough people to fit on: all people are drawn, and take turns at both, where
    fewer would be left than are scored.
    """
    people = len(plan.survey)
    if 2 * len(plan.drawn) <= people:
        return plan
    return replace(plan, drawn=tuple(range(1, people + 1)))


def reference_answers(
    plan: Plan, asked: Asked, given: pd.DataFrame
) -> tuple[pd.DataFrame, list[str], list[float]]:
    """Have the references answer the cases to score, as far as `given` lacks their answers.

    No reference is fitted on people whom it is scored on. Returns the new answers, notes that say
    which references are left out and on whom the others are fitted, and the ridge penalties.
    """
    plan = _with_people_to_fit(plan)
    names, notes = _usable_references(plan)
    there = given[given["graph"].isin(names) & (given["variant"] == "full")]
    counts = Counter(there.loc[there["truth"].notna(), "graph"].astype(str))
    cases = 0
    for folds in asked.values():
        cases += sum(map(len, folds.values()))
    lacking = [name for name in names if counts[name] < cases]
    if not lacking:
        return answer_frame(()), notes, []
    if lacking != ["chance"]:
        notes.append(f"References are fitted on {_describe_fitting(plan)}.")
    references = list(_references(lacking, plan.codebook))
    added = answer_by_references(plan, references, asked)
    return _without(added, there), notes, ridges_of(references)


def _without(answers: pd.DataFrame, there: pd.DataFrame) -> pd.DataFrame:
    """Leave out the answers to cases that the same reference has answered already."""
    if there.empty:
        return answers
    keys = ["graph", *CASE]
    known, own = (
        pd.MultiIndex.from_frame(frame[keys].astype({"graph": object, "item": object}))
        for frame in (there, answers)
    )
    return answers[~own.isin(known)].reset_index(drop=True)


def _usable_references(plan: Plan) -> tuple[list[str], list[str]]:
    """The references that have something to learn from, and a note where some do not."""
    if len(plan.survey) < 2:
        return ["chance"], [
            "The truth has nobody else to learn from: of the references there is chance alone."
        ]
    standing: list[str] = list(STANDING)
    if not plan.survey.several_countries:
        standing.remove("country_mode")
    if any(fold.known for fold in plan.folds):
        return standing, []
    return [name for name in standing if name not in FROM_OTHER_ITEMS], [
        "Every item of the truth is predicted, so nothing else is known of people: no new "
        "topic, no ridge."
    ]


def _describe_fitting(plan: Plan) -> str:
    """Say on whom references are fitted."""
    rest = len(plan.survey) - len(plan.drawn)
    if rest:
        return f"the {rest:,} people without predictions"
    return "four fifths of all people, for the other fifth"


def _references(names: Sequence[str], codebook: Codebook) -> Iterator[Reference]:
    """Make the references of these names; those that need a fit share it."""
    fit = lru_cache(maxsize=1)(partial(OneHotGaussian, items=codebook.items))
    for name in names:
        if name == "chance":
            yield Chance("fair")
        elif name in {"mode", "country_mode"}:
            yield Mode("fair", by_country=name == "country_mode")
        else:
            yield Ridge("fair", name, fit=fit)  # type: ignore[arg-type]  # one of FROM_OTHER_ITEMS
