"""What is said of calls that failed: counts, and one message of each kind in the server's own words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evals.runner.failures import FailedCalls
from tests.evals.asked import asks, template_of
from tests.evals.command import Outcome, metrics, of_graph
from tests.server import Fault, Server

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
LONG = "maximum context length is 2048 tokens, your prompt has 9000"


def test_each_kind_is_counted_and_keeps_its_commonest_message() -> None:
    failed = [("http_400", "a"), ("", ""), ("http_400", "b"), ("http_400", "b"), ("filtered", "")]
    failures = FailedCalls.of(failed)

    assert failures.record() == {"failed": {"http_400": 3, "filtered": 1}, "failed_messages": {"http_400": "b"}}
    assert failures.lines() == ['http_400 x 3: "b"', "filtered x 1"]


@pytest.fixture
def asking(small: Run, server: Server) -> Run:
    """`evals.run` on two people of the wave, with the server's model."""

    def asking(*arguments: object, graph: str = "full_info") -> Outcome:
        return small("--model", "openai:test", "--base-url", server.url, *arguments, graph=graph)

    return asking


def test_the_servers_words_stand_in_the_summary_and_on_the_screen(
    asking: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-42")
    words = f"{LONG} (key sk-canary-42)"

    def fault(path: str, body: dict[str, Any]) -> Fault:
        full = asks(body["messages"][-1]["content"], "Q62")
        return web.json_response({"error": {"message": words}}, status=400) if full else None

    server.fault = fault
    done = asking()

    assert done.code == 3 and f'http_400 x 2: "{LONG} (key [OPENAI_API_KEY])"' in done.out + done.err
    assert metrics(tmp_path / "run")["failed_messages"] == {"http_400": f"{LONG} (key [OPENAI_API_KEY])"}
    assert "message" not in (tmp_path / "run" / "predictions.csv").read_text().splitlines()[0].split(",")
    assert "canary" not in "".join(path.read_text(errors="ignore") for path in (tmp_path / "run").glob("*.*"))


def completion(content: str | None, reason: str) -> web.Response:
    choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": content}}
    return web.Response(text=json.dumps({"choices": [choice]}), content_type="application/json")


@pytest.mark.parametrize(
    ("content", "reason", "kind"),
    [
        (None, "content_filter", "filtered"),
        ("", "stop", "empty"),
        ("", "error", "server_error"),
        ("You were", "length", "cut_off"),
        ("I'm sorry, I can't help with this request.", "stop", "refused"),
    ],
)
def test_a_story_that_is_none_fails_all_questions_and_is_asked_for_again(
    asking: Run, server: Server, tmp_path: Path, content: str | None, reason: str, kind: str
) -> None:
    def fault(path: str, body: dict[str, Any]) -> Fault:
        return completion(content, reason) if template_of(body["messages"][-1]["content"]) == "story" else None

    server.fault = fault
    done = asking(graph="valuesim")

    assert done.code == 3
    rows = of_graph(tmp_path / "run", "valuesim")
    assert {(row["error"], row["predicted"]) for row in rows} == {(kind, "")}
    assert metrics(tmp_path / "run")["failed_messages"][kind]
    server.fault = lambda path, body: None
    assert asking("--retry-failed", graph="valuesim").code == 0
    assert {row["error"] for row in of_graph(tmp_path / "run", "valuesim")} == {""}
