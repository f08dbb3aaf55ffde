"""References answer all cases of a plan at once as they answer each one alone."""

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from baselines.answer_frame import Shares, answer_frame, sort_frame
from baselines.gaussian import Ridge
from baselines.method import Row
from baselines.reference import Reference
from baselines.statistics import Chance, Mode
from evals.harness.config_file import make_experiment
from evals.harness.plan import Plan
from evals.harness.references import answer_by_references
from survey.codebook import wvs7
from survey.respondents import Respondents, read_survey
from survey.synthetic import write_population

BOOK = wvs7()
PEOPLE = 60


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Respondents:
    path = tmp_path_factory.mktemp("people") / "people.csv"
    write_population(path, PEOPLE)
    return read_survey(path, BOOK)


def references(protocol: Any) -> list[Reference]:
    every: list[Reference] = [Chance(protocol), Chance(protocol, "paper"), Mode(protocol), Mode(protocol, True)]
    return every + [Ridge(protocol, name) for name in ("demographics", "new_topic", "ridge")]


def one_by_one(plan: Plan, methods: list[Reference]) -> list[Row]:
    """The answers to each case alone."""
    rows = []
    for fitting, asked in plan.groups():
        for method in methods:
            method.prepare(fitting)
        for respondent in asked:
            for fold in plan.folds:
                cases = plan.cases(plan.person(respondent, fold), fold)
                rows += [asyncio.run(method.answer(case)) for case in cases for method in methods]
    return rows


@pytest.mark.parametrize(
    "settings",
    [
        {"respondents": 3, "folds": [1, 2]},
        {"respondents": 3, "folds": [3], "protocol": "published"},
        {"respondents": 3, "folds": [2], "profile_size": 20},
        {"respondents": 3, "folds": [1], "profile_size": 58, "subset": "redrawn"},
        {"respondents": PEOPLE, "folds": [4]},
    ],
)
def test_all_at_once_is_one_by_one(survey: Respondents, settings: dict[str, Any]) -> None:
    plan = Plan.of(make_experiment({"graph": ["mode"], **settings}), survey, BOOK)
    if settings["respondents"] == PEOPLE:
        plan = replace(plan, folds=(replace(plan.folds[0], held_out=plan.folds[0].held_out[:3]),))
    methods = references(settings.get("protocol", "fair"))

    together = sort_frame(answer_by_references(plan, methods))
    alone = sort_frame(answer_frame(one_by_one(plan, methods)))

    names = [name for name in together if name != "probabilities"]
    assert len(alone) > 100 and together[names].astype(object).equals(alone[names].astype(object))
    found, wanted = Shares.of(together), Shares.of(alone)
    assert (found.codes == wanted.codes).all() and (found.edges == wanted.edges).all()
    assert np.abs(found.values - wanted.values).max() < 1e-12


def test_only_the_cases_that_are_named_are_answered(survey: Respondents) -> None:
    plan = Plan.of(make_experiment({"graph": ["mode"], "respondents": 5}), survey, BOOK)
    first, second = plan.drawn[:2]
    item = next(item for item in plan.folds[0].held_out if BOOK.items[item].scorable)

    answers = answer_by_references(plan, [Chance("fair")], {first: {1: [item]}, second: {}})

    assert answers[["respondent", "fold", "item"]].to_numpy().tolist() == [[first, 1, item]]
