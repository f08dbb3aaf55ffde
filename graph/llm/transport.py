"""The way to a model server: bounded in time and in size, never led elsewhere, and its faults told
by their cause.

The clients of the openai package send through it: chat, embeddings, lists of models, files and
batches alike.
"""

import asyncio
import json
import math
import os
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from sys import modules
from typing import Any

import openai
from openai import DefaultAsyncHttpxClient

from graph.llm.addresses import host_of, is_local, redact_address
from graph.llm.environment import Proxy, proxy_for
from graph.llm.errors import FaultError

MOST_BYTES = {"/embeddings": 64_000_000}
MOST_BYTES_ELSE = 4_000_000
"""How much of a reply is read; 256 long vectors written as numbers are much longer than any text.
"""
PASSING = {502, 503, 504}
LONGEST_NUMBER = 300
"""Digits of a number in a reply; Python reads no more than 4,300, and nothing counted has so many.
"""


class RedirectedError(FaultError):
    """The server sends callers elsewhere, where nobody wanted to send anything."""

    kind, fatal = "redirected", True


class ProxyFaultError(FaultError):
    """The proxy on the way refused, failed or is not there."""

    kind = "proxy"


class TooLongError(FaultError):
    """A reply that is longer than is read."""

    kind = "too_long"

    @classmethod
    def of(cls, most: int) -> "TooLongError":
        """The error for a reply of more than `most` bytes."""
        return cls(f"the reply is longer than the {most // 1_000_000} MB that are read")


class TimedOutError(FaultError):
    """No whole reply came in time; the same request would most likely take as long again, so there
    is one more try.
    """

    kind, again, tries = "timeout", True, 2


class NoReplyError(FaultError):
    """What came back is no reply of a model server."""

    kind, again, tries = "bad_reply", True, 3


class CarefulClient(DefaultAsyncHttpxClient):
    """An HTTP client that follows no redirect, reads so much of a reply, and tells what a proxy
    did.
    """

    def __init__(self, *addresses: str) -> None:
        local = [host_of(address) for address in addresses if is_local(host_of(address))]
        names = (f"[{host}]" if ":" in host else host for host in local)
        direct = {f"all://{name}": None for name in names}
        super().__init__(follow_redirects=False, mounts=direct, verify=trusted_certificates())

    async def send(self, request: Any, *, stream: bool = False, **how: Any) -> Any:
        """Send a request, and read the reply. Raises FaultError besides what every client
        raises.
        """
        url = str(request.url)
        proxy = proxy_for(url)
        try:
            response = await super().send(
                request, stream=True, **{**how, "follow_redirects": False}
            )
        except Exception as error:
            if proxy is None or not _is_connection_fault(error):
                raise
            raise _unreachable(proxy, error) from error
        if 300 <= response.status_code < 400:
            await response.aclose()
            raise _redirected(url, response)
        if stream:
            return response
        whole = await _read(response)
        if proxy and (
            whole.status_code == 407
            or (whole.status_code in {403, *PASSING} and not _of_api(whole))
        ):
            raise _refused(proxy, host_of(url), whole)
        return whole

    async def post_body(self, client: openai.AsyncOpenAI, path: str, body: Any) -> bytes:
        """Do as `post_body` does, for a client that sends through this one."""
        return await post_body(client, path, body)

    def __del__(self) -> None:
        """Close where a loop still runs; nobody else holds the client."""
        if not self.is_closed:
            try:
                asyncio.get_running_loop().create_task(self.aclose())
            except (
                AttributeError,
                RuntimeError,
            ):  # no loop, or Python ends and its modules are gone
                return


def trusted_certificates() -> ssl.SSLContext:
    """The certificates by which the HTTP package under openai trusts a server: one object for all
    clients, since reading them takes longer than a dozen calls.
    """
    return _certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=4)
def _certificates(file: str | None, folder: str | None) -> ssl.SSLContext:
    """The certificates that these values of the environment name, or the usual ones."""
    http = modules[DefaultAsyncHttpxClient.__bases__[0].__module__.partition(".")[0]]
    found: ssl.SSLContext = http.create_ssl_context()
    return found


