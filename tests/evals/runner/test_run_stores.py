"""The files of a run that are damaged, of another version, another program's, or a crash's rest."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from evals.batches.outbox import Outbox
from evals.harness.ledger import COLUMNS
from tests.evals.command import ROOT, Outcome, predictions

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]

STORES = ("ledger.sqlite", "calls.sqlite", "batches.sqlite")
WAY_OUT = {
    "ledger.sqlite": "move it away: the same command writes it anew, and asks nothing that the call store holds",
    "calls.sqlite": "move it away, or name another with --calls: what it held is asked again",
    "batches.sqlite": "move it away: batches that are out are then left, and what they asked is asked again",
}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 9")


def another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (id, url)")


def no_database(path: Path) -> None:
    path.write_text("respondent;answer\n" * 600)


TROUBLES = {cut: "cut short", newer: "of version 9", another_program: "another program", no_database: "another program"}


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
@pytest.mark.parametrize("name", STORES)
def test_a_store_that_cannot_be_used_is_told_in_one_line_and_left_alone(
    small: Run, tmp_path: Path, name: str, trouble: Callable[[Path], None]
) -> None:
    small()
    path = tmp_path / "run" / name
    if name == "batches.sqlite":
        Outbox(path).close()
    before = (tmp_path / "run" / "predictions.csv").read_bytes()
    trouble(path)
    damaged = path.read_bytes()

    done = small()
    assert (done.code, done.out) == (2, "")
    assert done.last.startswith(f"evals.run: {path}: ") and TROUBLES[trouble] in done.last
    assert done.last.endswith(WAY_OUT[name]) and "Traceback" not in done.err
    assert path.read_bytes() == damaged
    assert (tmp_path / "run" / "predictions.csv").read_bytes() == before

    path.unlink()
    assert small().code == 0
    assert (tmp_path / "run" / "predictions.csv").read_bytes() == before


@pytest.mark.parametrize("name", ["ledger.sqlite", "calls.sqlite"])
def test_an_estimate_looks_the_stores_over_as_well(small: Run, tmp_path: Path, name: str) -> None:
    small()
    cut(tmp_path / "run" / name)

    assert str(tmp_path / "run" / name) in small("--dry-run").last


def test_a_ledger_from_before_versions_is_taken_up(small: Run, tmp_path: Path) -> None:
    small()
    path = tmp_path / "run" / "ledger.sqlite"
    whole = (tmp_path / "run" / "predictions.csv").read_bytes()
    older = ", ".join(reversed(COLUMNS))  # as if other columns had come later
    key = "graph, variant, respondent, fold, item, draw"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            f"ALTER TABLE rows RENAME TO new; CREATE TABLE rows ({older}, PRIMARY KEY ({key})) WITHOUT ROWID;"
            f"INSERT INTO rows ({older}) SELECT {older} FROM new; DROP TABLE new;"
            "PRAGMA application_id = 0; PRAGMA user_version = 0;"
        )

    assert small("--dry-run").code == 0
    assert small().code == 0
    assert (tmp_path / "run" / "predictions.csv").read_bytes() == whole


def test_a_run_of_a_later_format_is_refused_by_all_that_read_it(small: Run, tmp_path: Path) -> None:
    small()
    config = tmp_path / "run" / "config.json"
    content = json.loads(config.read_text())
    assert content["provenance"]["format"] == 1
    content["provenance"]["format"] = 2
    config.write_text(json.dumps(content))

    for done in (small(), small("--config", config, out="other"), small("--dry-run")):
        assert (done.code, done.out) == (2, "")
        assert done.last.startswith(f"evals.run: {config}: a run of format 2, newer than this program's 1; ")

    del content["provenance"]["format"]  # as runs from before formats
    config.write_text(json.dumps(content))
    assert small().code == 0


def test_the_rest_of_a_crash_is_cleared_and_no_hindrance(small: Run, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json.part").write_text('{"graph": ["valu')
    assert small(graph="chance").code == 0

    (tmp_path / "run" / "metrics.json.part").write_text("{")
    assert small(graph="chance").code == 0
    assert not list((tmp_path / "run").glob("*.part"))


def test_a_run_needs_nothing_that_windows_lacks(wave: Path, tmp_path: Path) -> None:
    lacking = ("fcntl", "resource", "pwd", "grp", "termios")
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nfor name in {lacking}:\n    sys.modules[name] = None\n")
    arguments = ["--data", wave, "--respondents", 2, "--out", tmp_path / "run"]
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "evals.run", *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
    assert len(predictions(tmp_path / "run")) > 36
