"""Runs that end before their time, and the same command once more."""

import re
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evals.asked import disagreeing
from tests.evals.command import Outcome, of_graph, started
from tests.server import Server
from tests.waiting import SAFETY

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
LIMIT = 2
ALL = 2 + 12 * 4


@pytest.fixture
def flags(server: Server, wave: Path, tmp_path: Path) -> list[object]:
    """One graph on two people, of whose requests 20 are replied to at first."""
    server.answer, server.replies = disagreeing, 20
    return [
        "--graph", "valuesim", "--data", wave, "--respondents", 2, "--concurrency", LIMIT,
        "--model", "openai:test", "--base-url", server.url, "--out", tmp_path / "run",
    ]  # fmt: skip


def completes(run: Run, server: Server, flags: list[object], tmp_path: Path) -> None:
    """The same command goes on where it ended, pays twice at most for what was in flight, and ends as if alone."""
    server.replies = None
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
    with started(server, 21, *flags) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SAFETY)

    assert (process.returncode, out) == (130, "")
    *_, told, partial, _, last = err.strip().splitlines()
    kept = re.fullmatch(
        rf"evals\.run: interrupted; (\d+) of 12 answers are kept in {tmp_path / 'run'}; the same command goes on", last
    )
    assert kept and told.startswith(f"asked: {kept[1]} of 12 answers;")
    assert partial == f"partial: {kept[1]} of 12 answers (interrupted)"
    assert "Traceback" not in err and "exception" not in err
    assert len(of_graph(tmp_path / "run", "valuesim")) == int(kept[1])
    completes(run, server, flags, tmp_path)


def test_a_second_interrupt_ends_at_once_whatever_goes_on(
    run: Run, server: Server, flags: list[object], tmp_path: Path
) -> None:
    with started(server, 21, *flags) as process:  # what is under way stays without a reply
        assert process.stderr is not None
        process.send_signal(signal.SIGINT)
        while "ending; Ctrl-C once more ends at once" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SAFETY)

    assert (process.returncode, out) == (130, "")
    last = err.strip().splitlines()[-1]
    assert last.startswith("evals.run: interrupted; ") and "answers are kept in" in last
    assert "Traceback" not in err
    completes(run, server, flags, tmp_path)


def test_the_command_valuesim_ends_at_interrupts_as_the_module_does(
    server: Server, flags: list[object], tmp_path: Path
) -> None:
    with started(server, 21, *flags, command=("valuesim", "run")) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SAFETY)

    assert (process.returncode, out) == (130, "")
    last = err.strip().splitlines()[-1]
    assert re.fullmatch(
        rf"valuesim run: interrupted; \d+ of 12 answers are kept in {tmp_path / 'run'}; the same command goes on", last
    )
    assert "Traceback" not in err


MOMENTS = (
    "evals.runner.results.score_frame",
    "evals.runner.results.write_predictions",
    "evals.render.analysis_files.write_tables",
)


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_interrupt_while_results_are_written_says_that_all_is_kept(
    small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(moment, interrupted)
        done = small()

    assert (done.code, done.out) == (130, "")
    kept = f"interrupted; 12 of 12 answers are kept in {tmp_path / 'run'}; the same command goes on"
    assert done.last == f"evals.run: {kept}"
    assert not list((tmp_path / "run").glob("*.part"))
    assert small().code == 0


def test_a_run_that_is_killed_goes_on_and_is_one_at_a_time(
    run: Run, server: Server, flags: list[object], tmp_path: Path
) -> None:
    with started(server, 21, *flags) as process:
        second = run(*flags)
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait(SAFETY)

    assert (second.code, second.out) == (2, "")
    assert second.last == f"evals.run: --out {tmp_path / 'run'}: another process is running there"
    assert process.returncode == -signal.SIGKILL
    completes(run, server, flags, tmp_path)


def test_an_interrupt_before_anything_is_asked_leaves_nothing(
    run: Run, flags: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evals.runner.preflight.open_survey", interrupted)
    done = run(*flags)

    assert (done.code, done.out, done.err) == (130, "", "evals.run: interrupted before anything was asked\n")
    assert not (tmp_path / "run").exists()


def test_an_interrupt_while_a_run_is_taken_up_says_that_what_it_has_is_kept(
    small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    small()
    monkeypatch.setattr("evals.runner.preflight.open_survey", interrupted)

    assert small().last == (
        f"evals.run: interrupted; what was answered is kept in {tmp_path / 'run'}; the same command goes on"
    )
