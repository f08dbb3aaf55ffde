"""The client of a run: what its prepared requests carry, and what it says of each fault."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import openai
import pytest

from graph.llm.errors import error_code, error_text, is_retryable, status_of
from graph.llm.fast_client import FastClient
from graph.llm.transport import post

Done = TypeVar("Done")
BODY = {"model": "m", "messages": [{"role": "user", "content": "Grüß Gott, 世界"}]}
GOOD = {"choices": [1], "text": "né"}


def http(status: str, content: bytes = b"{}", *headers: str, length: int | None = None) -> bytes:
    """A response as it goes over the wire."""
    size = len(content) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + content


NEVER = b"never"
FINE = http("200 OK", json.dumps(GOOD).encode())
FAULTS = {
    "bad_request": http("400 Bad Request", b'{"error": {"message": "too long", "code": "context_length_exceeded"}}'),
    "refused_key": http("401 Unauthorized", b'{"error": {"message": "no such key"}}'),
    "no_model": http("404 Not Found", b'{"detail": "no model"}'),
    "busy": http("429 Too Many Requests", b'{"error": {"message": "slow down"}}', "Retry-After: 7"),
    "broken": http("500 Internal Server Error", b"<html><body>Oh no</body></html>"),
    "odd_success": http("201 Created", json.dumps(GOOD).encode()),
    "redirect": http("307 Temporary Redirect", b"", "Location: http://127.0.0.2:1/v1/else"),
    "no_json": http("200 OK", b"Hello."),
    "nothing": http("200 OK", b""),
    "too_long": http("200 OK", b" " * 4_000_001),
    "cut_short": http("200 OK", b'{"choi', length=500),
    "no_gzip": http("200 OK", b"no gzip at all", "Content-Encoding: gzip"),
    "no_http": b"SSH-2.0-OpenSSH\r\n\r\n",
    "hung_up": b"",
}


async def with_answers(answers: Sequence[bytes], work: Callable[[str, list[bytes]], Awaitable[Done]]) -> Done:
    """Do some work with a server that gives these answers in turn, and is gone after the last one.

    It notes what it is asked.
    """
    asked: list[bytes] = []
    left = list(answers)

    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        asked.append(head + await reader.readexactly(size))
        answer = left.pop(0)
        if not left:
            server.close()
        if answer == NEVER:
            await over.wait()
        with suppress(ConnectionError):
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if not left:
        server.close()
    try:
        return await work(f"http://127.0.0.1:{port}/v1", asked)
    finally:
        over.set()
        server.close()
        await asyncio.sleep(0.01)


async def ask(times: int, url: str, seconds: float = 5) -> Any:
    """Send the body so many times, and return the last reply."""
    async with FastClient(url) as sender:
        client = openai.AsyncOpenAI(api_key="key", base_url=url, max_retries=0, http_client=sender)
        for _ in range(times):
            reply = await post(client, "/chat/completions", BODY, seconds, sender)
        return reply


def outcome(answers: Sequence[bytes], times: int = 0, seconds: float = 5) -> tuple[Any, ...]:
    """What comes of the last of these answers: the reply, or all that is told of a fault."""

    async def work(url: str, asked: list[bytes]) -> tuple[Any, ...]:
        port = url.rpartition(":")[2].partition("/")[0]
        try:
            return (await ask(times or len(answers), url, seconds),)
        except Exception as error:
            headers = getattr(getattr(error, "response", None), "headers", {})
            said = error_text(error).replace(port, "PORT")
            code, retry, body = error_code(error), headers.get("retry-after"), getattr(error, "body", None)
            return type(error), code, said, status_of(error), is_retryable(error), retry, body

    return asyncio.run(with_answers(answers, work))


@pytest.mark.parametrize("answer", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_alike_by_the_first_request_and_by_later_ones(answer: bytes) -> None:
    first = outcome([answer])
    assert outcome([FINE, answer]) == first
    assert outcome([FINE, FINE, answer]) == first


def test_a_server_that_is_gone_is_told_alike() -> None:
    first = outcome([], times=1)
    assert outcome([FINE], times=2) == first
    assert first[1] == "APIConnectionError" and "the connection failed" in first[2]


def test_later_requests_carry_what_the_first_one_does() -> None:
    async def work(url: str, asked: list[bytes]) -> list[bytes]:
        await ask(3, url)
        return asked

    first, *later = asyncio.run(with_answers([FINE] * 3, work))
    line, headers, content = _parts(first)
    for request in later:
        assert _parts(request)[0] == line and _parts(request)[2] == content
        there = _parts(request)[1]
        encoding = there.pop("accept-encoding")
        assert "gzip" in encoding and there.pop("host") == headers["host"]
        assert there.items() <= headers.items()
        assert headers.keys() - there.keys() <= {"accept-encoding", "connection", "host"}
    assert headers["authorization"] == "Bearer key" and json.loads(content) == BODY


def _parts(request: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """First line, headers and content of a request."""
    head, _, content = request.partition(b"\r\n\r\n")
    line, *rest = head.split(b"\r\n")
    parts = (part.decode().partition(": ") for part in rest)
    return line, {name.lower(): value for name, _, value in parts}, content


def test_a_packed_reply_is_unpacked() -> None:
    packed = http("200 OK", gzip.compress(json.dumps(GOOD).encode()), "Content-Encoding: gzip")
    assert outcome([packed]) == outcome([FINE, packed]) == (GOOD,)


def test_a_later_reply_that_does_not_come_is_waited_for_no_longer_than_the_limit() -> None:
    assert outcome([FINE, NEVER], seconds=0.3)[1] == "timeout"
