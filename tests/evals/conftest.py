"""A small wave of people who never lived, and the command, run in this process or in one of its own."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.run import main
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.synthetic import population
from tests.server import Server

ROOT = Path(__file__).parents[2]
PEOPLE = 30
ASKED: Mapping[int, tuple[str, ...]] = {1: ("Q2", "Q51", "Q62", "Q92", "Q139", "Q254"), 2: ("Q56", "Q90")}
"""The items of folds 1 and 2 that everybody answers; all others of these folds nobody does."""


@dataclass(frozen=True)
class Outcome:
    """What somebody sees who ran the command."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line on standard error, which says why nothing more is done."""
        return self.err.strip().splitlines()[-1]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No keys, no addresses and no terminal from outside; runs go to a directory of the test's own."""
    for name in [name for name in os.environ if name.startswith(("OPENAI_", "LANG", "COLUMNS", "FORCE_COLOR"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def wave(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty people, of whom six questions are asked in fold 1 and two in fold 2."""
    columns: dict[str, Any] = dict(population(PEOPLE, seed=3))
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
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`evals.run` in this process."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        try:
            code: Any = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        return Outcome(code, *capsys.readouterr())

    return run


@contextmanager
def started(server: Server, requests: int, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """`evals.run` in a process of its own, from the moment when it has sent so many requests."""
    command = [sys.executable, "-m", "evals.run", *map(str, arguments)]
    where = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    process = subprocess.Popen(command, env=where, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 30
        while len(server.requests) < requests:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
            time.sleep(0.005)
        yield process
    finally:
        process.kill()
        process.communicate()


def predictions(folder: Path) -> list[dict[str, str]]:
    """The rows of a run."""
    with (folder / "predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))
