"""What `valuesim` alone shows: a short guide whose every line can be typed."""

import re
from collections.abc import Callable

import pytest

from tests.evals.command import Outcome, in_process, tried
from tests.evals.test_help import HEAVY
from tests.test_docs import ROOT
from valuesim.cli import COMMANDS, main
from valuesim.guide import GUIDE

TYPED = [line.typed for lines in GUIDE.values() for line in lines]


@pytest.fixture
def valuesim(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The command, in this process."""
    return in_process(main, capsys)


def test_the_guide_is_one_screen_and_no_error(valuesim: Callable[..., Outcome]) -> None:
    shown = valuesim()

    lines = shown.out.splitlines()
    assert (shown.code, shown.err) == (0, "")
    assert len(lines) <= 22 and all(len(line) <= 80 and line == line.rstrip() for line in lines)
    assert lines[0].startswith("ValueSim asks language models what the people of a survey would answer")
    assert lines[3] == "First:" and lines[4].startswith("  valuesim run ")
    assert "General Social Survey" in lines[4]
    for typed in TYPED:
        assert f"\n  {typed}  " in shown.out


@pytest.mark.parametrize("typed", [typed for typed in TYPED if typed.startswith("valuesim ")])
def test_each_line_names_a_command_that_takes_its_flags(typed: str, valuesim: Callable[..., Outcome]) -> None:
    name, *rest = typed.split()[1:]
    if name == "--help":
        assert valuesim(name).code == 0
        return

    listed = valuesim(name, "--help").out

    assert name in COMMANDS
    for flag in re.findall(r"--[a-z-]+", typed):
        assert re.search(rf"^  (-h, )?{flag}\b", listed, re.MULTILINE), flag
    if "--set " in listed and "--help" not in rest:
        assert valuesim(name, *rest, "--set", "help").code == 0  # the parser takes the whole line


def test_what_is_no_command_is_a_page(valuesim: Callable[..., Outcome]) -> None:
    pages = [typed for typed in TYPED if not typed.startswith("valuesim ")]

    assert pages and all((ROOT / page).is_file() for page in pages)


def test_the_guide_loads_nothing_heavy() -> None:
    ends, loaded, _ = tried("valuesim.cli", [])

    assert ends == ["returned 0"] and not (HEAVY | {"pydantic", "graph", "survey"}) & loaded
