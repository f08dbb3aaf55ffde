"""Flags of the commands that serve: a wrong one is one line, and nothing starts."""

from importlib import import_module

import pytest

from tests.evals.command import in_process


@pytest.mark.parametrize("name", ["page", "studio", "mcp"])
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--nope"], "unrecognized arguments: --nope"),
        (["--mod", "x"], "unrecognized arguments: --mod x"),
        (["more"], "unrecognized arguments: more"),
    ],
)
def test_a_wrong_flag_is_told_in_one_line(
    name: str, flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = in_process(import_module(f"graph.serve.{name}").main, capsys)(*flags)

    assert (shown.code, shown.out, shown.err) == (2, "", f"graph.serve.{name}: {said}\n")