@asynccontextmanager
async def within(seconds: float | None) -> AsyncIterator[None]:
    """Bound a whole call, from its first byte to the last of its reply. Raises TimedOutError."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise TimedOutError(
            f"no whole reply came within {seconds:g} s: a longer --timeout or a lower --max-tokens "
            f"may help (in Python timeout and max_tokens)"
        ) from None


async def post(
    client: openai.AsyncOpenAI,
    path: str,
    body: Any,
    seconds: float | None,
    sender: CarefulClient | None = None,
) -> dict[str, Any]:
    """Send a JSON body, and return the JSON object that came back.

    `sender` is the HTTP client under `client`, where it knows a shorter way. Raises FaultError or
    openai.APIError.
    """
    async with within(seconds):
        if sender is None:
            content = await post_body(client, path, body)
        else:
            content = await sender.post_body(client, path, body)
    return read_object(content)


async def post_body(client: openai.AsyncOpenAI, path: str, body: Any) -> bytes:
    """Send a JSON body, and return the content that came back. Raises FaultError or
    openai.APIError.
    """
    return await client.post(path, cast_to=bytes, body=body, options={"timeout": None})


def read_object(content: bytes) -> dict[str, Any]:
    """The JSON object in a reply; bytes that are no text are replaced. Raises NoReplyError where
    there is none.
    """
    text = content.decode(json.detect_encoding(content), errors="replace")
    try:
        found = json.loads(text, parse_int=_number)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        said = _words(text)
        raise NoReplyError(
            f"the server sent no reply of a model: {said!r}" if said else "the server sent nothing"
        )
    return found


def _number(digits: str) -> float:
    """A whole number, or infinity for one of absurd length."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def most_bytes(path: str) -> int:
    """How much of a reply from this path is read."""
    return next((size for end, size in MOST_BYTES.items() if path.endswith(end)), MOST_BYTES_ELSE)


async def _read(response: Any) -> Any:
    """The response with its whole content. Raises TooLongError."""
    most = most_bytes(response.url.path)
    content = bytearray()
    try:
        async for part in response.aiter_bytes():
            content += part
            if len(content) > most:
                raise TooLongError.of(most)
    finally:
        await response.aclose()
    told = [
        (name, value)
        for name, value in response.headers.multi_items()
        if name.lower() not in UNPACKED
    ]
    made: Any = type(response)
    return made(
        response.status_code, headers=told, content=bytes(content), request=response.request
    )


UNPACKED = {"content-encoding", "content-length", "transfer-encoding"}
"""Headers that are true of a reply on its way alone."""


def _is_connection_fault(error: Exception) -> bool:
    """Whether nothing could be reached; the HTTP package under openai is one or another, so the
    name tells.
    """
    return any(cls.__name__ == "RequestError" for cls in type(error).__mro__)


def _of_api(response: Any) -> bool:
    """Whether an error is told as model servers tell theirs, and not by something on the way."""
    try:
        return isinstance(json.loads(response.content), dict)
    except (ValueError, RecursionError):
        return False


def _redirected(url: str, response: Any) -> RedirectedError:
    """What to say of a redirect."""
    place = response.headers.get("location", "")
    there = redact_address(str(response.url.join(place))) if place else "elsewhere"
    return RedirectedError(
        f"{redact_address(url)} redirects ({response.status_code}) to {there}; nothing was sent "
        f"there: give the address itself"
    )


def _unreachable(proxy: Proxy, error: Exception) -> ProxyFaultError:
    """What to say of a proxy that cannot be reached, or does not lead on."""
    found = ProxyFaultError(
        f"{proxy} does not lead to the server ({_words(_without_secrets(str(error)))})"
    )
    found.again = not re.search(r"\b40[37]\b", str(error))
    found.fatal = not found.again
    return found


def _refused(proxy: Proxy, host: str, response: Any) -> ProxyFaultError:
    """What to say where a proxy answered in place of the server."""
    said = _words(_without_secrets(response.text))
    found = ProxyFaultError(
        f"{proxy} answered {response.status_code} in place of {host} ({said}); NO_PROXY={host} "
        f"goes past it"
    )
    found.again = response.status_code in PASSING
    found.fatal = not found.again
    return found


def _without_secrets(text: str) -> str:
    """A text in which no address holds a password."""
    return re.sub(r"(?<=//)[^/@\s]*@", "", text)


def _words(text: str) -> str:
    """The first words of a text, without marks of HTML, on one line."""
    plain = " ".join(re.sub(r"<[^>]{0,200}>", " ", text[:2_000]).split())
    return plain if len(plain) <= 120 else plain[:117] + "..."
