"""Input that cannot be used: one line on standard error, exit code 2, nothing written."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evals.command import PEOPLE, Outcome

Run = Callable[..., Outcome]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with files that are no survey."""
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text(",".join(f"Q{number}" for number in range(1, 291)) + "\n")
    (tmp_path / "few.csv").write_text("Q1,Q2\n1,2\n")
    (tmp_path / "other.csv").write_text("name,age\nAda,36\n")
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "noise.sav").write_bytes(b"no such thing" * 40)
    (tmp_path / "noise.zip").write_bytes(b"no such thing" * 40)
    (tmp_path / "survey.txt").write_text("Q1\n1\n")
    (tmp_path / "directory.csv").mkdir()
    return tmp_path


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("absent.csv", "no such file"),
        ("empty.csv", "empty"),
        ("header.csv", "no row"),
        ("few.csv", "2 of 290 items"),
        ("other.csv", "no item columns"),
        ("noise.csv", "noise.csv"),
        ("noise.sav", "noise.sav"),
        ("noise.zip", "noise.zip"),
        ("survey.txt", "survey.txt"),
        ("directory.csv", "directory"),
    ],
)
def test_a_file_that_is_no_survey_is_refused(run: Run, here: Path, name: str, told: str) -> None:
    before = files(here)

    assert told in run("--data", name, "--out", "out").refused()
    assert files(here) == before


def test_more_respondents_than_there_are_people(run: Run, wave: Path, tmp_path: Path) -> None:
    refused = run("--data", wave, "--respondents", PEOPLE + 1, "--out", "out").refused()

    assert f"--respondents {PEOPLE + 1}: wave.csv has {PEOPLE} rows" in refused
    assert not files(tmp_path)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("--colour red", "--colour"),
        ("--respondents", "--respondents"),
        ("--respond 3", "--respond"),  # flags are not abbreviated
        ("valuesim", "valuesim"),
        ("--graph", "--graph"),
        ("--paper yes", "yes"),
        ("--config", "--config"),
    ],
)
def test_flags_that_do_not_exist(run: Run, tmp_path: Path, flags: str, told: str) -> None:
    assert told in run(*flags.split()).refused()
    assert not files(tmp_path)


def test_an_out_that_is_a_file(small: Run, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    refused = small(graph="chance")

    assert (refused.code, refused.out) == (2, "")
    assert "not a directory" in refused.last
    assert (tmp_path / "run").read_text() == "mine"


def test_an_out_below_a_file(run: Run, wave: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    refused = run("--graph", "chance", "--data", wave, "--out", tmp_path / "mine" / "run")

    assert (refused.code, refused.out) == (2, "")
    assert str(tmp_path / "mine") in refused.last and "Traceback" not in refused.err
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_out_that_may_not_be_written(run: Run, wave: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    refused = run("--graph", "chance", "--data", wave, "--out", tmp_path / "closed" / "run")

    assert (refused.code, refused.out) == (2, "")
    assert "Permission denied" in refused.last


def test_results_that_cannot_be_written(small: Run, tmp_path: Path) -> None:
    """A directory stands where predictions.csv should be."""
    small(graph="chance")
    (tmp_path / "run" / "predictions.csv").unlink()
    (tmp_path / "run" / "predictions.csv" / "mine").mkdir(parents=True)
    refused = small(graph="chance")

    assert (refused.code, refused.out) == (2, "")
    assert "predictions.csv" in refused.last and "Traceback" not in refused.err


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (None, "", "no such directory"),
        ("", "", "no template"),
        ("predict/tale.txt", "x", "predict/tale.txt"),
        ("predict/story.txt", "Tell it.", "must use ['profile']"),
        ("predict/story.txt", "Tell it: {profile} {colour}", "colour"),
        ("predict/story.txt", "Tell it: {profile", "predict/story"),
        ("predict/story.txt", "Tell it: {profile.__class__}", "predict/story"),
    ],
)
def test_prompts_that_cannot_be_used(run: Run, tmp_path: Path, name: str | None, text: str, told: str) -> None:
    if name is not None:
        (tmp_path / "own" / "predict").mkdir(parents=True)
    if name:
        (tmp_path / "own" / name).write_text(text)

    assert told in run("--prompts", tmp_path / "own", "--out", "out").refused()
    assert not (tmp_path / "out").exists()


def test_boosted_trees_without_their_package(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)

    assert "pip install -e '.[boosted]'" in run("--graph", "boosted", "--out", "out").refused()
    assert not (tmp_path / "out").exists()
