"""Whole runs with the stand-in: what is written, what is shown, and what happens the second time."""

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.harness.experiment import Experiment
from evals.harness.ledger import Ledger
from evals.harness.method_names import STANDING
from evals.harness.run_directory import open_run_directory
from tests.evals.command import ASKED, Outcome, calls, metrics, of_graph, predictions

Run = Callable[..., Outcome]

HEADER = (
    "graph,variant,model,protocol,respondent,fold,item,"
    "country,dimension,truth,predicted,probabilities,readable,error,decided_by,draw"
)
METHODS = {
    ("valuesim", "full"),
    ("full_info", "full"),
    ("rag", "full"),
    ("chance", "full"),
    ("chance", "paper"),
    ("mode", "full"),
    ("country_mode", "full"),
    ("new_topic", "full"),
    ("ridge", "full"),
}


def every(folder: Path) -> dict[str, bytes]:
    """All files of a directory."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_command_without_flags_runs_whole(run: Run, tmp_path: Path) -> None:
    done = run("--respondents", 1)

    assert done.code == 0
    [folder] = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("valuesim-full_info-rag-")
    assert f"Written to runs/{folder.name}" in done.out
    assert "no language model" in done.out and "say nothing about people" in done.out
    assert "600 people in the synthetic sample" in done.err and "Q223, Q272, Q290" in done.err
    for title in ("ValueSim", "Full Info", "RAG", "chance", "chance, paper's", "mode †", "country mode †", "ridge †"):
        assert sum(line.startswith(title) for line in done.out.splitlines()) >= 3, title
    assert {(row["graph"], row["variant"]) for row in predictions(folder)} == METHODS
    assert "failed" in done.out and "incomplete" not in done.out
    assert done.last == "making tables"  # redirected, too


def test_the_rows_of_a_run(small: Run, tmp_path: Path) -> None:
    small("--folds", "2,1", graph="valuesim,rag")

    with (tmp_path / "run" / "predictions.csv").open() as file:
        header, *lines = csv.reader(file)
    assert ",".join(header) == HEADER
    keys = [(*line[:4], int(line[4]), int(line[5]), line[6]) for line in lines]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)

    rows = predictions(tmp_path / "run")
    people = {row["respondent"] for row in rows}
    assert len(people) == 2 and {row["fold"] for row in rows} == {"1", "2"}
    for method in METHODS - {("full_info", "full")}:
        own = [row for row in rows if (row["graph"], row["variant"]) == method]
        for person in people:
            for fold, items in ASKED.items():
                assert [r["item"] for r in own if (r["respondent"], r["fold"]) == (person, str(fold))] == [*items]
    assert {row["draw"] for row in rows} == {"0"} and {row["error"] for row in rows} == {""}
    assert all(row["truth"] == str(1 + (int(row["respondent"]) - 1) % 2) for row in rows)


def test_a_row_says_who_answered_and_how(small: Run, tmp_path: Path) -> None:
    small(graph="valuesim,full_info")

    for row in of_graph(tmp_path / "run", "valuesim"):
        assert (row["model"], row["protocol"], row["readable"]) == ("offline", "fair", "True")
        assert json.loads(row["probabilities"]) == {row["predicted"]: 1.0}
        assert row["decided_by"] in {"unanimous", "coordinator"}
        assert len(row["country"]) == 3
    assert {row["decided_by"] for row in of_graph(tmp_path / "run", "full_info")} == {"direct"}
    for row in of_graph(tmp_path / "run", "chance"):
        assert (row["model"], row["predicted"], row["decided_by"]) == ("", "", "reference")
        assert sum(json.loads(row["probabilities"]).values()) == pytest.approx(1, abs=1e-5)
    for row in of_graph(tmp_path / "run", "mode"):
        shares = json.loads(row["probabilities"])
        assert shares[row["predicted"]] == max(shares.values())


def test_the_files_of_a_run(small: Run, tmp_path: Path) -> None:
    small(graph="valuesim,full_info,rag")
    folder = tmp_path / "run"

    assert {path.name for path in folder.iterdir()} == {
        "config.json", "predictions.csv", "predictions.parquet", "metrics.json", "respondents.csv", "folds.json",
        "ledger.sqlite", "calls.sqlite", "lock",
        "leaks.csv", "standing.csv", "comparisons.csv", "distributions.csv", "variety.csv", "subgroups.csv", "gaps.csv",
        "answers.csv", "answers.parquet", "stories.csv",
    }  # fmt: skip
    with (folder / "respondents.csv").open() as file:
        drawn = list(csv.DictReader(file))
    assert {row["respondent"] for row in drawn} == {row["respondent"] for row in predictions(folder)}
    assert all(len(row["country"]) == 3 for row in drawn)
    [(number, fold)] = json.loads((folder / "folds.json").read_text()).items()
    assert (number, len(fold["held_out"]), len(fold["known"])) == ("1", 58, 232)
    assert fold["held_out"][:3] == ["Q282", "Q62", "Q197"]
    provenance = json.loads((folder / "config.json").read_text())["provenance"]
    assert (provenance["data"], provenance["rows"]) == ("wave.csv", 30)
    assert provenance["left_out"] == ["Q223", "Q272", "Q290"]
    assert provenance["versions"]["langgraph"]


def test_the_scores_in_the_file_are_those_shown(small: Run, tmp_path: Path) -> None:
    done = small(graph="full_info")
    found = metrics(tmp_path / "run")

    rows = of_graph(tmp_path / "run", "full_info")
    hits = Counter(row["respondent"] for row in rows if row["predicted"] == row["truth"])
    accuracy = sum(hits.values()) / len(rows)  # both answered as many
    assert found["scores"]["full_info/full"]["strict"]["overall"]["accuracy"] == pytest.approx(accuracy)
    shown = next(line for line in done.out.splitlines() if line.startswith("Full Info"))
    assert shown.split()[-1] == f"{accuracy:.3f}".removeprefix("0")
    assert set(found["scores"]["full_info/full"]) == {"strict", "published", "paper_tables"}
    assert found["complete"] is True and found["failed"] == {}
    assert "no language model" in found["notice"]


def test_floors_alone_ask_no_model(small: Run, tmp_path: Path) -> None:
    done = small(graph="chance")

    assert done.code == 0
    assert "no language model" not in done.out + done.err
    assert "0 calls" in done.out
    assert {row["graph"] for row in predictions(tmp_path / "run")} == set(STANDING)


@pytest.mark.parametrize(
    ("flags", "variant", "templates"),
    [
        ("--without story", "no_story", {"cognitive", "affective", "behavioral", "coordinator"}),
        ("--without cab", "no_cab", {"story", "direct"}),
        ("--without cognitive", "no_cognitive", {"story", "affective", "behavioral", "coordinator"}),
        ("--without affective", "no_affective", {"story", "cognitive", "behavioral", "coordinator"}),
        ("--without behavioral", "no_behavioral", {"story", "cognitive", "affective", "coordinator"}),
        ("--without cognitive,behavioral", "no_behavioral+no_cognitive", {"story", "affective"}),
        ("--integrate always", "always", {"story", "cognitive", "affective", "behavioral", "coordinator"}),
        ("--integrate average", "average", {"story", "cognitive", "affective", "behavioral"}),
    ],
)
def test_an_ablation_runs(small: Run, tmp_path: Path, flags: str, variant: str, templates: set[str]) -> None:
    assert small(*flags.split()).code == 0

    rows = of_graph(tmp_path / "run", "valuesim")
    assert {row["variant"] for row in rows} == {variant}
    assert len(rows) == 12
    assert set(calls(tmp_path / "run")) | {"coordinator"} == templates | {"coordinator"}
    if "coordinator" not in templates:
        assert "coordinator" not in calls(tmp_path / "run")
    if variant == "always":
        assert {row["decided_by"] for row in rows} == {"coordinator"}
    if variant == "average":
        assert {row["decided_by"] for row in rows} == {"average"}


def test_the_published_protocol_runs_and_asks_what_can_be_shown(run: Run, wave: Path, tmp_path: Path) -> None:
    done = run(
        "--graph", "valuesim,full_info,rag", "--data", wave, "--respondents", 1, "--folds", 2,
        "--protocol", "published", "--out", tmp_path / "run",
    )  # fmt: skip

    assert done.code == 0
    templates = set(calls(tmp_path / "run"))
    assert {"full_info_published", "rag_published"} <= templates and not {"full_info", "rag"} & templates
    for graph in ("valuesim", "full_info", "rag"):
        rows = of_graph(tmp_path / "run", graph)
        assert len(rows) == 56  # of 58; Q272 and Q290 are lists of a country's own
        assert [row["item"] for row in rows if row["truth"]] == [*ASKED[2]]


def test_the_same_command_again_asks_nothing_and_writes_the_same(small: Run, tmp_path: Path) -> None:
    first = small(graph="valuesim,full_info,rag")
    before = every(tmp_path / "run")
    second = small(graph="valuesim,full_info,rag")

    assert (second.code, second.out) == (0, first.out)
    after = every(tmp_path / "run")
    assert after["predictions.csv"] == before["predictions.csv"]
    assert after["metrics.json"] == before["metrics.json"]
    assert after["config.json"] == before["config.json"]


def test_predictions_that_were_lost_are_made_again_from_the_ledger(small: Run, tmp_path: Path) -> None:
    small()
    before = every(tmp_path / "run")
    for name in ("predictions.csv", "metrics.json"):
        (tmp_path / "run" / name).unlink()
    small()

    assert every(tmp_path / "run")["predictions.csv"] == before["predictions.csv"]


def test_a_ledger_that_was_lost_is_made_again_from_the_calls_that_were_paid(small: Run, tmp_path: Path) -> None:
    small()
    before = calls(tmp_path / "run"), (tmp_path / "run" / "predictions.csv").read_bytes()
    for path in (tmp_path / "run").glob("ledger.sqlite*"):
        path.unlink()
    small()

    assert (calls(tmp_path / "run"), (tmp_path / "run" / "predictions.csv").read_bytes()) == before


def test_two_fresh_runs_predict_the_same_whatever_the_concurrency(small: Run, tmp_path: Path) -> None:
    small("--concurrency", 1, graph="valuesim,rag", out="one")
    small("--concurrency", 20, graph="valuesim,rag", out="many")

    one, many = ((tmp_path / name / "predictions.csv").read_bytes() for name in ("one", "many"))
    assert one == many


def test_another_seed_draws_other_people_and_folds(small: Run, tmp_path: Path) -> None:
    small("--seed", 1, graph="chance", out="a")
    small("--seed", 2, graph="chance", out="b")

    a, b = (json.loads((tmp_path / name / "folds.json").read_text()) for name in "ab")
    assert set(a["1"]["held_out"]) != set(b["1"]["held_out"])
    a, b = ({row["respondent"] for row in predictions(tmp_path / name)} for name in "ab")
    assert a != b


def test_the_size_of_the_profile_is_a_variant_and_an_empty_one_has_no_story(small: Run, tmp_path: Path) -> None:
    for size in (0, 100):
        small("--profile-size", size, graph="valuesim,full_info", out=f"of_{size}")

    for size in (0, 100):
        for graph in ("valuesim", "full_info"):
            assert {row["variant"] for row in of_graph(tmp_path / f"of_{size}", graph)} == {f"profile_{size}"}
    assert "story" not in calls(tmp_path / "of_0") and calls(tmp_path / "of_100")["story"] == 2


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--seed", 7), "seed (42 there, 7 now)"),
        (("--folds", 2), "folds (1 there, 2 now)"),
        (("--integrate", "always"), "integrate (on_disagreement there, always now)"),
        (("--protocol", "published"), "protocol (fair there, published now)"),
        (("--seed", 7, "--top-k", 5), "seed (42 there, 7 now), top_k (3 there, 5 now)"),
    ],
)
def test_a_directory_with_a_run_of_other_settings_is_left_alone(
    small: Run, tmp_path: Path, flags: tuple[object, ...], told: str
) -> None:
    small(graph="valuesim")
    before = every(tmp_path / "run")

    refused = small(*flags, graph="valuesim")

    assert (refused.code, refused.out) == (2, "")
    assert told in refused.last
    assert every(tmp_path / "run") == before


def test_a_directory_with_a_run_on_other_data_is_left_alone(small: Run, wave: Path, tmp_path: Path) -> None:
    small(graph="chance")
    before = every(tmp_path / "run")
    other = tmp_path / "other.csv"
    lines = wave.read_text().splitlines(keepends=True)
    other.write_text("".join(lines[:-1]))

    refused = small("--data", other, graph="chance")

    assert refused.code == 2
    assert "other settings: data (" in refused.last
    assert every(tmp_path / "run") == before


def test_the_same_data_elsewhere_goes_on_with_the_run(small: Run, wave: Path, tmp_path: Path) -> None:
    small(graph="chance")
    shutil.copy(wave, tmp_path / "copy.csv")

    assert small("--data", tmp_path / "copy.csv", graph="chance").code == 0


def test_other_prompts_are_another_run(small: Run, tmp_path: Path) -> None:
    own = tmp_path / "own" / "predict"
    own.mkdir(parents=True)
    (own / "full_info.txt").write_text("{question}\n\nYou know of yourself:\n{profile}\n\n{answer_format}")
    small(graph="full_info")

    refused = small("--prompts", own.parent, graph="full_info")
    assert refused.code == 2 and "prompts (" in refused.last
    assert small("--prompts", own.parent, graph="full_info", out="own_run").code == 0


def test_a_directory_with_anything_else_in_it_is_left_alone(small: Run, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("all I have")

    refused = small(graph="chance")

    assert (refused.code, refused.out) == (2, "")
    assert "holds other files" in refused.last
    assert every(tmp_path / "run") == {"thesis.txt": b"all I have"}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"provenance": 1}', '{"provenance": {"decides": 1}}'])
def test_a_config_that_is_not_ours_is_left_alone(small: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text(text)

    refused = small(graph="chance")

    assert (refused.code, refused.out) == (2, "")
    assert "config.json cannot be read" in refused.last
    assert every(tmp_path / "run") == {"config.json": text.encode()}


@pytest.mark.parametrize("name", ["ledger.sqlite", "calls.sqlite"])
def test_a_damaged_file_of_a_run_is_told_in_one_line(small: Run, tmp_path: Path, name: str) -> None:
    small()
    for path in (tmp_path / "run").glob(f"{name}*"):
        path.unlink()
    (tmp_path / "run" / name).write_bytes(b"no database " * 500)

    refused = small()

    assert (refused.code, refused.out) == (2, "")
    assert str(tmp_path / "run") in refused.last


def test_a_directory_in_use_is_refused(small: Run, tmp_path: Path) -> None:
    small(graph="chance")
    before = every(tmp_path / "run")
    decides = json.loads(before["config.json"])["provenance"]["decides"]

    with open_run_directory(tmp_path / "run", Experiment(), decides, {}):
        refused = small(graph="chance")

    assert (refused.code, refused.out) == (2, "")
    assert "another process" in refused.last
    assert every(tmp_path / "run") == before
    assert small(graph="chance").code == 0


def test_rows_of_failed_calls_are_kept_until_they_are_asked_for_again(small: Run, tmp_path: Path) -> None:
    small()
    whole = (tmp_path / "run" / "predictions.csv").read_bytes()
    ledger = Ledger(tmp_path / "run" / "ledger.sqlite")
    ledger._db.execute(
        "UPDATE rows SET error = 'http_500', readable = 0, predicted = NULL, probabilities = '', decided_by = '' "
        "WHERE graph = 'valuesim' AND item = 'Q62'"
    )
    ledger.close()

    again = small()
    assert again.code == 3
    assert "incomplete: calls failed (http_500 x 2)" in again.out
    assert metrics(tmp_path / "run")["complete"] is False
    assert metrics(tmp_path / "run")["failed"] == {"http_500": 2}
    assert metrics(tmp_path / "run")["scores"]["valuesim/full"]["strict"]["overall"]["rows"] == 10

    retried = small("--retry-failed")
    assert (retried.code, "incomplete" in retried.out) == (0, False)
    assert (tmp_path / "run" / "predictions.csv").read_bytes() == whole


def test_people_who_answered_nothing_that_is_asked_leave_an_empty_table(small: Run, wave: Path, tmp_path: Path) -> None:
    with wave.open() as file:
        header, *lines = csv.reader(file)
    places = [header.index(item) for item in ASKED[1]]
    for line in lines:
        for place in places:
            line[place] = "-2"
    with (tmp_path / "silent.csv").open("w") as file:
        csv.writer(file).writerows([header, *lines])

    done = small("--data", tmp_path / "silent.csv", graph="valuesim")

    assert done.code == 0
    assert predictions(tmp_path / "run") == []
