"""The command `evals.run`, in this process or in one of its own, and what it leaves behind."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.server import Server
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
PEOPLE = 30
ASKED: Mapping[int, tuple[str, ...]] = {1: ("Q139", "Q2", "Q254", "Q51", "Q62", "Q92"), 2: ("Q56", "Q90")}
"""The items of folds 1 and 2 that everybody in the wave answers, sorted; all others of these folds nobody does."""


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

    def counts(self, title: str) -> list[str]:
        """What is counted beside a method's figures: people, items, answers, readable, unread, failed."""
        _, _, behind = self.out.partition("What stands behind")
        return next(line[len(title) :].split() for line in behind.splitlines() if line.startswith(title + " "))

    def refused(self) -> str:
        """The one line that a refusal is, and nothing else."""
        assert (self.code, self.out) == (2, ""), self
        assert self.err.startswith("evals.run: ") and self.err.count("\n") == 1 and self.err.endswith("\n"), self.err
        return self.err


def in_process(main: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """A command in this process."""

    def called(*arguments: object) -> Outcome:
        capsys.readouterr()
        try:
            code: Any = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        return Outcome(code, *capsys.readouterr())

    return called


def tried(module: str, *calls: list[str]) -> tuple[list[str], set[str], list[str]]:
    """How each call of a command ends in one fresh process, what that has loaded, and what is shown.

    A call ends with "exit CODE" where the parser ended the process, with "returned CODE" otherwise.
    """
    code = (
        "import importlib, json, sys\n"
        f"main, ends = importlib.import_module('{module}').main, []\n"
        f"for flags in {calls!r}:\n"
        "    try: ends.append(f'returned {main(flags)}')\n"
        "    except SystemExit as ended: ends.append(f'exit {ended.code}')\n"
        "print(json.dumps([ends, sorted({name.partition('.')[0] for name in sys.modules})]))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    *shown, last = done.stdout.splitlines()
    ends, loaded = json.loads(last)
    return ends, set(loaded), shown


@contextmanager
def started(
    server: Server, requests: int, *arguments: object, command: Sequence[str] = ("evals.run",)
) -> Iterator[subprocess.Popen[str]]:
    """`evals.run` in a process of its own, from the moment when it has sent so many requests."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: len(server.requests) >= requests or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        yield process
    finally:
        process.kill()
        process.communicate()


def predictions(folder: Path) -> list[dict[str, str]]:
    """The rows of a run."""
    with (folder / "predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def of_graph(folder: Path, graph: str) -> list[dict[str, str]]:
    """The rows of one graph."""
    return [row for row in predictions(folder) if row["graph"] == graph]


def metrics(folder: Path) -> dict[str, Any]:
    """What `metrics.json` holds."""
    found: dict[str, Any] = json.loads((folder / "metrics.json").read_text())
    return found


def calls(folder: Path) -> dict[str, int]:
    """How many calls a run paid for, by template."""
    return {name.removeprefix("predict/"): part["calls"] for name, part in metrics(folder)["usage"].items()}
