"""Studies: several experiments over one call store, each variant asked what it should be, and one table of them."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from evals.study import main
from survey.codebook import wvs7
from survey.folds import item_folds, redraw_subsets
from survey.respondents import read_survey
from tests.evals.asked import asks, by_template, template_of
from tests.evals.command import Outcome, in_process, predictions
from tests.server import Fault, Server, error

Study = Callable[..., Outcome]


@pytest.fixture
def study(capsys: pytest.CaptureFixture[str], wave: Path, tmp_path: Path) -> Study:
    """`evals.study` in this process, on two people of the wave, into the directory `study`."""

    def study(name: str, *arguments: object, people: int = 2) -> Outcome:
        given = ("--data", wave, "--respondents", people, "--out", tmp_path / "study", *arguments)
        return in_process(main, capsys)(name, *given)

    return study


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """The lines of one of the study's csv files."""
    with (folder / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def variants(folder: Path, graph: str = "valuesim") -> dict[str, dict[str, str]]:
    """The lines of a graph with all items, by variant."""
    every = table(folder, "standing")
    return {line["variant"]: line for line in every if line["graph"] == graph and line["scope"] == "all"}


def test_ablations_end_with_the_tables_of_the_papers_shape(study: Study, tmp_path: Path) -> None:
    done = study("ablations")

    assert (done.code, done.last) == (0, "making tables of the study")
    _, _, printed = done.out.partition("Tables 2 and 4")
    lines = [line.split() for line in printed.splitlines()[:8]]
    found = variants(tmp_path / "study")
    assert list(found) == [
        "full", "no_story", "no_cab", "no_cognitive", "no_affective", "no_behavioral", "average",
    ]  # fmt: skip
    for name, variant in (("ValueSim", "full"), ("story", "no_story"), ("CAB", "no_cab")):
        [line] = [line for line in lines if line[:-2][-1:] == [name]]
        figures = [f"{float(found[variant][measure]):.3f}".removeprefix("0") for measure in ("accuracy", "mae")]
        assert line[-2:] == figures
    against = {(line["variant"], line["against"]) for line in table(tmp_path / "study", "comparisons")}
    assert against == {(variant, "valuesim") for variant in found if variant != "full"}
    assert "no language model" in done.out and "paper " not in done.out.lower().replace("paper's", "")
    assert {line["graph"] for line in table(tmp_path / "study", "standing")} == {
        "valuesim", "chance", "mode", "country_mode", "new_topic", "ridge",
    }  # fmt: skip
    rows = predictions(tmp_path / "study" / "offline" / "no_cab")
    assert {(row["graph"], row["variant"]) for row in rows} == {("valuesim", "no_cab")}
    assert {row["graph"] for row in predictions(tmp_path / "study" / "references" / "full")} >= {"mode", "ridge"}


def test_nothing_is_asked_twice_in_a_study(study: Study, server: Server, tmp_path: Path) -> None:
    asked = ("--model", "openai:test", "--base-url", server.url)
    assert study("ablations", *asked).code == 0

    assert len(server.prompts) == len(set(server.prompts))
    counts = by_template(server.prompts)
    assert counts["story"] == 2 and counts["cognitive"] == 2 * 2 * 6  # from the story, and from the bare profile
    before = len(server.prompts)
    assert study("ablations", *asked).code == 0
    assert len(server.prompts) == before


def test_two_models_stand_side_by_side(study: Study, server: Server, tmp_path: Path) -> None:
    server.models = ["one", "two"]
    done = study("ablations", "--models", "openai:one,openai:two", "--base-url", server.url)

    assert done.code == 0
    shown = [line for line in done.out.splitlines() if line.startswith("ValueSim no_cab, openai:")]
    assert len(shown) >= 2
    [_] = [line for line in done.out.splitlines() if line.split() == ["openai:one", "openai:two"]]
    assert {line["model"] for line in table(tmp_path / "study", "standing")} == {"", "openai:one", "openai:two"}
    assert {line["against"] for line in table(tmp_path / "study", "comparisons")} == {"valuesim"}


def test_controls_tell_another_persons_profile_and_none(study: Study, server: Server, tmp_path: Path) -> None:
    done = study("controls", "--model", "openai:test", "--base-url", server.url, "--embeddings", "offline")

    assert done.code == 0
    assert set(variants(tmp_path / "study")) == {"full", "always", "shuffled", "blank"}
    assert set(variants(tmp_path / "study", "full_info")) == {"full", "vote4", "shuffled", "blank"}
    counts = by_template(server.prompts)
    assert counts["story"] == 2  # shuffled, each hears the story of the other
    bodies = [body for _, _, body in server.requests if template_of(body["messages"][-1]["content"]) == "full_info"]
    assert Counter(body["temperature"] for body in bodies) == {0.0: 12 + 6, 1.0: 4 * 12}  # blank, both are told alike
    sentences = json.loads((tmp_path / "study" / "study.json").read_text())["findings"]
    assert sentences == ["Too few people to say more about methods: 2 people, and findings need 10."]


def test_the_scale_of_profiles(study: Study, tmp_path: Path) -> None:
    done = study("scale", "--folds", "1", people=1)

    assert done.code == 0
    sizes = [f"profile_{size}" for size in (0, 58, 116, 174, 232)]
    assert list(variants(tmp_path / "study")) == sizes
    assert list(variants(tmp_path / "study", "ridge")) == sizes
    assert list(variants(tmp_path / "study", "mode")) == ["full"]
    grid = done.out.partition("By size of profile")[2].splitlines()
    assert [line.split()[0] for line in grid if re.match(r"\d+ +\.", line)] == ["0", "58", "116", "174", "232"]
    pairs = {(line["variant"], line["against"]) for line in table(tmp_path / "study", "comparisons")}
    assert pairs == {(one, f"valuesim {other}") for other, one in pairwise(sizes)}


def test_the_published_scale_redraws_the_profile_of_fold_5(
    study: Study, server: Server, wave: Path, tmp_path: Path
) -> None:
    asked = ("--model", "openai:test", "--base-url", server.url)
    assert study("scale", "--protocol", "published", *asked).code == 0
    settings = json.loads((tmp_path / "study" / "openai-test" / "profile_58" / "config.json").read_text())
    assert (settings["folds"], settings["subset"], settings["protocol"]) == ([5], "redrawn", "published")
    stories = [prompt for prompt in server.prompts if template_of(prompt) == "story"]
    people, survey = redraw_subsets(30, 2, item_folds(list(wvs7().items))[4].known, 116), read_survey(wave, wvs7())
    for respondent, subset in zip(*people, strict=True):
        told = [item for item in subset if wvs7().items[item].shown and item in survey.answers(respondent)]
        assert (
            sum(
                story.count("\n- ") == len(told)
                and all(wvs7().items[item].tell(survey.answers(respondent)[item]) in story for item in told)
                for story in stories
            )
            == 1
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ablations", "--without", "story"), "--without: the study ablations sets it itself"),
        (("controls", "--graph", "rag"), "--graph: the study controls sets it itself"),
        (("scale", "--profile-size", "58"), "--profile-size: the study scale sets it itself"),
        (("ablations", "--respondents", "0"), "--respondents '0': Input should be greater than or equal to 1"),
        (("ablations", "--models", "openai:x"), "OPENAI_API_KEY"),
        (("ablation",), "invalid choice: 'ablation'"),
        ((), "required: ablations|scale|controls"),
    ],
)
def test_what_does_not_go_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    shown = in_process(main, capsys)(*arguments)

    assert (shown.code, shown.out) == (2, "") and shown.err.count("\n") == 1, shown.err
    assert shown.err.startswith("evals.study: ") and said in shown.err


