"""The check of replies, over a socket: what is no reply fails with its cause, is never kept, and is tried again."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evals.store.retry import RetryPolicy
from graph.llm.errors import CallFailedError, RunAbortedError
from tests.evals.store.test_call_store import kept
from tests.graph.loopback import LoopbackModels, with_loopback
from tests.server import Fault, Server


def choice(**parts: Any) -> dict[str, Any]:
    return {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Answer: 2"}} | parts


def reply(body: Any) -> web.Response:
    return web.Response(text=json.dumps(body), content_type="application/json")


def said(content: Any, reason: Any = "stop", **more: Any) -> Any:
    return {"choices": [choice(finish_reason=reason, message={"role": "assistant", "content": content} | more)]}


def ask(server: Server, folder: Path, name: str = "predict/direct") -> list[str]:
    async def work(models: LoopbackModels) -> list[str]:
        return await models.ask("one", name=name)

    return with_loopback(server, folder, work, retry_policy=RetryPolicy(deadline=20, pause=0.001))


PASSING = [
    {"choices": None, "error": {"message": "Upstream is busy", "code": 429}},
    {"error": {"message": "Upstream is busy", "type": "rate_limit_error"}},
    {"error": "out of breath"},
    {"choices": [choice(error={"message": "Upstream is gone", "code": 502}, finish_reason="error")]},
    {"choices": []},
    {"choices": [None]},
    {"choices": [choice(message=None)]},
    {"id": "x"},
    {"code": "503", "message": "no machine is free"},
    said("", "error"),
    said("Answer: 2", "abort"),
    said("Answer: 2", "insufficient_system_resource"),
    said("Answer: 2", "a word of next year"),
    said(4),
    said([None]),
]


@pytest.mark.parametrize("body", PASSING, ids=str)
def test_what_may_pass_is_tried_again(body: Any, server: Server, tmp_path: Path) -> None:
    faults = [reply(body)]
    server.fault = lambda path, request: faults.pop() if faults else None

    assert ask(server, tmp_path) == ["ONE"]
    assert len(server.requests) == 2 and kept(tmp_path) == ["ONE"]


@pytest.mark.parametrize(
    ("body", "kind", "words", "requests"),
    [
        (said(None, "content_filter"), "filtered", "content_filter", 1),
        (said("", "SAFETY"), "filtered", "SAFETY", 1),
        (said(None, refusal="I would rather not."), "refused", "I would rather not.", 1),
        (said(None, "refusal"), "refused", "refusal", 1),
        ({"error": {"message": "not this topic", "code": "content_filter"}}, "filtered", "not this topic", 1),
        ({"choices": []}, "empty", "without choices", 3),
        (said("", "error"), "server_error", "error", 3),
        ({"error": {"message": "out of breath"}}, "server_error", "out of breath", 3),
    ],
    ids=str,
)
def test_what_is_no_reply_fails_with_its_cause_and_is_not_kept(
    body: Any, kind: str, words: str, requests: int, server: Server, tmp_path: Path
) -> None:
    server.fault = lambda path, request: reply(body)

    with pytest.raises(CallFailedError, match=words) as failed:
        ask(server, tmp_path)

    assert failed.value.kind == kind
    assert len(server.requests) == requests and kept(tmp_path) == []


@pytest.mark.parametrize(
    "body", [said("", "stop"), said(None, "length"), said("Answer: 2", "content_filter"), said("Answer: 2", {"a": 1})]
)
def test_a_reply_that_the_reader_can_name_is_kept(body: Any, server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, request: reply(body)

    assert ask(server, tmp_path) == [body["choices"][0]["message"]["content"] or ""]
    assert len(kept(tmp_path)) == 1


def test_an_empty_account_told_with_status_200_stops(server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, request: reply({"error": {"message": "Insufficient credits", "code": 402}})

    with pytest.raises(RunAbortedError, match="Insufficient credits"):
        ask(server, tmp_path)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (said("  "), "empty"),
        (said("<think>What could I tell?</think>"), "empty"),
        (said("You were born", "length"), "cut_off"),
        (said("You were born", "MAX_TOKENS"), "cut_off"),
        (said("You were born", "content_filter"), "filtered"),
        (said("You were born", "abort"), "server_error"),
    ],
)
def test_a_story_must_be_whole(body: Any, kind: str, server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, request: reply(body)

    with pytest.raises(CallFailedError) as failed:
        ask(server, tmp_path, "predict/story")
    assert failed.value.kind == kind and kept(tmp_path) == []


def test_thoughts_beside_a_reply_are_kept_and_come_back_with_it(server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, request: reply(said("Answer: 2", reasoning_content="Rather 2 than 1."))

    async def work(models: LoopbackModels) -> Any:
        return (await models.chat().ainvoke("one")).additional_kwargs["reasoning_content"]

    assert [with_loopback(server, tmp_path, work) for _ in range(2)] == ["Rather 2 than 1."] * 2
    assert len(server.requests) == 1 and kept(tmp_path, "text, reasoning") == [("Answer: 2", "Rather 2 than 1.")]


def test_what_was_paid_for_a_reply_that_is_none_is_counted(server: Server, tmp_path: Path) -> None:
    usage = {"usage": {"prompt_tokens": 900, "completion_tokens": 1}}
    server.fault = lambda path, request: reply(said(None, "content_filter") | usage)

    async def work(models: LoopbackModels) -> Any:
        with pytest.raises(CallFailedError):
            await models.ask("one")
        return models.store.usage()["predict/direct"]["prompt_tokens"]

    assert with_loopback(server, tmp_path, work) == 900


def test_a_reply_kept_before_there_was_a_gate_is_asked_for_again(server: Server, tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    ask(server, tmp_path)
    with closing(sqlite3.connect(tmp_path / "calls.sqlite")) as db, db:
        db.execute("UPDATE calls SET text = '', finish_reason = 'error'")

    assert ask(server, tmp_path) == ["ONE"]
    assert len(server.requests) == 2 and kept(tmp_path, "finish_reason") == ["stop"]


def refusing(*statuses: int) -> Any:
    """Refuse prompts that are numbers of these statuses, and nothing else."""

    def fault(path: str, body: dict[str, Any]) -> Fault:
        word = body["messages"][0]["content"].split()[0]
        return web.json_response({"error": {"message": "flagged"}}, status=int(word)) if word.isdecimal() else None

    return fault


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422, 451])
def test_a_first_prompt_that_is_refused_alone_is_one_calls_own(status: int, server: Server, tmp_path: Path) -> None:
    server.fault = refusing(status)

    async def work(models: LoopbackModels) -> list[str]:
        with pytest.raises(CallFailedError, match="flagged") as failed:
            await models.ask(str(status))
        assert failed.value.kind == f"http_{status}"
        return await models.ask("fine")

    assert with_loopback(server, tmp_path, work) == ["FINE"]
    assert server.prompts == [str(status), "Reply with OK.", "fine"]


def test_many_refusals_in_a_row_are_looked_into_again(server: Server, tmp_path: Path) -> None:
    server.fault = refusing(403)

    async def work(models: LoopbackModels) -> None:
        for number in range(25):
            with pytest.raises(CallFailedError):
                await models.ask(f"403 {number}")
        server.fault = lambda path, body: web.json_response({"error": {"message": "banned"}}, status=403)
        for number in range(25, 60):
            with pytest.raises(CallFailedError):
                await models.ask(f"403 {number}")

    with pytest.raises(RunAbortedError, match="banned"):
        with_loopback(server, tmp_path, work)
    assert server.prompts.count("Reply with OK.") == 3 and len(server.prompts) < 50
