"""What a command prints at its end by default, and with `--tables all`."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.score import main as score
from evals.study import main as study
from tests.evals.asked import asks
from tests.evals.command import ROOT, Outcome, in_process, metrics
from tests.server import Server, error

GOLDEN = ROOT / "tests" / "golden" / "all_tables.txt"
TITLES = ("Accuracy (share", "MAE (0 = as given", "What stands behind", "Where they stand", "One less another")
Run = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VALUESIM_TABLES")


def is_short(text: str) -> bool:
    """Whether these are at most 25 lines of 80 columns, but for one word that is longer."""
    lines = [line.rstrip() for line in text.splitlines()]
    return len(lines) <= 25 and all(len(line) <= 80 or " " not in line.strip() for line in lines)


def test_a_run_ends_with_one_table_findings_and_what_to_type_next(run: Run, wave: Path) -> None:
    flags = ("--data", wave, "--respondents", 12, "--out", "run")
    done = run(*flags)

    assert done.code == 0 and is_short(done.out), done.out
    words = " ".join(done.out.split())
    assert words.startswith(
        "12 people of 30 in wave.csv: 72 answers to 6 questions were hidden, and guessed by each method."
    )
    assert "no language model: nothing is said about people." in words
    rows = re.findall(r"^(\w.*?) (\.\d{3}) \[.*\] +\.\d{3} +(\S+) +(\S+) *$", done.out, re.MULTILINE)
    starts = [row[0] for row in rows]
    assert [start[:9].strip() for start in starts[:3]] == ["ValueSim", "Full Info", "RAG"] and len(rows) == 8
    assert {row[-1] for row in rows} == {"100.0%", "-"}
    assert 1 <= done.out.count("\n* ") <= 3
    assert "All files: run (answers.csv: what was said)." in words
    assert "Next, a page to read: valuesim report run Next, every table: the same command with --tables all" in words
    assert not any(title in done.out for title in TITLES)

    everything = run(*flags, "--tables", "all")
    assert "asked:" not in everything.err  # and nothing was asked again
    assert all(title in everything.out for title in TITLES) and everything.out.endswith("\nWritten to run\n")
    accuracy = metrics(Path("run"))["scores"]["valuesim/full"]["strict"]["overall"]["accuracy"]
    assert rows[0][1] == f"{accuracy:.3f}".removeprefix("0")


def test_all_tables_are_those_that_were_always_printed(run: Run, wave: Path) -> None:
    done = run("--data", wave, "--respondents", 12, "--out", "run", "--graph", "chance", "--tables", "all")

    assert done.out == GOLDEN.read_text(encoding="utf-8")


def test_two_people_are_too_few_to_say_anything_about_methods(small: Run) -> None:
    done = small(graph="valuesim,rag")

    assert "* Too few people to say which method is better: 2 people; findings need 10." in done.out
    assert "worse than" not in done.out and is_short(done.out), done.out


@pytest.mark.usefixtures("few_tables")
def test_unread_replies_are_a_finding(asking: Run, server: Server) -> None:
    server.answer = lambda _: "I would rather not say."
    done = asking(graph="full_info")

    assert is_short(done.out), done.out
    words = " ".join(done.out.split())
    assert "* 12 of 12 replies of Full Info could not be read, and count as wrong; mostly: no option named." in words
    assert "The language model openai:test guessed from each person's other answers: 12 calls." in words


@pytest.mark.usefixtures("few_tables")
def test_a_run_with_failed_calls_says_that_it_is_incomplete(asking: Run, server: Server) -> None:
    server.fault = lambda path, body: error(400) if asks(body["messages"][-1]["content"], "Q62") else None
    done = asking(graph="full_info")

    assert done.code == 3 and is_short(done.out), done.out
    assert "! Incomplete: calls failed (http_400 x 2); --retry-failed asks them again." in done.out


def test_a_study_and_a_scoring_are_as_short(wave: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = in_process(study, capsys)("ablations", "--data", wave, "--respondents", 2, "--out", "study")

    assert done.code == 0 and is_short(done.out)
    assert "ValueSim no_story" in done.out and "(scores.csv: all scores)" in " ".join(done.out.split())
    predictions = sorted(Path("study").rglob("predictions.csv"))[0]
    scored = in_process(score, capsys)("--truth", wave, "--predictions", predictions, "--out", "score")
    assert scored.code == 0 and is_short(scored.out)
    assert "ridge †" in scored.out and "All files: score (predictions.csv: every answer)." in scored.out