def test_a_study_stops_before_more_is_spent(study: Study, server: Server, tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("model,prompt,cached,completion\ntest,1000000,1000000,1000000\n")
    asked = ("--model", "openai:test", "--base-url", server.url, "--prices", prices)
    done = study("ablations", *asked, "--max-cost", "0.01")

    assert done.code == 2 and "max-cost" in done.err and len(server.prompts) < 3


def test_failed_calls_are_counted_and_asked_again(study: Study, server: Server, tmp_path: Path) -> None:
    def too_long(path: str, body: dict[str, Any]) -> Fault:
        prompt = body["messages"][-1]["content"]
        hard = template_of(prompt) == "direct" and asks(prompt, "Q2")
        return error(400, "context_length_exceeded") if hard else None

    asked = ("--model", "openai:test", "--base-url", server.url)
    server.fault = too_long
    done = study("ablations", *asked)
    assert done.code == 3 and "incomplete: 2 calls failed" in done.out
    assert variants(tmp_path / "study")["no_cab"]["cases"] == "10"
    [line] = [
        line
        for line in table(tmp_path / "study", "comparisons")
        if (line["variant"], line["measure"], line["scope"]) == ("no_cab", "accuracy", "all")
    ]
    assert line["cases"] == "10"  # what failed is left out for both
    server.fault = lambda path, body: None
    assert study("ablations", *asked, "--retry-failed").code == 0


def test_a_dry_run_asks_nothing_and_writes_nothing(study: Study, server: Server, tmp_path: Path) -> None:
    done = study("ablations", "--model", "openai:test", "--base-url", server.url, "--dry-run")

    assert done.code == 0 and done.out.count("ESTIMATE") == 7
    assert not server.requests and not (tmp_path / "study").exists()


def test_a_study_asks_fewer_questions_of_chosen_people(study: Study, tmp_path: Path) -> None:
    given = ("--items", 1, "--where", "Q1=1", "--people-seed", 5)
    assert study("controls", *given).code == 0

    for config in (tmp_path / "study").rglob("config.json"):
        assert json.loads(config.read_text())["items"] == ["1"]
    for line in variants(tmp_path / "study", "full_info").values():
        assert line["cases"] == "2"


def test_a_dear_study_is_refused_as_a_whole_unless_agreed_to(study: Study, server: Server, tmp_path: Path) -> None:
    """No experiment alone is above the line; together they are."""
    prices = tmp_path / "prices.csv"
    prices.write_text("model,prompt,cached,completion\ntest,10,10,10\n")
    asked = ("--model", "openai:test", "--base-url", server.url, "--prices", prices, "--items", 1)

    told = study("ablations", *asked, "--dry-run")
    refused = study("ablations", *asked, "--set", "ask_above=0.3")

    assert told.out.count("ESTIMATE") == 7 and refused.code == 2 and not server.prompts
    assert "this may cost US$ " in refused.last and not (tmp_path / "study").exists()
    assert study("ablations", *asked, "--set", "ask_above=0.3", "--yes").code == 0
