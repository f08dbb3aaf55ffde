"""Prompts longer than the window of a model in this process: told before anything is asked, with what works."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.harness.experiment import Experiment
from evals.runner.context_fit import Misfit, check_fit
from evals.runner.preflight import make_plan, read_people
from evals.study import main as study_main
from tests.evals.command import Outcome, in_process, of_graph

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
ONE = ("--data", "synthetic", "--model", "smollm2", "--respondents", 1, "--items", 1)
TINY = ("--set", "local_window=1024", "--set", "local_threads=1", "--max-tokens", 16)


def suggested(line: str) -> int:
    """The profile size that a line names."""
    return int(re.findall(r"--profile-size (\d+)", line)[0])


def checked(out: Path, **changed: Any) -> Misfit | None:
    """What is said of the prompts of a run of the small model, with its whole window."""
    given = {"data": "synthetic", "model": "smollm2", "respondents": 1, "items": ("1",), "out": out}
    experiment = Experiment(**given | changed)
    return check_fit(make_plan(experiment, read_people(experiment)), out)


def test_a_whole_profile_is_refused_in_one_line_and_the_size_it_names_fits(run: Run, tmp_path: Path) -> None:
    done = run(*ONE, "--out", tmp_path / "run")

    assert (done.code, done.out) == (2, "") and not (tmp_path / "run").exists()
    assert "Warning" not in done.err and "the window of smollm2 is 8,192 tokens" in done.last
    assert "1 of 1 people" in done.last and "--model openai:NAME or --model ollama:NAME" in done.last
    assert "local_window" not in done.last  # it was trained for no more
    assert checked(tmp_path, profile_size=suggested(done.last)) is None


def test_with_the_size_that_the_line_names_the_model_answers(run: Run, tmp_path: Path) -> None:
    flags = (*ONE, *TINY, "--graph", "full_info", "--out", tmp_path / "run")

    refused = run(*flags)
    done = run(*flags, "--profile-size", suggested(refused.last))

    assert refused.code == 2 and "local_window=" not in refused.last  # not even 8,192 would do
    assert done.code == 0 and "window" not in done.err, done.err
    assert [row["error"] for row in of_graph(tmp_path / "run", "full_info")] == [""]


def test_a_larger_window_is_named_where_the_model_has_it(run: Run) -> None:
    refused = run(*ONE, *TINY, "--profile-size", 58, "--graph", "full_info")

    assert refused.code == 2 and "--set local_window=4096" in refused.last


def test_where_some_prompts_are_too_long_the_rest_is_asked(tmp_path: Path) -> None:
    found = checked(tmp_path, respondents=60, profile_size=220)

    assert found and not found.is_hopeless
    assert re.search(r"too few for \d+ of 60 people", found.text) and "may need" in found.text


def test_a_dry_run_says_it_and_goes_on(run: Run, tmp_path: Path) -> None:
    done = run(*ONE, "--dry-run", "--out", tmp_path / "run")

    assert done.code == 0 and "ESTIMATE" in done.out
    assert "Warning: without --dry-run nothing is asked" in done.err and suggested(done.err) > 0


def test_references_alone_fit_any_window(run: Run, tmp_path: Path) -> None:
    done = run(*ONE, *TINY, "--graph", "mode", "--out", tmp_path / "run")

    assert done.code == 0 and "window" not in done.err


@pytest.mark.parametrize(("name", "sized"), [("ablations", True), ("scale", False)])
def test_a_study_is_refused_as_a_run_is(
    name: str, sized: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    done = in_process(study_main, capsys)(name, *ONE, "--out", tmp_path / "study")

    assert (done.code, done.out) == (2, "") and not (tmp_path / "study").exists()
    assert "Warning" not in done.err and "the window of smollm2 is 8,192 tokens" in done.last
    assert ("--profile-size" in done.last) is sized  # the study of scale sets it itself
