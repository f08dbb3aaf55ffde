"""A run that asks a real and very weak model: what it says is kept, and what cannot be read is told."""

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.evals.command import Outcome, metrics, of_graph

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
SMALL = ("--model", "smollm2", "--set", "local_threads=1", "--set", "profile_size=58", "--folds", "2")


def replies(folder: Path) -> list[tuple[str, int]]:
    """Text and tokens of each reply that a run kept, by key."""
    with closing(sqlite3.connect(folder / "calls.sqlite")) as store:
        return store.execute("SELECT text, completion_tokens FROM calls ORDER BY key").fetchall()


def answers(folder: Path) -> list[dict[str, str]]:
    """What was said in a run, as answers.csv has it."""
    with (folder / "answers.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_reply_is_kept_and_a_second_start_asks_nothing(small: Run, tmp_path: Path) -> None:
    flags = (*SMALL, "--max-tokens", 24, "--graph", "rag", "--respondents", 1)

    done = small(*flags, graph="full_info")
    first = replies(tmp_path / "run")

    assert done.code == 0, done.err
    assert "stand-in" not in done.out + done.err and "smollm2" in (tmp_path / "run" / "predictions.csv").read_text()
    rows = of_graph(tmp_path / "run", "full_info") + of_graph(tmp_path / "run", "rag")
    assert len(rows) == 4 and not any(row["error"] for row in rows)
    assert all(bool(row["predicted"]) == (row["readable"] == "True") for row in rows)
    unread = sum(row["readable"] != "True" for row in rows)
    found = metrics(tmp_path / "run")
    assert sum(sum(causes.values()) for causes in found["unread"].values()) == unread
    assert first and all(0 < tokens <= 24 for _, tokens in first)
    assert {row["reply"] for row in answers(tmp_path / "run")} == {text for text, _ in first}
    assert f"4 of 4 answers; {unread} unread, 0 failed" in done.err

    assert small(*flags, graph="full_info").code == 0
    assert replies(tmp_path / "run") == first


def test_a_reply_that_is_cut_off_is_kept_and_counts_as_unread(small: Run, tmp_path: Path) -> None:
    done = small(*SMALL, "--max-tokens", 2, "--respondents", 1, graph="rag")

    assert done.code == 0 and "2 of 2 answers; 2 unread, 0 failed" in done.err
    assert list(metrics(tmp_path / "run")["unread"].values()) == [{"cut_off": 2}]
    for row in answers(tmp_path / "run"):
        assert row["reply"] and not row["label"] and (row["cause"], row["error"]) == ("cut_off", "")


def test_a_window_too_small_for_the_prompts_is_told_before_anything_is_asked(small: Run, tmp_path: Path) -> None:
    refused = small(*SMALL, "--set", "local_window=256", graph="full_info")

    assert (refused.code, refused.out) == (2, "") and not (tmp_path / "run" / "predictions.csv").exists()
    assert "the window of smollm2 is 256 tokens" in refused.last and "--set local_window=" in refused.last


def test_a_dry_run_knows_the_window_and_costs_nothing(small: Run) -> None:
    done = small(*SMALL, "--dry-run", "--max-cost", 1, graph="full_info")

    assert done.code == 0 and "US$" not in done.out and "one call was timed" in done.out
