"""A run that was stopped before it had all: what it writes, and what the report makes of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evals.report import main as report_main
from evals.study import main as study_main
from tests.evals.command import Outcome, in_process, metrics, of_graph
from tests.server import Server, error

Run = Callable[..., Outcome]


def after(server: Server, many: int) -> None:
    """Let the server refuse the key once it has answered so many prompts."""
    server.fault = lambda path, body: error(401) if len(server.prompts) > many else None


def test_a_run_that_stopped_writes_what_it_has_and_a_later_one_clears_the_mark(
    asking: Run, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after(server, 7)
    stopped = asking("--concurrency", 1, graph="full_info")

    rows = of_graph(tmp_path / "run", "full_info")
    assert (stopped.code, stopped.out, len(rows)) == (2, "", 7)
    assert stopped.last.startswith("evals.run: stopped: the key was refused")
    kept = f"; 7 of 12 answers are kept in {tmp_path / 'run'}; the same command goes on"
    assert stopped.last.endswith(kept)
    assert "\npartial: 7 of 12 answers (stopped: the key was refused" in stopped.err
    found = metrics(tmp_path / "run")
    assert (found["complete"], found["answers"], found["answers_of"]) == (False, 7, 12)
    assert found["partial"].startswith("stopped: the key was refused")
    assert found["scores"]["full_info/full"]["strict"]["overall"]["rows"] == 7

    report = in_process(report_main, capsys)
    assert report(tmp_path / "run").code == 0
    page = (tmp_path / "run" / "report" / "report.html").read_text()
    assert "Partial: run: 7 of 12 answers, stopped: the key was refused" in page and "Incomplete" not in page

    server.fault = lambda path, body: None
    assert asking(graph="full_info").code == 0
    found = metrics(tmp_path / "run")
    assert found["complete"] is True and not found.keys() & {"partial", "answers", "answers_of"}
    assert report(tmp_path / "run").code == 0
    assert "Partial:" not in (tmp_path / "run" / "report" / "report.html").read_text()


def test_a_run_that_the_limit_on_money_stopped_is_partial_and_the_report_takes_it(
    asking: Run, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prices.csv").write_text("model,prompt,cached,completion\ntest,10,10,40\n")
    stopped = asking("--prices", tmp_path / "prices.csv", "--max-cost", 0.55, "--concurrency", 1, graph="full_info")

    rows = of_graph(tmp_path / "run", "full_info")
    assert stopped.code == 2 and stopped.out == "" and 0 < len(rows) < 12, stopped.err
    found = metrics(tmp_path / "run")
    assert (found["complete"], found["answers"], found["answers_of"]) == (False, len(rows), 12)
    assert found["partial"].startswith("stopped: --max-cost 0.55 may be passed")
    assert found["scores"]["full_info/full"]["strict"]["overall"]["rows"] == len(rows)
    assert in_process(report_main, capsys)(tmp_path / "run").code == 0
    page = (tmp_path / "run" / "report" / "report.html").read_text()
    assert f"Partial: run: {len(rows)} of 12 answers, stopped: --max-cost 0.55 may be passed" in page


def test_a_run_that_has_no_answer_writes_no_results(asking: Run, server: Server, tmp_path: Path) -> None:
    after(server, 0)
    stopped = asking(graph="full_info")

    assert stopped.code == 2 and stopped.last.startswith("evals.run: stopped: the key was refused")
    assert f"are kept in {tmp_path / 'run'}; the same command goes on" in stopped.last


def test_a_study_that_stopped_writes_the_tables_of_what_it_has(
    server: Server, wave: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, report = in_process(study_main, capsys), in_process(report_main, capsys)
    flags = ["ablations", "--data", wave, "--respondents", 2, "--model", "openai:test", "--base-url", server.url]
    flags += ["--out", tmp_path / "study", "--concurrency", 1]
    after(server, 30)
    stopped = study(*flags)

    assert (stopped.code, stopped.out) == (2, "")
    assert "answers are kept in" in stopped.last and "Traceback" not in stopped.err
    assert report(tmp_path / "study").code == 0
    assert "Partial: study: stopped: the key was refused" in (tmp_path / "study/report/report.html").read_text()

    server.fault = lambda path, body: None
    assert study(*flags).code == 0
    assert report(tmp_path / "study").code == 0
    assert "Partial:" not in (tmp_path / "study/report/report.html").read_text()
