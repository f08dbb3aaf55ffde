"""What goes wrong on the server's side: which faults stay with one question, which end a run, and what is told."""

import gc
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from tests.evals.asked import agreeing, asks, by_template, template_of
from tests.evals.command import ASKED, Outcome, metrics, of_graph, predictions
from tests.server import Fault, Server, error

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
FOREVER = 3600.0
"""Seconds that nobody waits for a reply."""


def failing(item: str, status: int, lens: str = "affective") -> Callable[[str, object], web.Response | None]:
    """A server that never answers one perspective on one item."""

    def fault(path: str, body: object) -> web.Response | None:
        prompt = body["messages"][0]["content"] if path.endswith("completions") and isinstance(body, dict) else ""
        return error(status) if asks(prompt, item) and template_of(prompt) == lens else None

    return fault


def test_a_refused_question_is_an_error_row_and_asked_again_alone(asking: Run, server: Server, tmp_path: Path) -> None:
    server.fault = failing("Q62", 400)
    done = asking()

    assert done.code == 3
    assert "incomplete: calls failed (http_400 x 2); --retry-failed" in done.out
    failed = [row for row in predictions(tmp_path / "run") if row["error"]]
    assert [(row["graph"], row["item"], row["error"]) for row in failed] == [("valuesim", "Q62", "http_400")] * 2
    for row in failed:
        assert (row["predicted"], row["probabilities"], row["readable"], row["decided_by"]) == ("", "", "False", "")
    overall = metrics(tmp_path / "run")["scores"]["valuesim/full"]["strict"]["overall"]
    assert (overall["rows"], overall["readable"]) == (10, 1.0)
    assert done.counts("ValueSim") == ["2", "5", "10", "100.0%", "0", "2"]

    server.requests.clear()
    assert asking().code == 3
    assert server.requests == []

    server.fault = lambda path, body: None
    retried = asking("--retry-failed")
    assert (retried.code, "incomplete" in retried.out) == (0, False)
    assert all(asks(prompt, "Q62") for prompt in server.prompts)
    assert by_template(server.prompts)["affective"] == 2 and "story" not in by_template(server.prompts)
    assert not any(row["error"] for row in predictions(tmp_path / "run"))


def test_only_rows_that_failed_are_asked_for_again(asking: Run, server: Server, tmp_path: Path) -> None:
    """Told from the ledger alone: the call store is lost."""
    server.fault = failing("Q62", 400)
    assert asking().code == 3
    for path in (tmp_path / "run").glob("calls.sqlite*"):
        path.unlink()
    server.requests.clear()
    server.fault = lambda path, body: None
    assert asking("--retry-failed").code == 0

    assert by_template(server.prompts) == {"story": 2, "cognitive": 2, "affective": 2, "behavioral": 2}


def test_a_retried_run_ends_as_one_that_never_failed(asking: Run, server: Server, tmp_path: Path) -> None:
    asking(out="whole")
    server.fault = failing("Q2", 400)
    assert asking().code == 3
    server.fault = lambda path, body: None
    asking("--retry-failed")

    run, whole = ((tmp_path / name / "predictions.csv").read_bytes() for name in ("run", "whole"))
    assert run == whole


def test_a_fault_that_passes_is_tried_again_and_seen_by_nobody(asking: Run, server: Server, tmp_path: Path) -> None:
    faults = [error(500), error(429, retry_after="0.1"), error(503)]
    server.fault = lambda path, body: faults.pop() if len(server.requests) > 5 and faults else None
    done = asking()

    assert done.code == 0 and not faults
    assert len(server.prompts) == 38 + 3 and len(set(server.prompts)) == 38
    assert metrics(tmp_path / "run")["complete"] is True


@pytest.mark.parametrize("fault", ["reset", FOREVER])
def test_a_connection_that_is_lost_once_is_tried_again(asking: Run, server: Server, fault: Fault) -> None:
    server.fault = lambda path, body: fault if len(server.requests) == 9 else None
    done = asking("--timeout", 5)

    assert done.code == 0
    assert len(server.prompts) == 39 and len(set(server.prompts)) == 38


