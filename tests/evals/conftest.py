"""A small wave of people who never lived, and the command run in this process."""

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables
from evals.run import main
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.synthetic import draw_population
from tests.evals.asked import agreeing
from tests.evals.command import ASKED, PEOPLE, Outcome, in_process
from tests.server import Server, serving


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No keys, no addresses and no terminal from outside; runs go to a directory of the test's own."""
    for name in [name for name in os.environ if name.startswith(("OPENAI_", "LANGSMITH_", "LANGCHAIN_"))]:
        monkeypatch.delenv(name)
    for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from the environment, so that a file's count."""
    for name in [name for name in os.environ if name.startswith("VALUESIM_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def wave(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty people, of whom six questions are asked in fold 1 and two in fold 2."""
    columns: dict[str, Any] = dict(draw_population(PEOPLE, seed=3))
    columns["W_WEIGHT"] = np.ones(PEOPLE)  # all alike: no weighted tables, which have tests of their own
    for fold in item_folds(list(wvs7().items))[:2]:
        for item in fold.held_out:
            columns[item] = np.full(PEOPLE, -4)
        for item in ASKED[fold.number]:
            columns[item] = 1 + np.arange(PEOPLE) % 2
    path = tmp_path_factory.mktemp("wave") / "wave.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


@pytest.fixture
def few_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs end with scores, files and what is counted, but work out none of the tables of `evals.analysis`.

    These take most of the time of a run of two people. For modules that test something else.
    """

    def none(*_: object, skipped: SkippedTables, **__: object) -> AnalysisTables:
        return AnalysisTables.empty(skipped)

    monkeypatch.setattr("evals.runner.results.make_run_tables", none)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`evals.run` in this process."""

    return in_process(main, capsys)


@pytest.fixture
def small(run: Callable[..., Outcome], wave: Path, tmp_path: Path) -> Callable[..., Outcome]:
    """`evals.run` with one graph on two people of the wave, into the directory `run`; more arguments may follow."""

    def small(*arguments: object, graph: str = "valuesim", out: str = "run") -> Outcome:
        return run("--graph", graph, "--data", wave, "--respondents", 2, "--out", tmp_path / out, *arguments)

    return small


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on loopback that tells a story for each profile and takes the first option of every question."""
    with serving(Server(answer=agreeing)) as server:
        yield server


@pytest.fixture
def asking(small: Callable[..., Outcome], server: Server) -> Callable[..., Outcome]:
    """As `small`, asking the server."""

    def asking(*arguments: object, graph: str = "valuesim", out: str = "run") -> Outcome:
        return small("--model", "openai:test", "--base-url", server.url, *arguments, graph=graph, out=out)

    return asking
