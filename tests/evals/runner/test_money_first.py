"""Money is said before it is spent: the estimate, yes or no, and one timed call where there is no price."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.evals.asked import by_template
from tests.evals.command import ROOT, Outcome
from tests.server import Server
from tests.waiting import SAFETY

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]


@pytest.fixture
def dear(asking: Run, tmp_path: Path) -> Run:
    """`evals.run` on two people of the wave, asking a model of the server that costs a lot."""
    prices = tmp_path / "prices.csv"
    prices.write_text("model,prompt,cached,completion\ntest,1000,1000,1000\n")
    return lambda *arguments, **how: asking("--prices", prices, *arguments, **how)


@pytest.fixture
def at_terminal(server: Server, wave: Path, dear: Run, tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    """The same at a terminal, with what somebody types: its exit code, and all that is shown."""

    def at_terminal(typed: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        command = [
            sys.executable, "-m", "evals.run", "--graph", "full_info", "--data", wave, "--respondents", "2", "--out",
            tmp_path / "run", "--model", "openai:test", "--base-url", server.url, "--prices", tmp_path / "prices.csv",
        ]  # fmt: skip
        process = subprocess.Popen(
            list(map(str, command)),
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "TERM": "dumb"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        os.write(ours, f"{typed}\n".encode())
        shown = b"".join(chunks(ours)).decode(errors="replace")
        os.close(ours)
        return process.wait(timeout=SAFETY), " ".join(shown.split())

    return at_terminal


def chunks(terminal: int) -> Iterator[bytes]:
    """What a process writes to a terminal, until it ends."""
    while True:
        try:
            found = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            return
        if not found:
            return
        yield found


def test_where_nobody_can_answer_a_dear_run_is_refused_in_one_line(dear: Run, server: Server, tmp_path: Path) -> None:
    done = dear()

    assert done.code == 2 and done.out == "" and not server.prompts
    assert "evals.run: this may cost US$ " in done.last and "--yes agrees" in done.last
    assert not (tmp_path / "run").exists()


def test_yes_agrees_and_so_do_a_low_limit_and_a_higher_threshold(dear: Run, server: Server, tmp_path: Path) -> None:
    assert dear("--max-cost", 4, out="limited").last.startswith("evals.run: stopped: ")
    assert dear("--set", "ask_above=none", graph="full_info", out="never").code == 0
    assert dear("--set", "ask_above=100000", graph="full_info", out="higher").code == 0
    assert dear("--yes", graph="full_info", out="agreed").code == 0
    assert not {"yes", "dry_run"} & set((tmp_path / "agreed" / "config.json").read_text().split('"'))


def test_a_cheap_run_and_one_without_a_price_ask_nothing(asking: Run) -> None:
    assert asking(graph="full_info").code == 0
    assert asking("--model", "openai:gpt-4o-mini", graph="full_info", out="cheap").code == 0


def test_a_run_that_goes_on_counts_only_what_is_left(dear: Run, server: Server) -> None:
    assert dear("--yes", graph="full_info").code == 0
    server.requests.clear()

    again = dear(graph="full_info")

    assert again.code == 0 and not server.prompts
    assert dear(graph="valuesim", out="other").code == 2


@pytest.mark.parametrize(("typed", "code"), [("yes", 0), ("no", 2), ("what\nn", 2), ("\x04", 2)])
def test_at_a_terminal_the_estimate_is_shown_and_yes_or_no_is_waited_for(
    at_terminal: Callable[[str], tuple[int, str]], server: Server, typed: str, code: int
) -> None:
    ended, shown = at_terminal(typed)

    assert ended == code, shown
    assert "Tokens and money" in shown and "This may cost US$ " in shown and "Go on? yes or no:" in shown
    assert len(server.prompts) == (12 if code == 0 else 0)
    assert code == 0 or shown.endswith("evals.run: nothing was asked")


def test_a_dry_run_of_a_free_model_times_one_call_and_keeps_it(small: Run, server: Server, tmp_path: Path) -> None:
    server.latency = 0.2
    free = ("--model", "vllm:test", "--base-url", server.url)

    first = small(*free, "--dry-run")
    assert first.code == 0 and by_template(server.prompts) == {"story": 1}
    assert "one call was timed, and is kept" in first.out
    assert "at the speed of one call (0." in " ".join(first.out.split())
    assert [line.split()[1] for line in first.out.splitlines() if line.split()[:1] == ["story"]] == ["1"]

    assert small(*free, "--dry-run").out == first.out and len(server.prompts) == 1
    assert small(*free).code == 0
    assert by_template(server.prompts) == {"story": 2, "cognitive": 12, "affective": 12, "behavioral": 12}


def test_without_a_price_a_call_is_timed_where_yes_agrees(asking: Run, server: Server) -> None:
    assert "nothing was sent" in asking("--dry-run", graph="full_info").out and not server.prompts

    told = asking("--dry-run", "--yes", graph="full_info")

    assert len(server.prompts) == 1 and "at the speed of one call" in " ".join(told.out.split())


def test_a_priced_model_is_never_timed(dear: Run, server: Server) -> None:
    assert "nothing was sent" in dear("--dry-run", "--yes").out
    assert not server.requests


def test_where_no_call_can_be_timed_the_estimate_says_so_and_assumes(small: Run) -> None:
    told = small("--model", "vllm:test", "--base-url", "http://127.0.0.1:9/v1", "--dry-run")

    assert told.code == 0 and "No call could be timed: nothing answers at" in " ".join(told.err.split())
    assert "nothing was sent" in told.out and "if a call takes" in told.out
