"""Runs that end before their time, and the same command once more."""

import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evals.asked import disagreeing
from tests.evals.command import Outcome, started
from tests.server import Server

Run = Callable[..., Outcome]
LIMIT = 2
ALL = 2 + 12 * 4


@pytest.fixture
def flags(server: Server, wave: Path, tmp_path: Path) -> list[object]:
    """One graph on two people, slowly."""
    server.answer, server.latency = disagreeing, 0.04
    return [
        "--graph", "valuesim", "--data", wave, "--respondents", 2, "--concurrency", LIMIT,
        "--model", "openai:test", "--base-url", server.url, "--out", tmp_path / "run",
    ]  # fmt: skip


def completes(run: Run, server: Server, flags: list[object], tmp_path: Path) -> None:
    """The same command goes on where it ended, pays twice at most for what was in flight, and ends as if alone."""
    server.latency = 0.0
    before = len(server.prompts)
    done = run(*flags)
    twice = Counter(server.prompts)

    assert done.code == 0 and f"{ALL} calls;" in done.out
    assert len(twice) == ALL and sum(twice.values()) <= ALL + LIMIT
    assert len(server.prompts) - before <= ALL - before + LIMIT

    assert run(*flags[:-1], tmp_path / "whole").code == 0
    again, whole = ((tmp_path / name / "predictions.csv").read_bytes() for name in ("run", "whole"))
    assert again == whole


def test_a_run_that_is_interrupted_says_so_and_goes_on(
    run: Run, server: Server, flags: list[object], tmp_path: Path
) -> None:
    with started(server, 20, *flags) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)

    assert (process.returncode, out) == (130, "")
    last = err.strip().splitlines()[-1]
    assert last == f"evals.run: interrupted; the same command goes on where {tmp_path / 'run'} ends"
    assert "Traceback" not in err and "exception" not in err
    assert not (tmp_path / "run" / "predictions.csv").exists()
    completes(run, server, flags, tmp_path)


def test_a_run_that_is_killed_goes_on_and_is_one_at_a_time(
    run: Run, server: Server, flags: list[object], tmp_path: Path
) -> None:
    with started(server, 20, *flags) as process:
        second = run(*flags)
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    assert (second.code, second.out) == (2, "")
    assert second.last == f"evals.run: --out {tmp_path / 'run'}: another process is running there"
    assert process.returncode == -signal.SIGKILL
    completes(run, server, flags, tmp_path)


def test_an_interrupt_before_anything_is_asked_leaves_nothing(
    run: Run, flags: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evals.conduct.read", interrupted)
    done = run(*flags)

    assert (done.code, done.out, done.err) == (130, "", "evals.run: interrupted before anything was asked\n")
    assert not (tmp_path / "run").exists()
