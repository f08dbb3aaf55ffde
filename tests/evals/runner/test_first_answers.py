"""The first answers of a run, as they are shown while others are asked."""

import asyncio
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from baselines.method import Row
from evals.harness.experiment import Experiment
from evals.harness.plan import Plan
from evals.runner.expected_calls import ExpectedCalls
from evals.runner.first_answers import FirstAnswers
from evals.runner.preflight import make_plan, read_people
from evals.runner.progress import ProgressWatch
from evals.runner.tally import Tally
from evals.store.call_store import CallStore


@pytest.fixture(scope="module")
def plan() -> Plan:
    experiment = Experiment(respondents=4, data="synthetic")
    return make_plan(experiment, read_people(experiment))


def rows(plan: Plan, graph: str = "valuesim", **more: Any) -> list[Row]:
    """All say what the person says, who is asked three questions."""
    found = []
    for person in plan.drawn:
        for item in [name for name in plan.folds[0].held_out if plan.survey.answers(person).get(name)][:3]:
            named: dict[str, Any] = dict.fromkeys(Row.__dataclass_fields__, "")
            truth = plan.survey.answers(person)[item]
            named |= {"graph": graph, "respondent": person, "item": item, "truth": truth, "predicted": truth}
            found.append(Row(**(named | more)))
    return found


def shown(plan: Plan, answers: list[Row], terminal: bool = False) -> list[str]:
    """What is printed of them."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=300, record=True)
    first = FirstAnswers(plan, console)
    for row in answers:
        first.show(row)
    return console.export_text().splitlines()


def test_a_person_a_question_and_both_answers_are_shown_of_five_and_of_several_people(plan: Plan) -> None:
    lines = shown(plan, rows(plan, "ridge") + rows(plan, "full_info") + rows(plan))

    assert len(lines) == 5
    first, item = rows(plan)[0], plan.codebook.items[rows(plan)[0].item]
    person = plan.survey.context.iloc[first.respondent - 1]
    label = item.by_code[first.truth or 0].label
    assert lines[0].startswith(f"Respondent {first.respondent} ({'man' if person['sex'] == 1 else 'woman'}, ")
    assert f", {person['age']:.0f}, " in lines[0] and item.question[:60] in lines[0]
    assert lines[0].endswith(f"Said “{label}”; ValueSim says “{label}”.")
    assert len({line.split(" (")[0] for line in lines}) == 3


def test_a_reply_that_cannot_be_read_is_shown_as_such_and_a_failed_call_not_at_all(plan: Plan) -> None:
    assert shown(plan, rows(plan, predicted=None))[0].endswith("ValueSim says a reply that could not be read.")
    assert shown(plan, rows(plan, error="http_500") + rows(plan, truth=None)) == []


def test_none_are_shown_where_none_are_wanted(plan: Plan) -> None:
    assert shown(replace(plan, experiment=Experiment(show_answers=0)), rows(plan)) == []
    assert len(shown(replace(plan, experiment=Experiment(show_answers=1)), rows(plan))) == 1


def test_people_in_a_file_of_ones_own_are_shown_on_a_terminal_alone(plan: Plan) -> None:
    own = replace(plan, experiment=Experiment(data=Path("wave.csv")))

    assert shown(own, rows(plan)) == [] and len(shown(own, rows(plan), terminal=True)) == 5


def test_the_bar_says_what_was_asked_last_and_how_long_the_calls_take(plan: Plan, tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, record=True)
    store = CallStore(tmp_path / "calls.sqlite", "run")
    clock = iter(range(0, 10_000, 10))
    asked, answers = rows(plan)[0], FirstAnswers(plan, console)
    expected = ExpectedCalls({"valuesim": 11}, {"valuesim": 4.0})

    async def run() -> None:
        tally = Tally(Path("run"), 11, 0)
        time: dict[str, Any] = {"clock": lambda: float(next(clock))}
        async with ProgressWatch(console, tally, 0, store, ("valuesim",), expected, answers, **time) as watch:
            watch(asked)
            watch(replace(asked, graph="ridge"))  # costs nothing, and is not counted

    asyncio.run(run())
    store.close()

    shown = console.export_text()
    assert re.search(r"asking .* 1/11 answers, about \d+ (s|min) left", shown)
    assert "0 unread, 0 failed, 0 calls" in shown and f"Respondent {asked.respondent} (" in shown
    assert f", about {plan.codebook.items[asked.item].topic}"[:12] in shown
