"""Who is asked what, from whose answers the floors learn, and what never reaches a model."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.method import Case, Row
from baselines.statistics import Mode
from evals.harness.engine import answer_all
from evals.harness.experiment import Experiment
from evals.harness.ledger import Ledger
from evals.harness.plan import Plan
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.respondents import Respondents, read_survey
from tests.evals.answer_rows import rows_of
from tests.evals.asked import disagreeing
from tests.evals.command import ASKED, PEOPLE, Outcome, of_graph, predictions
from tests.server import Server

Run = Callable[..., Outcome]
BOOK = wvs7()


@pytest.fixture
def survey(wave: Path) -> Respondents:
    return read_survey(wave, BOOK)


def plan(survey: Respondents, **settings: Any) -> Plan:
    return Plan.of(Experiment(**settings), survey, BOOK)


def rows_in(people: Respondents) -> set[int]:
    """The 1-based rows of the file where these people stand."""
    return {int(place) + 1 for place in people.context.index}


@pytest.mark.parametrize("respondents", [1, 10, PEOPLE - 1])
def test_all_who_are_not_drawn_fit(survey: Respondents, respondents: int) -> None:
    made = plan(survey, respondents=respondents)

    [(fitting, asked)] = made.groups()
    assert asked == made.drawn and len(set(asked)) == respondents
    assert rows_in(fitting) == set(range(1, PEOPLE + 1)) - set(asked)
    assert len(fitting) == PEOPLE - respondents


def test_when_everybody_is_drawn_five_folds_over_respondents_take_turns(survey: Respondents) -> None:
    groups = list(plan(survey, respondents=PEOPLE).groups())

    assert len(groups) == 5
    everyone = [respondent for _, asked in groups for respondent in asked]
    assert sorted(everyone) == list(range(1, PEOPLE + 1))
    for fitting, asked in groups:
        assert rows_in(fitting) == set(range(1, PEOPLE + 1)) - set(asked)
        assert len(asked) == PEOPLE // 5


def test_the_floors_learn_from_others_alone(run: Run, survey: Respondents, wave: Path, tmp_path: Path) -> None:
    """In the wave every second person says 1 and all others say 2, so who is left out shows in the shares."""
    assert run("--graph", "chance", "--data", wave, "--respondents", PEOPLE, "--out", tmp_path / "run").code == 0

    groups = list(plan(survey, respondents=PEOPLE).groups())
    fitting = {respondent: rows_in(people) for people, asked in groups for respondent in asked}
    rows = of_graph(tmp_path / "run", "mode")
    assert len(rows) == PEOPLE * len(ASKED[1])
    for row in rows:
        others = fitting[int(row["respondent"])]
        ones = sum(other % 2 for other in others) / len(others)  # rows 1, 3, 5 ... say 1
        assert json.loads(row["probabilities"]) == pytest.approx({"1": ones, "2": 1 - ones}, abs=1e-12)


def test_the_floor_of_a_country_learns_from_that_country(
    run: Run, survey: Respondents, wave: Path, tmp_path: Path
) -> None:
    assert run("--graph", "chance", "--data", wave, "--respondents", 10, "--out", tmp_path / "run").code == 0

    [(fitting, _)] = plan(survey, respondents=10).groups()
    for row in of_graph(tmp_path / "run", "country_mode"):
        places = fitting.context.index.to_numpy()
        same = places[fitting.context["country"].to_numpy() == row["country"]]
        codes = survey.codes[same if len(same) else places, survey.items.index(row["item"])]
        expected = {str(code): round(float((codes == code).mean()), 6) for code in sorted(set(codes.tolist()))}
        assert row["probabilities"] == str(expected).replace("'", '"')


def test_one_person_alone_has_nobody_to_learn_from(run: Run, wave: Path, tmp_path: Path) -> None:
    lines = wave.read_text().splitlines(keepends=True)
    (tmp_path / "one.csv").write_text("".join(lines[:2]))

    done = run("--graph", "chance", "--data", tmp_path / "one.csv", "--respondents", 1, "--out", tmp_path / "run")
    assert done.code == 0
    assert {row["readable"] for row in of_graph(tmp_path / "run", "mode")} == {"False"}


def test_fair_asks_scorable_items_that_were_answered(survey: Respondents) -> None:
    made = plan(survey, folds=(1, 2, 3))
    for respondent in made.drawn:
        answers = survey.answers(respondent)
        for fold in made.folds:
            asked = [case.item.id for case in made.cases(made.person(respondent, fold), fold)]
            assert asked == [item for item in fold.held_out if BOOK.items[item].scorable and item in answers]


def test_published_asks_all_that_can_be_shown(survey: Respondents) -> None:
    made = plan(survey, folds=(1, 2, 3, 4, 5), protocol="published", respondents=1)
    [respondent] = made.drawn
    asked = [case.item.id for fold in made.folds for case in made.cases(made.person(respondent, fold), fold)]

    assert len(asked) == len(set(asked)) == 287
    assert set(BOOK.items) - set(asked) == {"Q223", "Q272", "Q290"}


@pytest.mark.parametrize("protocol", ["fair", "published"])
def test_the_size_of_a_run_is_known_before_it_begins(survey: Respondents, protocol: str) -> None:
    made = plan(survey, folds=(1, 3), protocol=protocol)

    cases = sum(len(made.cases(made.person(who, fold), fold)) for who in made.drawn for fold in made.folds)
    assert made.size(2) == 2 * cases


def test_a_profile_holds_no_item_that_is_held_out_and_none_that_is_missing(survey: Respondents) -> None:
    made = plan(survey, folds=(1, 2, 3, 4, 5))
    for fold in made.folds:
        person = made.person(made.drawn[0], fold)
        known = [answer["item"] for answer in person.profile]
        assert known == [item for item in fold.known if item in person.answers and BOOK.items[item].shown]
        assert all(answer["code"] >= 0 for answer in person.profile)


def test_a_profile_cut_to_size_is_the_beginning_of_the_whole(survey: Respondents) -> None:
    fold = item_folds(list(BOOK.items))[2]
    whole, cut = (plan(survey, folds=(3,), profile_size=size).person(1, fold).profile for size in (None, 150))

    assert 0 < len(cut) < len(whole) and whole[: len(cut)] == cut
    assert plan(survey, folds=(3,), profile_size=0).person(1, fold).profile == ()


class Recording(Mode):
    """A floor that remembers on whom it was fitted when it was asked."""

    def __init__(self) -> None:
        super().__init__("fair")
        self.asked: list[tuple[set[int], Case]] = []

    def prepare(self, fitting: Respondents) -> None:
        super().prepare(fitting)
        self.fitting = rows_in(fitting)

    async def answer(self, case: Case) -> Row:
        self.asked.append((self.fitting, case))
        return await super().answer(case)


@pytest.mark.parametrize("respondents", [7, PEOPLE])
def test_nobody_is_asked_about_who_was_fitted_on(survey: Respondents, tmp_path: Path, respondents: int) -> None:
    method, ledger = Recording(), Ledger(tmp_path / "ledger.sqlite")
    heard: list[Row] = []
    made = plan(survey, respondents=respondents, folds=(1, 2))
    asyncio.run(answer_all(made, [method], ledger, heard.append))

    assert len(method.asked) == respondents * 8 == len(heard)
    assert not any(case.person.respondent in fitting for fitting, case in method.asked)
    asyncio.run(answer_all(made, [method], ledger, heard.append))  # all is in the ledger
    assert len(method.asked) == respondents * 8
    assert [row.key for row in rows_of(ledger.answers(["mode"]))] == sorted(row.key for row in heard)
    ledger.close()


@pytest.mark.parametrize(("protocol", "rows"), [("fair", 6), ("published", 57)])
def test_nothing_missing_and_no_list_of_a_country_reaches_a_prompt(
    asking: Run, server: Server, survey: Respondents, tmp_path: Path, protocol: str, rows: int
) -> None:
    server.answer = disagreeing
    assert asking("--protocol", protocol, "--respondents", 1, graph="valuesim,full_info,rag").code == 0
    respondent = int(predictions(tmp_path / "run")[0]["respondent"])
    assert (survey.codes[respondent - 1] < 0).sum() > 50
    assert len(of_graph(tmp_path / "run", "rag")) == rows

    lists = {BOOK.items[item].question for item in ("Q223", "Q272", "Q290")}
    for line in {line for text in (*server.prompts, *server.embedded) for line in text.splitlines()}:
        assert not re.search(r"(?<![\w.])-\d", line), line
        assert not re.search(r"\b(no answer|not applicable|not asked|unknown code|nan)\b", line.lower()), line
        assert not any(question in line for question in lists), line


def test_what_somebody_did_not_answer_is_no_line_of_the_profile(
    asking: Run, server: Server, survey: Respondents, tmp_path: Path
) -> None:
    assert asking("--respondents", 1, graph="full_info").code == 0

    respondent = int(predictions(tmp_path / "run")[0]["respondent"])
    fold = item_folds(list(BOOK.items))[0]
    answers = survey.answers(respondent)
    for item in fold.known:
        said = item in answers and BOOK.items[item].shown
        told = [BOOK.items[item].tell(code) for code in ([answers[item]] if said else [])]
        assert all(line in server.prompts[0] for line in told), item
    assert np.count_nonzero([line.startswith("- ") for line in server.prompts[0].splitlines()]) == sum(
        item in answers and BOOK.items[item].shown for item in fold.known
    )


def test_the_truth_of_a_question_is_not_in_its_prompt(
    asking: Run, server: Server, survey: Respondents, tmp_path: Path
) -> None:
    """Held-out answers are told to nobody: neither as a sentence nor with their code."""
    assert asking(graph="valuesim,full_info,rag").code == 0

    for respondent in {int(row["respondent"]) for row in predictions(tmp_path / "run")}:
        answers = survey.answers(respondent)
        for item in ASKED[1]:
            told = BOOK.items[item].tell(answers[item])
            assert not any(told in text for text in (*server.prompts, *server.embedded)), told
