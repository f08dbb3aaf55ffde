"""References beside predictions made elsewhere: they answer the same cases, from what was not
predicted.
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
from evals.harness.experiment import Experiment
from evals.harness.method_names import STANDING
from evals.harness.plan import Plan
from evals.runner.scores import ridges_of
from evals.scoring.predictions import is_reference, is_scorable
from evals.scoring.truth import Truth
from survey.codebook import Codebook
from survey.folds import Fold

Asked = Mapping[int, Mapping[int, Collection[str]]]
"""The cases to answer: the items of each respondent and fold."""
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


def reference_rows(
    plan: Plan, asked: Asked, given: Sequence[Row]
) -> tuple[list[Row], list[str], list[float]]:
    """Have the references answer the cases to score, as far as the `given` rows lack their answers.

    No reference is fitted on people whom it is scored on. Returns the new rows, notes that say
    which references are left out and on whom the others are fitted, and the ridge penalties.
    """
    plan = _with_people_to_fit(plan)
    names, notes = _usable_references(plan)
    present, counts = _answered_cases(given)
    cases = 0
    for folds in asked.values():
        cases += sum(map(len, folds.values()))
    lacking = [name for name in names if counts[name] < cases]
    if not lacking:
        return [], notes, []
    if lacking != ["chance"]:
        notes.append(f"References are fitted on {_describe_fitting(plan)}.")
    methods = list(_methods(lacking, plan.codebook))
    rows = interrupts.run_interruptible(lambda: _answer(plan, asked, methods))
    return [row for row in rows if _case_of(row) not in present], notes, ridges_of(methods)


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


def _answered_cases(rows: Sequence[Row]) -> tuple[set[tuple[str, int, int, str]], Counter[str]]:
    """The cases that rows answer already, with their method; how many with a truth each has."""
    present, counts = set(), Counter[str]()
    for row in rows:
        if row.variant == "full":
            present.add(_case_of(row))
            counts[row.graph] += row.truth is not None
    return present, counts


def _case_of(row: Row) -> tuple[str, int, int, str]:
    """The case of a row, and its graph."""
    return row.graph, row.respondent, row.fold, row.item


def _describe_fitting(plan: Plan) -> str:
    """Say on whom references are fitted."""
    rest = len(plan.survey) - len(plan.drawn)
    if rest:
        return f"the {rest:,} people without predictions"
    return "four fifths of all people, for the other fifth"


async def _answer(plan: Plan, asked: Asked, methods: Sequence[Method]) -> list[Row]:
    """Fit the methods and have them answer, one group of people after the other."""
    rows = []
    for fitting, people in plan.groups():
        if asked.keys().isdisjoint(people):
            continue
        for method in methods:
            method.prepare(fitting)
        for case in _cases(plan, asked, people):
            rows += [await method.answer(case) for method in methods]
    return rows


def _cases(plan: Plan, asked: Asked, people: Collection[int]) -> Iterator[Case]:
    """The cases of these people; each person has the answers that are known in the fold."""
    known = {fold.number: fold.known for fold in plan.folds}
    for respondent in people:
        for fold, items in asked.get(respondent, {}).items():
            answers, country = plan.survey.answers(respondent), plan.survey.country(respondent)
            person = Person(respondent, fold, country, answers, (), known[fold])
            for item in items:
                yield Case(person, plan.codebook.items[item])


def _methods(names: Sequence[str], codebook: Codebook) -> Iterator[Method]:
    """Make the references of these names; those that need a fit share it."""
    fit = lru_cache(maxsize=1)(partial(OneHotGaussian, items=codebook.items))
    for name in names:
        if name == "chance":
            yield Chance("fair")
        elif name in {"mode", "country_mode"}:
            yield Mode("fair", by_country=name == "country_mode")
        else:
            yield Ridge("fair", name, fit=fit)  # type: ignore[arg-type]  # one of FROM_OTHER_ITEMS
