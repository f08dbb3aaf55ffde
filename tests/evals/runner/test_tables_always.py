"""A run that was paid for ends in its tables: odd weights and answers, and a table that cannot be worked out."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.analysis import tables
from evals.report import main as report_main
from evals.score import main as score_main
from evals.study import main as study_main
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.synthetic import draw_population
from tests.evals.command import Outcome, in_process, metrics, predictions

PEOPLE = 60
ALIKE = ("Q62", "Q92", "Q2")
TABLES = ("standing", "comparisons", "distributions", "variety", "subgroups", "gaps")
NAMES = {
    "ladder_table": "standing",
    "compare_all": "comparisons",
    "distribution_table": "distributions",
    "subgroup_table": "subgroups",
}


@pytest.fixture
def weighed(tmp_path: Path) -> Path:
    """Sixty people with weights such as surveys have, all of one mind about three items and asked two more."""
    columns: dict[str, Any] = dict(draw_population(PEOPLE, seed=5))
    columns["W_WEIGHT"] = np.round(np.random.default_rng(3).lognormal(size=PEOPLE), 6)
    for item in item_folds(list(wvs7().items))[0].held_out:
        if item not in ("Q51", "Q139"):
            columns[item] = np.full(PEOPLE, 1 if item in ALIKE else -4)
    path = tmp_path / "weighed.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


@pytest.fixture
def score(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`evals.score` in this process."""
    return in_process(score_main, capsys)


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`evals.report` in this process."""
    return in_process(report_main, capsys)


def broken(*arguments: Any, **named: Any) -> Any:
    """Stands for a table with a fault in it."""
    raise ValueError("a sum that\n  cannot be")


def test_weighted_shares_of_what_all_agree_on_are_shares(
    run: Callable[..., Outcome], score: Callable[..., Outcome], report: Callable[..., Outcome], weighed: Path
) -> None:
    done = run("--graph", "full_info", "--data", weighed, "--respondents", 40, "--out", "r1")

    assert done.code == 0 and "could not be worked out" not in done.out, done
    assert "not_worked_out" not in metrics(Path("r1")) and done.out.count("As a population") == 1
    scored = score("--truth", weighed, "--predictions", "r1/predictions.csv", "--out", "scored")
    assert scored.code == 0 and "could not be worked out" not in scored.out, scored
    assert report("r1", "--out", "page").code == 0
    assert "could not be worked out" not in Path("page/report.html").read_text()


@pytest.mark.parametrize("table", ["ladder_table", "compare_all", "distribution_table", "subgroup_table"])
def test_a_table_that_cannot_be_worked_out_is_named_and_the_others_are_there(
    table: str,
    small: Callable[..., Outcome],
    report: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = NAMES[table]
    monkeypatch.setattr(tables, table, broken)

    done = small(graph="full_info")

    assert done.code == 0
    line = f"{named} could not be worked out (ValueError: a sum that cannot be)"
    assert done.out.splitlines().count(line) == 1 and done.out.count("could not be worked out") == 1
    assert metrics(Path("run"))["not_worked_out"] == {named: "ValueError: a sum that cannot be"}
    for other in TABLES:
        header, *lines = Path("run", f"{other}.csv").read_text().splitlines()
        assert header.startswith("scope,") and (not lines if other == named else lines or other == "gaps"), other
    assert done.counts("Full Info")[0] == "2"

    assert report("run", "--out", "page", "--answers", 0).code == 0
    page = Path("page/report.html").read_text()
    assert line.replace("'", "&#39;") in page and "Where they stand" not in page and "Comparisons" in page


def test_figures_are_written_before_the_tables_are_worked_out(
    small: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends the process then, they stay; the same command goes on without asking."""

    def killed(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tables, "ladder_table", killed)
        assert small(graph="full_info").code == 130
    there = metrics(Path("run"))
    assert there["complete"] and there["scores"]["full_info/full"]["strict"]["overall"]["respondents"] == 2
    assert {row["graph"] for row in predictions(Path("run"))} >= {"full_info", "ridge"}

    assert small(graph="full_info").code == 0
    assert metrics(Path("run")).items() >= there.items()


def test_leaks_and_findings_that_fail_are_named_too(
    small: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LeakDetector", broken)
    monkeypatch.setattr("evals.runner.results.find_findings", broken)

    done = small(graph="full_info")

    assert done.code == 0 and "Where they stand" in done.out
    for name in ("leaks", "findings"):
        assert f"\n{name} could not be worked out (ValueError: a sum that cannot be)\n" in done.out


def test_score_and_study_name_what_they_cannot_work_out(
    small: Callable[..., Outcome],
    score: Callable[..., Outcome],
    wave: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert small(graph="full_info").code == 0
    monkeypatch.setattr(tables, "variety_table", broken)
    line = "variety could not be worked out (ValueError: a sum that cannot be)"

    scored = score("--truth", wave, "--predictions", "run/predictions.csv", "--out", "scored")
    flags = ("ablations", "--data", wave, "--respondents", 2, "--out", "study")
    studied = in_process(study_main, capsys)(*flags)

    for done in (scored, studied):
        assert done.code == 0 and line in done.out.splitlines() and "Where they stand" in done.out
    assert metrics(Path("scored"))["scores"] and list(metrics(Path("scored"))["not_worked_out"]) == ["variety"]
    assert list(json.loads(Path("study/study.json").read_text())["not_worked_out"]) == ["variety"]
    assert len(Path("study/scores.csv").read_text().splitlines()) > 10


ITEMS = "id,kind,codes,question\na,ordinal,1-5,?\nb,ordinal,1-5,!\nc,nominal,1;2,-\n"


@pytest.mark.parametrize(
    ("truth", "given"),
    [
        ("respondent,weight,a,b\n1,0.3,1,2\n", "respondent,a\n1,1\n"),
        ("respondent,weight,a\n1,0.1,1\n2,1e300,1\n3,0.7,1\n", "respondent,a\n1,1\n2,1\n3,1\n"),
        ("respondent,weight,c\n1,0,1\n2,0,1\n3,0,2\n", "respondent,c\n1,1\n2,2\n3,\n"),
        ("respondent,weight,a,c\n1,0.1,-1,-1\n2,,1,\n3,7,,2\n", "respondent,a,c\n1,1,1\n2,,\n3,1,2\n"),
        (
            "respondent,item,truth,sex,weight\n" + "".join(f"{n},a,1,[/b],{n / 7}\n" for n in range(1, 90)),
            "respondent,item,predicted\n" + "".join(f"{n},a,{1 + n % 2}\n" for n in range(1, 90)),
        ),
    ],
    ids=["one person", "huge weight", "no weight", "hardly any answer", "constant"],
)
def test_small_and_odd_files_are_scored_whole(truth: str, given: str, score: Callable[..., Outcome]) -> None:
    for name, text in (("items.csv", ITEMS), ("truth.csv", truth), ("mine.csv", given)):
        Path(name).write_text(text)

    done = score("--truth", "truth.csv", "--items", "items.csv", "--predictions", "mine.csv", "--out", "out")

    assert done.code == 0, done
    assert "could not be worked out" not in done.out and "Where they stand" in done.out
    assert "Warning" not in done.err
