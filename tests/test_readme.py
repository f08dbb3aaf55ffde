"""The README: one screen for a newcomer, whose every command, estimate and line of Python is true."""

import re
from collections.abc import Callable

import pytest

from evals.harness.experiment import Experiment
from evals.run import main as run_main
from graph.command_line.arguments import make_parser
from tests.evals.command import Outcome, in_process
from tests.test_docs import ROOT
from valuesim.cli import COMMANDS, main

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SCREEN = TEXT.split("\n## ")[0]
TYPED = sorted(set(re.findall(r"`(valuesim [a-z]+[^`|]*)`", TEXT)))
PAID = re.findall(r"`valuesim run ([^`]*openai:[^`]*)` \(US\$ ([\d.]+) ", TEXT)

COSTS = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
ESTIMATES = re.findall(r"^\| `(--data [^`]+)` .*\| ([\d.]+–[\d.]+) \|$", COSTS, re.MULTILINE)
"""The flags of runs, and what they cost; the first are the cheap ones."""


@pytest.fixture
def valuesim(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The command, in this process."""
    return in_process(main, capsys)


def test_what_it_is_a_picture_two_commands_and_the_tasks_fit_one_screen() -> None:
    [picture] = re.findall(r'<img src="([^"]+)"', SCREEN)
    rows = [line for line in SCREEN.splitlines() if line.startswith("| ")][1:]

    assert len(SCREEN.splitlines()) <= 45
    assert (ROOT / picture).stat().st_size <= 300_000
    assert re.findall(r"^make (\w+) ", SCREEN, re.MULTILINE) == ["demo", "test"]
    assert 10 <= len(rows) <= 14 and all(re.search(r"\]\(docs/\w+\.md", row) for row in rows)


@pytest.mark.parametrize("typed", TYPED)
def test_every_command_exists_and_takes_its_flags(typed: str, valuesim: Callable[..., Outcome]) -> None:
    name, *flags = typed.split()[1:]
    assert name in COMMANDS
    listed = valuesim(name, "--help").out
    if "--set " in listed:
        assert valuesim(name, *flags, "--set", "help").code == 0
    else:
        assert all(flag in listed for flag in flags if flag.startswith("--"))


def test_flags_named_alone_are_those_of_a_run() -> None:
    alone = {flag for typed in re.findall(r"`(--[^`]+)`", TEXT) for flag in re.findall(r"--[a-z-]+", typed)}

    assert len(alone) >= 10
    assert alone <= {action for one in make_parser(Experiment, "", "")._actions for action in one.option_strings}


def test_every_goal_of_make_is_there() -> None:
    goals = (ROOT / "Makefile").read_text(encoding="utf-8")

    for goal in set(re.findall(r"`make (\w+)`", TEXT)) | {"demo", "test"}:
        assert re.search(rf"^([a-z ]+ )?{goal}( [a-z ]+)?:", goals, re.MULTILINE), goal


@pytest.mark.parametrize(("flags", "told"), PAID)
def test_lines_that_cost_money_carry_what_the_program_estimates(
    flags: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALUESIM_DATA", "gss2018")
    monkeypatch.setenv("COLUMNS", "200")
    done = in_process(run_main, capsys)(*flags.replace("FILE", "synthetic").split(), "--dry-run")

    [money] = [line.split()[-1] for line in done.out.splitlines() if line.startswith("all ")]
    assert float(money.split("–")[-1]) == pytest.approx(float(told), rel=0.06)


@pytest.mark.parametrize(("flags", "told"), ESTIMATES[:3])
def test_the_page_on_costs_holds_what_the_program_estimates(
    flags: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    done = in_process(run_main, capsys)(*flags.split(), "--dry-run")

    [money] = [line.split()[-1] for line in done.out.splitlines() if line.startswith("all ")]
    for found, said in zip(money.split("–"), told.split("–"), strict=True):
        assert float(found) == pytest.approx(float(said), abs=0.001)


def test_every_line_that_costs_money_says_so() -> None:
    paid = [line for line in TEXT.splitlines() if re.search(r"`valuesim .*openai:\w", line)]

    assert len(paid) == len(PAID) >= 3 and all("US$" in line for line in paid)


def test_the_python_runs_and_answers_with_sense(capsys: pytest.CaptureFixture[str]) -> None:
    [code] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)

    exec(compile(code, "README.md", "exec"), {})

    # the known answer is about the same thing, and the answer follows from it
    closest = "the closest known statement is this. Is a plan there to be kept? Your answer: Agree."
    assert capsys.readouterr().out == f"Agree | {closest}\n"
