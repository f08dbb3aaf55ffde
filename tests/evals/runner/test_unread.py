"""Why replies could not be read: counted by cause, told at the end, kept in the ledger, read alike from the store."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evals.harness.ledger import Ledger
from evals.harness.method_names import LLM_GRAPHS
from tests.evals.command import Outcome, metrics, of_graph
from tests.server import Server

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
STORY = "You live by the sea and mend nets."


def replying(text: str | None, finish: str = "stop", **more: Any) -> Callable[[str, dict[str, Any]], Any]:
    """A server whose every answer, but for stories, is this one."""

    def fault(path: str, body: dict[str, Any]) -> web.Response | None:
        if not path.endswith("/chat/completions"):
            return None
        told = str(body["messages"][-1]["content"]).startswith("You are a writer")
        message = {"role": "assistant", "content": STORY if told else text} | ({} if told else more)
        choice = {"index": 0, "message": message, "finish_reason": "stop" if told else finish}
        return web.json_response({"id": "x", "object": "chat.completion", "model": "test", "choices": [choice]})

    return fault


def causes(run: Path) -> set[str]:
    ledger = Ledger(run / "ledger.sqlite")
    found = set(ledger.answers(LLM_GRAPHS)["cause"])
    ledger.close()
    return found


@pytest.mark.parametrize(
    ("text", "finish", "cause", "way_out"),
    [
        ("Answer: 1", "length", "cut_off", "--max-tokens"),
        ("", "length", "cut_off", "--max-tokens"),
        ("<think>Answer: 1", "max_tokens", "cut_off", "reasoning_effort"),
        ("<think>Answer: 1", "stop", "only_reasoning", "reasoning_effort"),
        ("I keep that to myself.", "stop", "no_answer", "--prompts"),
        ("Answer: 1 or 2", "stop", "several_answers", "--prompts"),
    ],
)
@pytest.mark.parametrize("graph", ["full_info", "valuesim"])
def test_one_cause_behind_most_is_told_with_the_way_out(
    asking: Run, server: Server, tmp_path: Path, graph: str, text: str, finish: str, cause: str, way_out: str
) -> None:
    server.fault = replying(text, finish)

    done = asking(graph=graph)

    assert done.code == 0
    assert not any(row["readable"] == "True" for row in of_graph(tmp_path / "run", graph))
    assert metrics(tmp_path / "run")["unread"] == {f"{graph}/full": {cause: 12}}
    assert causes(tmp_path / "run") == {cause}
    [line] = [line for line in done.out.splitlines() if line.startswith("Most answers of")]
    assert way_out in line
    assert "12 of 12 answers could not be read" in done.out


def test_a_cut_reply_is_read_alike_from_the_store(asking: Run, server: Server, tmp_path: Path) -> None:
    server.fault = replying("Answer: 1", "length")
    asking("--calls", tmp_path / "calls.sqlite", graph="full_info", out="one")
    asked = len(server.requests)
    asking("--calls", tmp_path / "calls.sqlite", graph="full_info", out="two")

    assert len(server.requests) == asked
    assert (
        metrics(tmp_path / "two")["unread"]
        == metrics(tmp_path / "one")["unread"]
        == {"full_info/full": {"cut_off": 12}}
    )


def test_a_cut_reply_whose_answer_was_complete_is_an_answer(asking: Run, server: Server, tmp_path: Path) -> None:
    server.fault = replying("Answer: 1\nAnalysis: the person", "length")
    done = asking(graph="full_info")

    assert {row["predicted"] for row in of_graph(tmp_path / "run", "full_info")} == {"1"}
    assert metrics(tmp_path / "run")["unread"] == {} and "could not be read" not in done.out


def full(server: Server, text: str, story: str) -> None:
    """Have the server use all tokens that are allowed for this reply or story, and say "stop" of it."""
    server.answer = lambda prompt: story if prompt.startswith("You are a writer") else text
    server.fills, server.tokens = True, lambda said: 40 if said.endswith("...") else 5


def test_a_reply_with_all_tokens_that_were_allowed_was_cut_though_the_server_says_stop(
    asking: Run, server: Server, tmp_path: Path
) -> None:
    full(server, "Analysis: It says 2, and ...", STORY)
    for out in ("one", "two"):
        done = asking("--calls", tmp_path / "calls.sqlite", "--max-tokens", 40, graph="full_info", out=out)
        assert done.code == 0 and metrics(tmp_path / out)["unread"] == {"full_info/full": {"cut_off": 12}}

    assert asking("--max-tokens", 41, graph="full_info", out="longer").code == 0
    assert metrics(tmp_path / "longer")["unread"] == {"full_info/full": {"no_answer": 12}}


def test_a_story_with_all_tokens_that_were_allowed_is_none(asking: Run, server: Server, tmp_path: Path) -> None:
    full(server, "Answer: 1", "You live by ...")

    assert asking("--max-tokens", 40, graph="valuesim").code == 3
    assert {row["error"] for row in of_graph(tmp_path / "run", "valuesim")} == {"cut_off"}


def test_a_story_of_no_tokens_is_none(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: "" if prompt.startswith("You are a writer") else "Answer: 1"

    assert asking(graph="valuesim").code == 3
    assert {row["error"] for row in of_graph(tmp_path / "run", "valuesim")} == {"empty"}


def test_the_cause_stands_in_no_csv_file(asking: Run, server: Server, tmp_path: Path) -> None:
    server.fault = replying("I keep that to myself.")
    asking(graph="full_info")

    header = (tmp_path / "run" / "predictions.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.endswith("decided_by,draw") and "cause" not in header


def test_reasoning_that_the_server_sends_beside_is_no_answer(asking: Run, server: Server, tmp_path: Path) -> None:
    server.fault = replying("", "stop", reasoning_content="Answer: 1")
    asking(graph="full_info")

    assert not any(row["readable"] == "True" for row in of_graph(tmp_path / "run", "full_info"))
    assert metrics(tmp_path / "run")["unread"] == {"full_info/full": {"only_reasoning": 12}}
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["complete"]
