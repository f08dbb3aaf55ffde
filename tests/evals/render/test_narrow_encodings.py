"""A console that lacks a character of ours ends no command after its work is done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLES = [
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "cp437:strict"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


def said(console: dict[str, str], *command: str) -> tuple[str, str]:
    """What a command says on such a console, on standard output and error; it must end well."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONIO", "PYTHONUTF8"))}
    done = subprocess.run([sys.executable, *command], env=plain | console, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode("ascii", "replace")
    return done.stdout.decode("ascii", "replace"), done.stderr.decode("ascii", "replace")


@pytest.mark.parametrize("console", CONSOLES, ids=["ascii", "cp437", "C"])
def test_tables_with_marks_are_printed_on_any_console(console: dict[str, str]) -> None:
    code = (
        "from graph.command_line.parser import Parser\n"
        "from evals.render.console import terminal\n"
        "Parser(prog='x', description='\\u2020 \\xe9').print_help()\n"
        "terminal().print('ridge \\u2020 \\u2016 T\\xfcrkiye')\n"
        "print('\\u65e5\\udcc3 done')"
    )

    shown, _ = said(console, "-c", code)

    assert "ridge ?" in shown and shown.rstrip().endswith("done")


def test_a_run_is_told_to_its_end_on_a_console_of_plain_letters(tmp_path: Path) -> None:
    out = tmp_path / "Läufe"
    run = ("--graph", "ridge", "--graph", "mode", "--respondents", "2", "--out", str(out))

    shown, _ = said(CONSOLES[0], "-m", "evals.run", *run)
    again, _ = said(CONSOLES[0], "-m", "evals.report", str(out))

    assert "Written to" in shown and "? sees other people" in shown
    assert (out / "predictions.csv").is_file() and "Written to" in again
