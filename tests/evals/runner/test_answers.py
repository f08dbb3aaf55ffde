"""What was said: a line for each reply and each answer, of whole, partial and failed runs, and the stories beside."""

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import chdir, closing
from itertools import cycle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey.codebook import wvs7
from tests.evals.asked import agreeing, disagreeing, template_of
from tests.evals.command import ASKED, ROOT, Outcome, of_graph, predictions
from tests.server import Server, error

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
ALL = "valuesim,full_info,rag"
FILES = ("answers.csv", "answers.parquet", "stories.csv")
GRAPHS = {"valuesim", "full_info", "rag"}
NASTY = 'Answer: 1\nAnalysis: "no", she said,\r\nthen; 是的 👩‍👩‍👧 NA\ttab\rlone \\n \\" \'=1'
TEXTS = (NASTY, "=HYPERLINK(1)\nAnswer: 1", "-2+3\nAnswer: 1", "NA", "007", "")


def answers(folder: Path) -> list[dict[str, str]]:
    """What was said in a run, as the csv file has it."""
    with (folder / "answers.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def as_documented(folder: Path) -> pd.DataFrame:
    """What was said in a run, read by the line in the documents."""
    page = (ROOT / "docs/runs.md").read_text(encoding="utf-8")
    [line] = re.findall(r"```python\nanswers = (pandas\.read_csv.*?)\n```", page, re.DOTALL)
    with chdir(folder):
        found: pd.DataFrame = eval(line, {"pandas": pd})
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def cell(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("graph", "variant", "respondent", "fold", "item"))


def test_each_reply_and_each_answer_has_a_line(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = disagreeing
    assert asking(graph=ALL).code == 0
    found, asked = answers(tmp_path / "run"), {graph: of_graph(tmp_path / "run", graph) for graph in GRAPHS}

    assert Counter((row["graph"], row["perspective"]) for row in found) == {
        ("full_info", "direct"): 12, ("full_info", "final"): 12, ("rag", "direct"): 12, ("rag", "final"): 12,
        ("valuesim", "cognitive"): 12, ("valuesim", "affective"): 12, ("valuesim", "behavioral"): 12,
        ("valuesim", "coordinator"): 12, ("valuesim", "final"): 12,
    }  # fmt: skip
    final = {cell(row): row for row in found if row["perspective"] == "final"}
    for row in (row for graph in GRAPHS for row in asked[graph]):
        told = final[cell(row)]
        assert (told["code"], told["truth"]) == (row["predicted"], row["truth"])
        assert (told["decided_by"], told["model"]) == (row["decided_by"], row["model"])
    for row in found:
        item = wvs7().items[row["item"]]
        labels = {str(option.code): option.label for option in item.options}
        assert row["question"] == item.question and row["options"].split(" | ")[0] == f"1: {labels['1']}"
        assert row["label"] == labels[row["code"]] and row["truth_label"] == labels[row["truth"]]
        assert row["reply"].startswith(f"Answer: {row['code']}\nAnalysis: as ") and row["problem"] == ""
        assert row["reply"].endswith(row["analysis"])
    assert {row["code"] for row in found if row["perspective"] == "affective"} == {"2"}


def test_the_hash_leads_to_the_reply_and_the_story_in_the_call_store(asking: Run, tmp_path: Path) -> None:
    asking(graph=ALL)
    with closing(sqlite3.connect(tmp_path / "run" / "calls.sqlite")) as db:
        kept = dict(db.execute("SELECT key, text FROM calls"))
    with (tmp_path / "run" / "stories.csv").open(newline="") as file:
        stories = list(csv.DictReader(file))

    said = [row for row in answers(tmp_path / "run") if row["perspective"] != "final"]
    assert all(kept[row["prompt_hash"]] == row["reply"] for row in said)
    assert {row["prompt_hash"] for row in [*said, *stories]} == set(kept)
    drawn = {row["respondent"] for row in of_graph(tmp_path / "run", "valuesim")}
    assert {row["respondent"] for row in stories} == drawn and len(stories) == 2
    for row in stories:
        assert row["story"] == kept[row["prompt_hash"]] and row["story"].startswith("You were born in ")
        assert int(row["words"]) == 5 and int(row["known"]) > 100 and row["fold"] == "1"


def test_an_answer_on_which_all_agree_has_no_reply_of_its_own(small: Run, tmp_path: Path) -> None:
    small(graph="valuesim,mode")
    found = answers(tmp_path / "run")

    assert {row["graph"] for row in found} == {"valuesim"} and any(
        row["graph"] == "mode" for row in predictions(tmp_path / "run")
    )
    agreed = [row for row in found if row["decided_by"] == "unanimous"]
    for told in (row for row in agreed if row["perspective"] == "final"):
        first = next(row for row in agreed if cell(row) == cell(told))
        assert (told["reply"], told["prompt_hash"]) == ("", "")
        assert (told["code"], told["analysis"]) == (first["code"], first["analysis"])


def test_raw_text_comes_back_as_the_model_wrote_it(asking: Run, server: Server, tmp_path: Path) -> None:
    texts = cycle(TEXTS)
    server.answer = lambda prompt: agreeing(prompt) + NASTY if template_of(prompt) == "story" else next(texts)
    asking()
    table, copy = as_documented(tmp_path / "run"), pd.read_parquet(tmp_path / "run" / "answers.parquet")

    said = table[table["perspective"] != "final"]
    assert set(said["reply"]) == set(TEXTS) and len(said) >= 36
    assert copy.reply.tolist() == table.reply.tolist() and copy.analysis.tolist() == table.analysis.tolist()
    assert list(copy.columns) == list(table.columns) and copy.code.isna().equals(table.code.isna())
    assert pd.read_csv(tmp_path / "run" / "stories.csv").story.str.endswith(NASTY).all()


def test_a_reply_that_cannot_be_read_says_why(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: agreeing(prompt) if template_of(prompt) == "story" else "I keep that to myself."
    asking(graph="valuesim,full_info")
    found = answers(tmp_path / "run")

    assert {row["cause"] for row in found} == {"no_answer"}
    assert {(row["code"], row["label"], row["error"]) for row in found} == {("", "", "")}
    problems = {(row["graph"], row["perspective"]): row["problem"] for row in found}
    assert problems["valuesim", "final"] == "no perspective could be read"
    assert problems["full_info", "final"] == problems["full_info", "direct"] == problems["valuesim", "cognitive"] != ""


def test_a_failed_call_has_its_error_beside_what_was_said_before(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: "OK" if prompt.startswith("Reply with") else disagreeing(prompt)

    def fault(path: str, body: dict[str, Any]) -> Any:
        return error(400) if "coordinator" in body["messages"][-1]["content"] else None

    server.fault = fault
    assert asking().code == 3
    found = answers(tmp_path / "run")

    failed = {row["item"] for row in of_graph(tmp_path / "run", "valuesim") if row["error"]}
    assert failed == set(ASKED[1])
    final = [row for row in found if row["perspective"] == "final"]
    assert {(row["error"], row["code"], row["reply"]) for row in final} == {("http_400", "", "")}
    assert all("status 400" in row["problem"] for row in final)
    assert Counter(row["perspective"] for row in found) == dict.fromkeys(
        ("cognitive", "affective", "behavioral", "final"), 12
    )


def test_a_run_that_stopped_has_what_was_said_and_goes_on_to_the_same_bytes(
    asking: Run, server: Server, tmp_path: Path
) -> None:
    server.answer = disagreeing
    server.fault = lambda path, body: error(401) if len(server.prompts) > 30 else None
    assert asking("--concurrency", 1).code == 2
    partial = answers(tmp_path / "run")
    finals = sum(row["perspective"] == "final" for row in partial)
    assert 0 < finals < 12 and finals == len(of_graph(tmp_path / "run", "valuesim"))

    server.fault = lambda path, body: None
    assert asking().code == 0
    assert asking(out="whole").code == 0
    once = files(tmp_path / "run")
    assert once == files(tmp_path / "whole")
    asked = len(server.requests)
    assert asking().code == 0
    assert files(tmp_path / "run") == once and len(server.requests) == asked


def test_an_older_run_gets_the_files_from_its_call_store(asking: Run, server: Server, tmp_path: Path) -> None:
    asking("--calls", tmp_path / "shared.sqlite", graph=ALL)
    once, asked = files(tmp_path / "run"), len(server.prompts)
    with closing(sqlite3.connect(tmp_path / "run" / "ledger.sqlite")) as db, db:
        db.execute("ALTER TABLE rows DROP COLUMN calls")

    assert asking("--calls", tmp_path / "shared.sqlite", graph=ALL).code == 0
    bare = answers(tmp_path / "run")
    assert {row["perspective"] for row in bare} == {"final"} and {row["code"] for row in bare} == {"1"}
    (tmp_path / "run" / "ledger.sqlite").unlink()
    assert asking("--calls", tmp_path / "shared.sqlite", graph=ALL).code == 0
    assert files(tmp_path / "run") == once and len(server.prompts) == asked


def test_a_reply_that_the_store_lost_is_told(asking: Run, tmp_path: Path) -> None:
    asking(graph="full_info")
    before = answers(tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / "calls.sqlite")) as db, db:
        db.execute("DELETE FROM calls")
    assert asking(graph="full_info").code == 0
    found = answers(tmp_path / "run")

    assert {row["problem"] for row in found} == {"the call store does not hold this reply"}
    final = [[row["code"] for row in rows if row["perspective"] == "final"] for rows in (before, found)]
    assert final[0] == final[1]


def test_draws_and_a_coordinator_of_its_own_are_told_apart(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = disagreeing
    (tmp_path / "votes.json").write_text(json.dumps({"votes": 2, "temperature": 1}))
    asking("--config", tmp_path / "votes.json", "--coordinator", "openai:strong")
    found = answers(tmp_path / "run")

    said = Counter((row["perspective"], row["draw"], row["model"]) for row in found)
    assert said == {
        **{(name, draw, "openai:test"): 12 for name in ("cognitive", "affective", "behavioral") for draw in "01"},
        **{("coordinator", draw, "openai:strong"): 12 for draw in "01"},
        ("final", "0", "openai:test"): 12,
    }


def test_published_replies_are_read_as_they_were(small: Run, tmp_path: Path) -> None:
    small("--protocol", "published", "--respondents", 1, graph=ALL)
    rows = {cell(row): row for row in predictions(tmp_path / "run")}

    for row in answers(tmp_path / "run"):
        if row["perspective"] in ("final", "direct", "coordinator"):
            assert row["code"] == rows[cell(row)]["predicted"]


def test_without_a_story_or_a_wish_for_them_the_files_are_not_there(small: Run, tmp_path: Path) -> None:
    small("--without", "story", out="bare")
    small("--set", "answers=false", out="none")

    assert (tmp_path / "bare" / "answers.csv").exists() and not (tmp_path / "bare" / "stories.csv").exists()
    assert not any((tmp_path / "none" / name).exists() for name in FILES)
    assert (tmp_path / "none" / "predictions.csv").exists()
