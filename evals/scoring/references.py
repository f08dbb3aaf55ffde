"""The references beside predictions made elsewhere: they answer the same cases, knowing what was
not predicted.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

import pandas as pd

from baselines.gaussian import OneHotGaussian, Ridge
from baselines.method import Case, Method, Person, Row
from baselines.statistics import Chance, Mode
from evals import interrupts
from evals.analysis.frame import CASE
from evals.harness.experiment import STANDING, Experiment
from evals.harness.plan import Plan
from evals.runner.scores import ridges_of
from evals.scoring.predictions import is_reference
from evals.scoring.truth import Truth
from survey.codebook import Codebook
from survey.folds import Fold

Asked = Mapping[int, Mapping[int, Collection[str]]]
"""The items of each respondent and fold."""
FROM_OTHER_ITEMS = ("new_topic", "ridge")


def cases_to_score(lines: pd.DataFrame, codebook: Codebook) -> Asked:
    """The cases to score among the lines of `gather`; those of references count where there are no
    others.
    """
    others = ~is_reference(lines)
    own = lines[others] if others.any() else lines
    scorable = (
        own["item"].map({item.id: item.scorable for item in codebook.items.values()}).astype(bool)
    )
    cases = own.loc[(own["truth"] >= 0) & scorable, CASE].drop_duplicates()
    found: dict[int, dict[int, list[str]]] = {
        int(respondent): {} for respondent in own["respondent"].unique()
    }
    for respondent, fold, item in zip(*(cases[name].tolist() for name in CASE), strict=True):
        found[respondent].setdefault(fold, []).append(item)
    return found


def scoring_plan(
    truth: Truth, codebook: Codebook, asked: Collection[int], folds: Sequence[Fold]
) -> Plan:
    """Who is scored on what."""
    return Plan(
        Experiment(graph=STANDING), truth.people, codebook, tuple(sorted(asked)), tuple(folds)
    )


def _in_turns(plan: Plan) -> Plan:
    """The same, but that all take turns at both where fewer people would be left to fit on than are
    scored.
    """
    people = len(plan.survey)
    return (
        plan if 2 * len(plan.drawn) <= people else replace(plan, drawn=tuple(range(1, people + 1)))
    )


def reference_rows(
    plan: Plan, asked: Asked, there: Sequence[Row]
) -> tuple[list[Row], list[str], list[float]]:
    """The rows of references for the cases asked that the files do not bring; why there are not
    more; ridges used.

    Nobody is both fitted on and scored.
    """
    names, said, plan = list(STANDING), [], _in_turns(plan)
    if len(plan.survey) < 2:
        names = ["chance"]
        said.append(
            "The truth has nobody else to learn from: of the references there is chance alone."
        )
    elif not any(fold.known for fold in plan.folds):
        names = [name for name in STANDING if name not in FROM_OTHER_ITEMS]
        said.append(
            "Every item of the truth is predicted, so nothing else is known of people: no new "
            "topic, no ridge."
        )
    cases = sum(len(items) for folds in asked.values() for items in folds.values())
    present = {
        (row.graph, row.respondent, row.fold, row.item) for row in there if row.variant == "full"
    }
    rows = Counter(row.graph for row in there if row.variant == "full" and row.truth is not None)
    lacking = [name for name in names if rows[name] < cases]
    if len(lacking) and lacking != ["chance"]:
        said.append(f"References are fitted on {_fitted(plan)}.")
    methods = list(_methods(lacking, plan.codebook))
    made = interrupts.run_interruptible(lambda: _answer(plan, asked, methods)) if lacking else []
    rest = [row for row in made if (row.graph, row.respondent, row.fold, row.item) not in present]
    return rest, said, ridges_of(methods)


def _fitted(plan: Plan) -> str:
    """On whom references are fitted, in words."""
    rest = len(plan.survey) - len(plan.drawn)
    return (
        f"the {rest:,} people without predictions"
        if rest
        else "four fifths of all people, for the other fifth"
    )


async def _answer(plan: Plan, asked: Asked, methods: Sequence[Method]) -> list[Row]:
    """One group of people after the other."""
    rows = []
    for fitting, people in plan.groups():
        if not any(respondent in asked for respondent in people):
            continue
        for method in methods:
            method.prepare(fitting)
        for case in _cases(plan, asked, people):
            rows += [await method.answer(case) for method in methods]
    return rows


def _cases(plan: Plan, asked: Asked, people: Collection[int]) -> Iterator[Case]:
    """The cases of these people, each person with what is known in the fold."""
    known = {fold.number: fold.known for fold in plan.folds}
    for respondent in people:
        for fold, items in asked.get(respondent, {}).items():
            answers, country = plan.survey.answers(respondent), plan.survey.country(respondent)
            person = Person(respondent, fold, country, answers, (), known[fold])
            yield from (Case(person, plan.codebook.items[item]) for item in items)


def _methods(names: Sequence[str], codebook: Codebook) -> Iterator[Method]:
    """References over the items of a codebook; those that need a fit share it."""
    fit = lru_cache(maxsize=1)(partial(OneHotGaussian, items=codebook.items))
    for name in names:
        if name == "chance":
            yield Chance("fair")
        elif name in {"mode", "country_mode"}:
            yield Mode("fair", by_country=name == "country_mode")
        else:
            yield Ridge("fair", name, fit=fit)  # type: ignore[arg-type]  # one of FROM_OTHER_ITEMS
