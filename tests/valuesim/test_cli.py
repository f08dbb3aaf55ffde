"""The command `valuesim`: its help, its subcommands, and how it refuses."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from evals import early
from tests.evals.command import Outcome, in_process, tried
from tests.evals.test_help import HEAVY
from tests.evals.test_interrupts import AT_IMPORT
from valuesim import __version__
from valuesim.cli import COMMANDS, EXAMPLES, main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def valuesim(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The command, in this process."""
    return in_process(main, capsys)


def test_help_lists_every_command_in_one_plain_line(valuesim: Callable[..., Outcome]) -> None:
    shown = valuesim("--help")

    assert (shown.code, shown.err) == (0, "")
    for name, command in COMMANDS.items():
        assert f"\n  {name:9}  {command.about}\n" in shown.out
    assert all(f"\n  {example} " in shown.out for example, _ in EXAMPLES) and len(EXAMPLES) == 2
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    assert valuesim("-h") == shown


def test_the_version(valuesim: Callable[..., Outcome]) -> None:
    assert valuesim("--version") == Outcome(0, f"valuesim {__version__}\n", "")


@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("reprot", "did you mean report?"),
        ("runs", "did you mean run?"),
        ("--colour", f"choose from {', '.join(COMMANDS)}"),
    ],
)
def test_an_unknown_command_is_one_line(valuesim: Callable[..., Outcome], name: str, way_out: str) -> None:
    assert valuesim(name) == Outcome(2, "", f"valuesim: no command {name!r}; {way_out}\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_flags_of_its_module(
    valuesim: Callable[..., Outcome], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own = in_process(import_module(COMMANDS[name].module).main, capsys)("--help")
    shown = valuesim(name, "--help")

    assert (shown.code, shown.err) == (own.code, own.err) == (0, "")
    assert shown.out.startswith(f"usage: valuesim {name} [")
    assert flags(shown.out) == flags(own.out.replace(f"python -m {COMMANDS[name].module}", f"valuesim {name}"))


def flags(text: str) -> list[str]:
    """What a help text says of each flag, without the name of the program."""
    return text.partition("\n\n")[2].split()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--respondents", "0"], "--respondents '0': Input should be greater than or equal to 1"),
        (["run", "--colour"], "unrecognized arguments: --colour"),
        (["study", "scale", "--data", "none.csv"], "none.csv"),
        (["score", "--truth", "none.csv"], "--predictions FILE is wanted"),
        (["audit", "--run", "nowhere"], "nowhere"),
        (["report", "nowhere"], "nowhere"),
        (["page", "--data", "none.csv"], "none.csv"),
        (["studio", "--host", "nowhere.invalid"], "cannot listen on nowhere.invalid:2024"),
        (["mcp", "--model", "nobody"], "nobody"),
        *[
            ([name, "--model", "gpt-4o-mini"], "model gpt-4o-mini: did you mean openai:gpt-4o-mini?")
            for name in ("run", "page", "mcp", "audit")
        ],
    ],
)
def test_refusals_name_the_command_as_it_was_called(
    valuesim: Callable[..., Outcome], arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = valuesim(*arguments)
    module = COMMANDS[arguments[0]].module
    own = in_process(import_module(module).main, capsys)(*arguments[1:])

    assert (shown.code, shown.out, shown.err.count("\n")) == (2, "", 1)
    assert shown.err.startswith(f"valuesim {arguments[0]}: ") and said in shown.err
    assert own.err == shown.err.replace(f"valuesim {arguments[0]}: ", f"{module}: ", 1) and own.code == 2


def test_help_and_wrong_flags_load_nothing_heavy() -> None:
    calls = [["--help"], ["--version"], ["nope"]], [["run", "--help"], ["run", "--colour"]]
    ends, loaded, _ = tried("valuesim.cli", *calls[0])
    later, more, _ = tried("valuesim.cli", *calls[1])

    assert ends == ["returned 0", "returned 0", "returned 2"] and later == ["exit 0", "exit 2"]
    assert not (HEAVY | {"pydantic", "graph", "survey"}) & loaded and not HEAVY & more


def test_help_takes_a_quarter_of_a_second_of_cpu_at_most() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "valuesim", "--help"], env=environment, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) <= 0.25


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("run", "pydantic"),
        ("report", "evals.runner.command"),
        ("mcp", "graph.command_line.parser"),
        ("synthetic", "numpy"),
    ],
)
def test_an_interrupt_while_modules_are_loaded_is_one_line(tmp_path: Path, name: str, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(AT_IMPORT.format(module=module))
    done = subprocess.run(
        [sys.executable, "-m", "valuesim", name, "--help"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == f"valuesim {name}: interrupted before it began\n"


def test_a_call_from_other_code_leaves_ctrl_c_alone(valuesim: Callable[..., Outcome]) -> None:
    before = signal.getsignal(signal.SIGINT)
    valuesim("run", "--respondents", "0")
    valuesim("synthetic", "--help")

    assert signal.getsignal(signal.SIGINT) is before and early.command == ""


def test_the_installed_command_is_this_one() -> None:
    script = Path(sys.executable).with_name("valuesim")
    if not script.is_file():
        pytest.skip("installed before there was a command")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout) == (0, f"valuesim {__version__}\n")
