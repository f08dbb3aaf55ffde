"""What a bench prints and keeps: figures of today beside former ones of the same machine."""

from pathlib import Path

import pytest

from bench.history import History, commit_name, machine_name, read_results


def test_figures_stand_beside_those_of_other_code_on_this_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.csv"
    History(path, "one, 2 cores", "aaa").show("50 ms", {"CPU of a call, ms": 3.0, "calls": 1200})
    History(path, "other", "bbb").show("50 ms", {"CPU of a call, ms": 9.0})
    History(path, "one, 2 cores", "ccc").show("500 ms", {"CPU of a call, ms": 8.0})
    first = capsys.readouterr().out
    assert "3.00          -       -" in first and "1,200.00          -       -" in first

    History(path, "one, 2 cores", "ccc").show("50 ms", {"CPU of a call, ms": 1.5})
    [line] = [line for line in capsys.readouterr().out.splitlines() if "CPU of a call" in line]
    assert line.split()[5:9] == ["1.50", "3.00", "0.50", "(aaa,"]

    kept = read_results(path)
    assert [(row["machine"], row["commit"], row["value"]) for row in kept] == [
        ("one, 2 cores", "aaa", "3"),
        ("one, 2 cores", "aaa", "1200"),
        ("other", "bbb", "9"),
        ("one, 2 cores", "ccc", "8"),
        ("one, 2 cores", "ccc", "1.5"),
    ]
    assert all(row["load"] and row["date"] for row in kept)


def test_the_machine_and_the_code_are_named() -> None:
    assert "cores, Python 3." in machine_name()
    assert commit_name()
