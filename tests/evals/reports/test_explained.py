"""Answers explained: gone through again from the call store alone, as they were given."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from evals.harness.errors import ExperimentError
from evals.reports.draw_answers import draw_answers_to_explain
from evals.reports.explainer import Explainer
from evals.reports.rows import read_rows_of_source
from evals.reports.sources import read_sources
from survey.codebook import wvs7
from survey.respondents import read_survey
from tests.evals.command import Outcome, predictions
from tests.evals.reports.conftest import Page

Report = Callable[..., Outcome]


def test_a_replay_gives_every_answer_again_and_asks_nobody(answered: Path, wave: Path) -> None:
    [source] = read_sources([answered])
    rows = [row for row in predictions(answered) if row["graph"] in {"valuesim", "full_info", "rag"}]
    before = sha256((answered / "calls.sqlite").read_bytes()).hexdigest()

    explained = Explainer(source.runs[0]).explain(sorted({(int(r["respondent"]), r["item"]) for r in rows}))

    titles = {"valuesim": "ValueSim", "full_info": "Full Info", "rag": "RAG"}
    told = {(one.respondent, one.item, each.title): (one, each) for one in explained for each in one.told}
    assert len(told) == len(rows)
    survey = read_survey(wave, wvs7())
    for row in rows:
        one, each = told[int(row["respondent"]), row["item"], titles[row["graph"]]]
        assert each.missing == "" and each.decided_by == row["decided_by"]
        assert each.answer.partition(":")[0] == (row["predicted"] or "none")
        assert one.truth.partition(":")[0] == str(survey.answers(one.respondent)[one.item])
        assert each.right == (row["predicted"] == row["truth"])
    assert sha256((answered / "calls.sqlite").read_bytes()).hexdigest() == before


def test_each_method_tells_how_it_came_to_its_answer(answered: Path) -> None:
    [source] = read_sources([answered])
    respondent = int(predictions(answered)[0]["respondent"])

    differing, agreeing, unread = Explainer(source.runs[0]).explain([(respondent, i) for i in ("Q2", "Q62", "Q90")])

    valuesim, full_info, rag = differing.told
    assert [view.name for view in valuesim.views] == [
        "Cognitive perspective", "Emotional perspective", "Behavioral perspective", "Coordinator",
    ]  # fmt: skip
    assert [view.answer.partition(":")[0] for view in valuesim.views] == ["1", "2", "1", "1"]
    assert "You were told: <script>" in valuesim.story and "<script>" in valuesim.views[0].analysis
    assert len(agreeing.told[0].views) == 3 and agreeing.told[0].decided_by == "unanimous"
    assert all("could not be read" in view.answer for view in unread.told[0].views)
    assert len(rag.evidence) == 3 and not full_info.evidence
    assert [view.name for view in full_info.views] == ["Reply"]


def test_the_closest_known_answers_are_of_the_profile_and_worded_alike(answered: Path) -> None:
    [source] = read_sources([answered])
    respondent = int(predictions(answered)[0]["respondent"])

    [one] = Explainer(source.runs[0]).explain([(respondent, "Q62")])

    held_out = json.loads((answered / "folds.json").read_text())["1"]["held_out"]
    assert len(one.closest) == 5 and not {line.partition(":")[0] for line in one.closest} & set(held_out)
    assert one.closest[0].startswith("Q63: ")  # the same question of another group of people


def test_explain_prints_an_answer_and_puts_it_into_the_page(report: Report, answered: Path, tmp_path: Path) -> None:
    respondent = predictions(answered)[0]["respondent"]

    done = report(answered, "--out", tmp_path / "r", "--answers", 0, "--explain", respondent, "q2")

    assert done.code == 0 and f"Q2, respondent {respondent}" in done.out
    assert "Emotional perspective: 2" in done.out and "retrieved" in done.out
    assert "\x1b" not in done.out and done.err == "making tables, figures and the page\n"
    text = Page(tmp_path / "r" / "report.html").text
    assert f"Q2, respondent {respondent}" in text and text.count(", respondent ") == 1


def test_explain_refuses_what_the_run_does_not_have(report: Report, answered: Path, tmp_path: Path) -> None:
    for respondent, item, says in (
        ("99", "Q2", "respondent 99 was not drawn"),
        (predictions(answered)[0]["respondent"], "Q5", "it was not asked, or not answered"),
        (predictions(answered)[0]["respondent"], "Q999", "Q999 was not held out"),
        ("one", "Q2", "a respondent is a number"),
    ):
        done = report(answered, "--out", tmp_path / "r", "--explain", respondent, item)
        assert done.code == 2 and says in done.err and done.err.count("\n") == 1


def test_what_the_store_lacks_is_said_in_a_line(report: Report, answered: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(answered, copy)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"temperature": 0.5}))

    done = report(copy, "--explain", predictions(answered)[0]["respondent"], "Q2")

    assert done.code == 0
    assert done.out.count("The call store does not hold its replies") == 3


def test_without_the_call_store_the_page_says_so_and_explains_nothing(
    report: Report, answered: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(answered, copy)
    (copy / "calls.sqlite").unlink()

    assert report(copy).code == 0

    text = Page(copy / "report" / "report.html").text
    assert "No answer is explained: copy: its call store is not there." in text and ", respondent " not in text
    assert "not known: its call store is not there" in text


@pytest.mark.parametrize(("data", "says"), [("gone.csv", "gone.csv"), (None, "is not the file that the run read")])
def test_another_survey_file_than_the_runs_is_refused(
    answered: Path, tmp_path: Path, data: str | None, says: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(answered, copy)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"data": data}))
    [source] = read_sources([copy])

    with pytest.raises(ExperimentError, match=says):
        Explainer(source.runs[0])


def test_what_two_runs_share_stands_once(answered: Path) -> None:
    [source] = read_sources([answered])
    twice = replace(source, runs=[*source.runs, *source.runs])

    assert len(read_rows_of_source(twice, wvs7())) == len(read_rows_of_source(source, wvs7())) > 0


def test_chosen_answers_are_some_of_each_kind_and_the_same_every_time(answered: Path) -> None:
    [source] = read_sources([answered])
    rows = read_rows_of_source(source, wvs7())
    own = rows[rows["graph"] == "valuesim"]

    first = draw_answers_to_explain(own, 20)

    assert first == draw_answers_to_explain(own, 20) and len(set(first)) == 20
    assert draw_answers_to_explain(own, 8) == first[:8]
    lines = own.set_index(["respondent", "item"]).loc[pd.MultiIndex.from_tuples(first[:8])].reset_index()
    kinds = Counter(
        "unread"
        if not line["readable"]
        else line["decided_by"]
        if line["decided_by"] == "coordinator"
        else line["accuracy"]
        for line in lines.to_dict("records")
    )
    assert kinds == {"unread": 2, "coordinator": 2, 1.0: 2, 0.0: 2}
    assert len(draw_answers_to_explain(own, 10_000)) == len(own) and draw_answers_to_explain(own, 0) == []
