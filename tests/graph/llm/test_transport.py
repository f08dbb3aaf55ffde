"""The way to a server on loopback: bounded in time and size, and never led elsewhere."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evals.store.retry import RetryPolicy
from graph.llm.errors import CallFailedError, FaultError, RunAbortedError
from graph.llm.factory import chat_of, embeddings_of
from graph.settings import Settings
from tests.graph.loopback import LoopbackModels, with_loopback
from tests.server import Server, Writes, serving

REPLY = {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes."}}]}


def dripping(part: bytes, times: int, last: bytes = b"") -> Writes:
    """Writes a part again and again, each 50 ms, then the last one."""

    async def write(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(times):
            await response.write(part)
            await asyncio.sleep(0.05)
        await response.write(last)
        await response.write_eof()
        return response

    return write


async def ask(models: LoopbackModels) -> str:
    return (await models.ask("one"))[0]


async def embed(models: LoopbackModels) -> Any:
    return await models.embeddings().aembed_documents(["one", "two"])


@pytest.mark.parametrize("work", [ask, embed])
@pytest.mark.parametrize("part", [b"\n", b" ", b"x"])
def test_a_server_that_drips_is_cut_off_and_asked_once_more_at_most(
    server: Server, tmp_path: Path, part: bytes, work: Any
) -> None:
    server.fault = lambda path, body: dripping(part, 2000)
    started = time.monotonic()

    with pytest.raises(CallFailedError, match=r"within 0\.3 s: a longer --timeout or a lower --max-tokens") as failed:
        with_loopback(server, tmp_path, work, retry_policy=RetryPolicy(deadline=60, pause=0.01), timeout=0.3)

    assert failed.value.kind == "timeout" and len(server.requests) == 2
    assert time.monotonic() - started < 20


def test_empty_lines_before_a_reply_are_waited_for(server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, body: dripping(b"\n", 5, json.dumps(REPLY).encode())

    assert with_loopback(server, tmp_path, ask, timeout=60) == "Yes."


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("work", [ask, embed])
def test_no_redirect_is_followed(server: Server, tmp_path: Path, status: int, work: Any) -> None:
    with serving(Server()) as other:
        there = other.url.replace("//", "//name:secret@") + "/chat/completions?key=secret"
        server.fault = lambda path, body: web.Response(status=status, headers={"Location": there})
        with pytest.raises(RunAbortedError) as stopped:
            with_loopback(server, tmp_path, work)

    assert f"redirects ({status}) to {other.url}/chat/completions;" in str(stopped.value)
    assert "secret" not in str(stopped.value)
    assert other.requests == [] and len(server.requests) == 1


def test_nor_by_models_that_no_store_stands_before(server: Server) -> None:
    with serving(Server()) as other:
        server.fault = lambda path, body: web.Response(status=307, headers={"Location": other.url + path[3:]})
        settings = Settings(chat="openai:m", base_url=server.url, embeddings="openai:e")

        async def work() -> None:
            with pytest.raises(FaultError, match="redirects"):
                await chat_of(settings).ainvoke("one")
            with pytest.raises(FaultError, match="redirects"):
                await embeddings_of(settings).aembed_query("one")

        asyncio.run(work())

    assert other.requests == [] and len(server.requests) == 2


def test_a_reply_is_read_up_to_a_size(server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: "many words " * 2_000_000

    with pytest.raises(CallFailedError, match="longer than the 4 MB that are read") as failed:
        with_loopback(server, tmp_path, ask)

    assert failed.value.kind == "too_long" and len(server.requests) == 1


def test_a_text_is_kept_up_to_a_size_and_said_to_be_cut(server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: "many words " * 100_000

    async def work(models: LoopbackModels) -> Any:
        return await models.chat().inner.ainvoke("one")

    message = with_loopback(server, tmp_path, work)
    assert len(message.text) == 100_000 and message.response_metadata["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><body>Sign in to the network</body></html>", "Sign in to the network"),
        (b"", "the server sent nothing"),
        (b'{"choices": [{"mess', "the server sent no reply of a model"),
        (b"[1, 2]", "the server sent no reply of a model"),
        (b"[" * 50_000, "the server sent no reply of a model"),
        (b'{"a": ' + b"9" * 5_000 + b"]", "the server sent no reply of a model"),
    ],
)
def test_what_is_no_reply_is_a_failure_that_says_so(server: Server, tmp_path: Path, content: bytes, said: str) -> None:
    server.fault = lambda path, body: web.Response(body=content, content_type="text/html")

    with pytest.raises(CallFailedError) as failed:
        with_loopback(server, tmp_path, ask, retry_policy=RetryPolicy(deadline=0.2, pause=0.01))

    assert failed.value.kind == "bad_reply" and said in str(failed.value) and "\n" not in str(failed.value)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.replace("Yes.", "Yes. \\ud83d"),
        lambda text: text.replace("Yes.", "Yes. \\udc00\\ud800"),
        lambda text: text.replace("Yes.", "Yes.\\u0000"),
    ],
)
def test_half_characters_and_nulls_are_replaced(server: Server, tmp_path: Path, encode: Callable[[str], str]) -> None:
    text = encode(json.dumps(REPLY | {"model": "m\udcff", "system_fingerprint": "\0"}))
    server.fault = lambda path, body: web.Response(text=text, content_type="application/json")

    said = with_loopback(server, tmp_path, ask)
    assert said.startswith("Yes.") and "\ufffd" in said and said.encode().decode() == said and "\0" not in said


def test_bytes_that_are_no_text_are_replaced(server: Server, tmp_path: Path) -> None:
    content = json.dumps(REPLY).encode().replace(b"Yes.", b"Yes.\xff\xfe")
    server.fault = lambda path, body: web.Response(body=content, content_type="application/json")

    assert with_loopback(server, tmp_path, ask) == "Yes.\ufffd\ufffd"
