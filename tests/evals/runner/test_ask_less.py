"""Asking less: fewer questions, people of one's choice, and everything else as it was."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.harness.config_file import make_experiment
from evals.harness.experiment import Experiment
from evals.harness.selection_settings import NARROWING
from tests.evals.asked import by_template, template_of
from tests.evals.command import ASKED, PEOPLE, Outcome, calls, of_graph, predictions
from tests.server import Server

Run = Callable[..., Outcome]
ALL = "valuesim,full_info,rag"


@pytest.fixture
def choosing(run: Run, wave: Path, tmp_path: Path) -> Run:
    """`evals.run` with the commonest answer on people of the wave; the outcome is who was asked."""

    def choosing(*arguments: object, out: str = "run") -> Outcome:
        return run("--graph", "mode", "--data", wave, "--out", tmp_path / out, *arguments)

    return choosing


def people(folder: Path) -> list[dict[str, str]]:
    """Who was drawn, in the order drawn."""
    with (folder / "respondents.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def rows(folder: Path) -> list[int]:
    """The row numbers of those who were drawn."""
    return [int(person["respondent"]) for person in people(folder)]


def wave_people(wave: Path) -> list[dict[str, str]]:
    """The lines of the survey file."""
    with wave.open(newline="") as file:
        return list(csv.DictReader(file))


def config(folder: Path) -> dict[str, Any]:
    """The settings of a run."""
    found: dict[str, Any] = json.loads((folder / "config.json").read_text())
    return found


def test_two_people_and_two_items_are_four_questions_a_graph(asking: Run, server: Server, tmp_path: Path) -> None:
    done = asking("--items", 2, "--embeddings", "offline", graph=ALL)

    assert done.code == 0 and "2 held-out items drawn for each person" in done.err
    for graph in (*ALL.split(","), "mode", "ridge"):
        assert len(of_graph(tmp_path / "run", graph)) == 4
    paid = calls(tmp_path / "run")
    assert paid.pop("rag") <= 4  # equal prompts are sent once
    assert paid == {"story": 2, "cognitive": 4, "affective": 4, "behavioral": 4, "full_info": 4}
    asked = {row["item"] for row in predictions(tmp_path / "run")}
    with (tmp_path / "run" / "leaks.csv").open(newline="") as file:
        assert {line["item"] for line in csv.DictReader(file)} == asked <= set(ASKED[1])
    assert config(tmp_path / "run")["items"] == ["2"]


@pytest.mark.usefixtures("few_tables")
def test_more_items_ask_the_same_and_others_and_stories_stay_as_they_are(
    asking: Run, server: Server, tmp_path: Path
) -> None:
    stories, asked = [], []
    for count in ("1", "3", None):
        server.requests.clear()
        assert asking(*(("--items", count) if count else ()), out=f"run{count}").code == 0
        stories.append({prompt for prompt in server.prompts if template_of(prompt) == "story"})
        asked.append({(row["respondent"], row["item"]) for row in of_graph(tmp_path / f"run{count}", "valuesim")})

    assert stories[0] == stories[1] == stories[2]
    assert asked[0] < asked[1] < asked[2] and list(map(len, asked)) == [2, 6, 12]


@pytest.mark.usefixtures("few_tables")
def test_named_items_alone_are_asked_and_asked_once(asking: Run, server: Server, tmp_path: Path) -> None:
    told = asking("--items", "q2,Q62", "--dry-run")
    assert [line.split()[-4] for line in told.out.splitlines() if "cognitive" in line] == ["4"]

    assert asking("--items", "q2,Q62").code == 0

    assert {row["item"] for row in predictions(tmp_path / "run")} == {"Q2", "Q62"}
    assert by_template(server.prompts) == {"story": 2, "cognitive": 4, "affective": 4, "behavioral": 4}
    server.requests.clear()
    assert asking("--items", "q2,Q62").code == 0
    assert not server.requests


@pytest.mark.usefixtures("few_tables")
def test_items_of_several_folds_are_counted_for_each_person(choosing: Run, tmp_path: Path) -> None:
    assert choosing("--respondents", 3, "--folds", "1,2", "--items", 7).code == 0

    asked = of_graph(tmp_path / "run", "mode")
    assert len(asked) == 21 and {row["fold"] for row in asked} == {"1", "2"}


@pytest.mark.usefixtures("few_tables")
def test_folds_that_nobody_names_are_those_that_the_items_need(choosing: Run, tmp_path: Path) -> None:
    assert choosing("--items", "q56,Q2", out="named").code == 0
    assert {(row["item"], row["fold"]) for row in of_graph(tmp_path / "named", "mode")} <= {("Q2", "1"), ("Q56", "2")}
    assert config(tmp_path / "named")["folds"] == [1, 2]

    assert choosing("--respondents", 2, "--items", 7, out="drawn").code == 0
    assert config(tmp_path / "drawn")["folds"] == [1]


@pytest.mark.usefixtures("few_tables")
def test_people_with_an_answer_or_a_value(choosing: Run, wave: Path, tmp_path: Path) -> None:
    everybody = wave_people(wave)
    devoted = [place for place, person in enumerate(everybody, 1) if person["Q1"] == "1"]
    for given in ("Q1=1", "q1=very important"):
        assert choosing("--where", given, "--respondents", 4, out=given).code == 0
        assert set(rows(tmp_path / given)) < set(devoted) and len(rows(tmp_path / given)) == 4

    country = everybody[0]["B_COUNTRY_ALPHA"]
    there = [place for place, person in enumerate(everybody, 1) if person["B_COUNTRY_ALPHA"] == country]
    assert choosing("--where", f"B_COUNTRY_ALPHA={country}", "--respondents", len(there), out="there").code == 0
    assert sorted(rows(tmp_path / "there")) == there

    both = [place for place in devoted if everybody[place - 1]["H_URBRURAL"] == "1"]
    chosen = ("--where", "Q1=1", "--where", "H_URBRURAL=1")
    assert choosing(*chosen, "--respondents", len(both), out="both").code == 0
    assert sorted(rows(tmp_path / "both")) == both


@pytest.mark.usefixtures("few_tables")
def test_values_of_one_column_are_alternatives(choosing: Run, wave: Path, tmp_path: Path) -> None:
    found = sorted({person["B_COUNTRY_ALPHA"] for person in wave_people(wave)})[:2]
    for name, given in (
        ("commas", ["--where", "B_COUNTRY_ALPHA=" + ",".join(found)]),
        ("twice", ["--where", f"B_COUNTRY_ALPHA={found[0]}", "--where", f"B_COUNTRY_ALPHA={found[1]}"]),
    ):
        assert choosing(*given, "--respondents", 2, out=name).code == 0
        assert {person["country"] for person in people(tmp_path / name)} <= set(found)
    assert rows(tmp_path / "commas") == rows(tmp_path / "twice")


@pytest.mark.usefixtures("few_tables")
def test_people_of_a_list_by_row_number_or_by_id(choosing: Run, wave: Path, tmp_path: Path) -> None:
    ids = [person["D_INTERVIEW"] for person in wave_people(wave)]
    first, second, third = [place for place, own in enumerate(ids, 1) if ids.count(own) == 1][2::-1]
    (tmp_path / "rows.txt").write_text(f"{first}\n\n{second}\n{third}\n")
    (tmp_path / "ids.txt").write_text("\n".join(ids[place - 1] for place in (first, second, third)))

    for name in ("rows", "ids"):
        assert choosing("--rows", tmp_path / f"{name}.txt", out=name).code == 0
        assert rows(tmp_path / name) == [first, second, third]
    (tmp_path / "rows.txt").unlink()
    assert choosing("--config", tmp_path / "rows" / "config.json", out="again").code == 0
    assert rows(tmp_path / "again") == [first, second, third]
    twice = next(own for own in ids if ids.count(own) > 1)
    (tmp_path / "twice.txt").write_text(f"{twice}\n")
    assert f"--rows: {twice} is the id of 2 people" in choosing("--rows", tmp_path / "twice.txt", out="none").refused()


@pytest.mark.usefixtures("few_tables")
def test_equal_numbers_by_country_or_by_another_column(choosing: Run, wave: Path, tmp_path: Path) -> None:
    for column, value in (("country", "country"), ("H_URBRURAL", "urban")):
        assert choosing("--balance", column, "--respondents", 8, out=column).code == 0
        found = [person[value] for person in people(tmp_path / column)]
        counts = [found.count(one) for one in set(found)]
        assert max(counts) - min(counts) <= 1 and len(counts) > 1


@pytest.mark.usefixtures("few_tables")
def test_a_seed_of_the_people_alone_leaves_the_folds(choosing: Run, tmp_path: Path) -> None:
    for name, given in (("usual", []), ("other", ["--people-seed", "7"]), ("same", ["--people-seed", "42"])):
        assert choosing(*given, out=name).code == 0
    folds = [(tmp_path / name / "folds.json").read_text() for name in ("usual", "other")]
    assert folds[0] == folds[1]
    assert rows(tmp_path / "usual") == rows(tmp_path / "same") != rows(tmp_path / "other")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--items", "Q999"), "--items Q999: the codebook has no such item"),
        (("--items", "Q2,Q56", "--folds", 1), "--items Q56: not held out in fold 1; --folds 1,2 holds out all"),
        (("--items", "Q2,Q2"), "--items: one value stands twice"),
        (("--items", "0"), "--items 0: name held-out items, or draw at least 1"),
        (("--where", "TUR"), "COLUMN=VALUE is wanted"),
        (("--where", "Q1=9"), "--where Q1=9: nobody; there are 1 (Very important), 2 (Rather important)"),
        (("--where", "REGION=1"), "--where REGION: wave.csv has no such column or item; it has country"),
        (("--where", "education=some"), "or a group: lower, middle, higher"),
        (("--where", "Q1=1", "--respondents", PEOPLE), "people fit --where"),
        (("--rows", "nowhere.txt"), "--rows 'nowhere.txt': No such file"),
        (("--rows", "far.txt"), "--rows: 31 is no row of wave.csv, which has 30, and no id"),
        (("--rows", "twice.txt"), "4 stands twice"),
        (("--rows", "few.txt", "--respondents", "2"), "--rows says who is asked"),
        (("--rows", "few.txt", "--balance", "country"), "--rows names the people"),
        (("--balance", "colour"), "--balance colour: wave.csv has no such column"),
        (("--paper", "--items", "3"), "--paper asks the paper's people and questions: leave --items out"),
        (("--paper", "--people-seed", "3"), "leave --people-seed out"),
    ],
)
def test_what_cannot_be_chosen_is_one_line(choosing: Run, tmp_path: Path, given: tuple[object, ...], said: str) -> None:
    for name, text in (("far", "31\n"), ("twice", "4\n4\n"), ("few", "4\n5\n")):
        (tmp_path / f"{name}.txt").write_text(text)

    assert said in choosing(*given).refused()
    assert not (tmp_path / "run").exists()


def test_runs_that_choose_nothing_are_known_as_before() -> None:
    plain = Experiment().settings()
    assert not {*NARROWING, "yes", "ask_above"} & plain.keys()
    for name, value in (("items", "3"), ("where", "Q1=1"), ("balance", "country"), ("people_seed", 42)):
        other = make_experiment({name: value})
        assert other.settings() == plain | {name: [value] if name in {"items", "where"} else value}
        assert not other.as_in_paper
