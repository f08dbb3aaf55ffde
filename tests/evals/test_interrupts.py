"""Ctrl-C at moments when Python alone would show a traceback, or lose it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from weakref import ref

import pytest

from tests.evals.command import ROOT, Outcome

COMMANDS = ("run", "study", "score", "audit", "report")
AT_IMPORT = """
import importlib.abc, os, signal, sys

class Interrupting(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
"""


@pytest.mark.parametrize(
    ("command", "module"),
    [
        *((command, "pydantic") for command in COMMANDS),
        ("run", "evals.interrupts"),
        ("run", "survey.folds"),
        ("report", "evals.runner.command"),
    ],
)
def test_an_interrupt_while_modules_are_loaded_is_one_line(tmp_path: Path, command: str, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(AT_IMPORT.format(module=module))
    done = subprocess.run(
        [sys.executable, "-m", f"evals.{command}", "--help"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == f"evals.{command}: interrupted before it began\n"


def interrupt() -> None:
    """Ctrl-C, whose handler has been called when this returns."""
    os.kill(os.getpid(), signal.SIGINT)
    signal.getsignal(signal.SIGINT)


class Cleared:
    """An object in whose clearing up Ctrl-C comes: Python loses what is raised there."""

    def __del__(self) -> None:
        interrupt()


class Watched:
    """An object whose end is told to somebody else."""


@pytest.mark.parametrize(
    "moment",
    [
        "evals.runner.results.score_frame",
        "evals.runner.results.write_predictions",
        "evals.runner.preflight.open_survey",
    ],
)
@pytest.mark.parametrize("way", ["clearing", "weak reference"])
def test_an_interrupt_that_python_loses_still_ends_the_command(
    small: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, way: str
) -> None:
    module, _, name = moment.rpartition(".")
    work = getattr(import_module(module), name)

    def interrupted(*arguments: object, **named: object) -> object:
        lost = Cleared() if way == "clearing" else Watched()
        told = ref(lost, lambda _: interrupt()) if way == "weak reference" else None
        del lost
        del told
        return work(*arguments, **named)

    monkeypatch.setattr(moment, interrupted)
    done = small()

    assert done.code == 130 and "Traceback" not in done.err and "ignored" not in done.err
    if module == "evals.runner.results":
        kept = f"12 of 12 answers are kept in {tmp_path / 'run'}"
        assert done.last == f"evals.run: interrupted; {kept}; the same command goes on"
    else:
        assert done.last == "evals.run: interrupted before anything was asked"