def test_a_fault_without_end_is_an_error_row_in_the_end(
    asking: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.harness.models.DEADLINE", 0.01)
    server.fault = failing("Q62", 500)
    done = asking("--timeout", 60)

    assert done.code == 3
    assert "http_500 x 2" in done.out
    assert {row["item"] for row in predictions(tmp_path / "run") if row["error"]} == {"Q62"}


def test_a_request_that_takes_too_long_is_an_error_row(asking: Run, server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, body: FOREVER if asks(body["messages"][0]["content"], "Q62") else None
    done = asking("--timeout", 3)

    assert done.code == 3
    assert "timeout x 2" in done.out
    assert {row["item"] for row in predictions(tmp_path / "run") if row["error"]} == {"Q62"}


def test_a_story_that_cannot_be_told_fails_all_questions_to_that_person(
    asking: Run, server: Server, tmp_path: Path
) -> None:
    stories: list[str] = []

    def fault(path: str, body: dict[str, object]) -> web.Response | None:
        prompt = server.requests[-1][2]["messages"][0]["content"]
        if template_of(prompt) != "story":
            return None
        stories.append(prompt)
        return error(400) if len(stories) == 2 else None

    server.latency = 0.02
    server.fault = fault
    done = asking("--concurrency", 1)

    assert done.code == 3
    failed = [row for row in predictions(tmp_path / "run") if row["error"]]
    assert [row["item"] for row in failed] == [*ASKED[1]] and len({row["respondent"] for row in failed}) == 1
    server.fault = lambda path, body: None
    assert asking("--retry-failed").code == 0


def test_a_key_that_is_refused_in_mid_run_stops_it_and_what_was_paid_is_kept(
    asking: Run, server: Server, tmp_path: Path
) -> None:
    server.latency = 0.005
    server.fault = lambda path, body: error(401, "invalid_api_key") if len(server.requests) > 15 else None
    stopped = asking("--concurrency", 4)

    assert (stopped.code, stopped.out) == (2, "")
    assert stopped.last.startswith("evals.run: stopped: the key was refused")
    assert f"kept in {tmp_path / 'run'}" in stopped.last
    assert stopped.err.count("evals.run") == 1 and "Traceback" not in stopped.err
    assert metrics(tmp_path / "run")["partial"].startswith("stopped: the key was refused")

    paid = set(server.prompts[:15])
    server.fault = lambda path, body: None
    server.requests.clear()
    assert asking().code == 0
    assert not paid & set(server.prompts) and len(paid) + len(server.prompts) == 38


@pytest.mark.parametrize(("status", "code"), [(403, ""), (429, "insufficient_quota")])
def test_other_faults_that_every_call_would_meet_stop_a_run(
    asking: Run, server: Server, status: int, code: str
) -> None:
    server.fault = lambda path, body: error(status, code) if len(server.requests) > 10 else None
    stopped = asking("--concurrency", 1)

    assert (stopped.code, stopped.out) == (2, "")
    assert "stopped: " in stopped.last
    assert len(server.requests) < 20  # of 38


def test_a_first_call_that_is_refused_stops_the_run(asking: Run, server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, body: error(400)
    stopped = asking("--concurrency", 1)

    assert (stopped.code, stopped.out) == (2, "")
    assert "the first call was refused" in stopped.last
    assert len(server.requests) <= 2  # the stories


@pytest.mark.parametrize("status", [401, 500])
def test_no_traceback_is_printed_behind_the_one_line(
    asking: Run, server: Server, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Asyncio prints the faults of tasks that nobody asked for theirs, once they are collected."""
    gc.collect()
    caplog.clear()
    server.latency = 0.01
    server.fault = lambda path, body: error(status) if len(server.requests) > 15 else None
    assert asking("--concurrency", 4, "--timeout", 0.2).code in (2, 3)
    gc.collect()

    assert not [record for record in caplog.records if record.name == "asyncio"]


def test_replies_that_cannot_be_read_are_counted_shown_and_wrong(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: "I would rather not say." if asks(prompt, "Q62") else agreeing(prompt)
    done = asking(graph="full_info")

    assert done.code == 0
    rows = of_graph(tmp_path / "run", "full_info")
    unread = [row for row in rows if row["readable"] == "False"]
    assert [row["item"] for row in unread] == ["Q62", "Q62"]
    assert {(row["predicted"], row["probabilities"], row["error"]) for row in unread} == {("", "", "")}
    overall = metrics(tmp_path / "run")["scores"]["full_info/full"]["strict"]["overall"]
    hits = sum(row["predicted"] == row["truth"] for row in rows)
    assert overall["accuracy"] == pytest.approx(hits / 12)
    assert overall["readable"] == pytest.approx(10 / 12)
    assert overall["mae"] > overall["mae_valid"]
    assert done.counts("Full Info") == ["2", "6", "12", "83.3%", "2", "0"]


def test_where_no_reply_can_be_read_everything_is_wrong(asking: Run, server: Server, tmp_path: Path) -> None:
    said = "I have thought about it for long."
    server.answer = lambda prompt: "You live." if template_of(prompt) == "story" else said
    done = asking()

    assert done.code == 0
    overall = metrics(tmp_path / "run")["scores"]["valuesim/full"]["strict"]["overall"]
    assert (overall["accuracy"], overall["mae"], overall["mae_valid"], overall["readable"]) == (0, 1, None, 0)
    assert "coordinator" not in by_template(server.prompts)


def test_a_missing_code_is_never_an_answer(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: "Answer: -1\nAnalysis: they do not know."
    asking(graph="full_info")

    assert {row["readable"] for row in of_graph(tmp_path / "run", "full_info")} == {"False"}


def chat(**message: object) -> str:
    """A completion with one choice."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}
    return json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]})


LIES = {
    "html": ("<html><body>Please log in</body></html>", "text/html"),
    "cut off": ('{"id": "chat-1", "choices": [{"ind', "application/json"),
    "nothing": ("", "application/json"),
    "null": ("null", "application/json"),
    "a list": ("[]", "application/json"),
    "a text": ('"hello"', "application/json"),
    "no choices": ('{"id": "1", "object": "chat.completion", "choices": []}', "application/json"),
    "choices null": ('{"id": "1", "object": "chat.completion", "choices": null}', "application/json"),
    "choices of text": ('{"id": "1", "object": "chat.completion", "choices": ["a"]}', "application/json"),
    "message null": ('{"choices": [{"index": 0, "message": null}]}', "application/json"),
    "no content": (chat(content=None), "application/json"),
    "content a number": (chat(content=4), "application/json"),
    "content a list": (chat(content=[{"type": "text", "text": "Answer: 1"}, None]), "application/json"),
    "an error inside": ('{"error": {"message": "overloaded"}}', "application/json"),
    "odd usage": ('{"choices": [{"message": {"content": "Answer: 1"}}], "usage": "none"}', "application/json"),
    "plain text": ("Answer: 1", "text/plain"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_server_that_lies_never_ends_in_a_traceback(asking: Run, server: Server, tmp_path: Path, lie: str) -> None:
    text, kind = LIES[lie]
    server.fault = lambda path, body: web.Response(text=text, content_type=kind)
    done = asking("--timeout", 0.2, "--respondents", 1, graph="full_info")

    assert done.code in (0, 2, 3)
    assert "Traceback" not in done.out + done.err
    if done.code != 2:
        assert len(of_graph(tmp_path / "run", "full_info")) == 6


VECTORS = {
    "no data": '{"object": "list", "model": "e", "data": []}',
    "one vector": '{"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [1, 0]}]}',
    "text": '{"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": "x"}]}',
    "null": '{"object": "list", "model": "e", "data": null}',
    "html": "<html></html>",
}


@pytest.mark.parametrize("lie", VECTORS)
def test_embeddings_that_lie_never_end_in_a_traceback(asking: Run, server: Server, tmp_path: Path, lie: str) -> None:
    server.fault = lambda path, body: (
        web.Response(text=VECTORS[lie], content_type="application/json") if path.endswith("embeddings") else None
    )
    done = asking("--timeout", 0.2, "--respondents", 1, graph="rag")

    assert done.code in (2, 3)
    assert "Traceback" not in done.out + done.err
