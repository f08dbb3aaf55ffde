"""An HTTP client over aiohttp that sends the same kind of request again and again.

The openai package makes the first request to an address, and its headers serve for all that follow,
which go to aiohttp with nothing between. Where one of those fails, the openai package is shown what
came back and says what it means, as it does for any other request.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
import openai
from openai import DefaultAioHttpClient
from yarl import URL

from graph.llm.environment import proxy_for
from graph.llm.transport import (
    UNPACKED,
    CarefulClient,
    TooLongError,
    most_bytes,
    trusted_certificates,
)

MOST_CONNECTIONS = 1000
KEPT_SECONDS = 5.0
"""How long a connection that nobody uses stays open."""
NO_LIMIT = aiohttp.ClientTimeout(total=None, sock_connect=None)
"""Whoever calls bounds the whole call."""
MADE_ANEW = {"host", "content-length", "connection", "accept-encoding"}
"""Headers that aiohttp adds to each request by itself."""
encode_body = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass
class Exchange:
    """A request as it went out and the kind of response that came, or the response to show."""

    request: Any = None
    response_type: Any = None
    answered: tuple[int, list[tuple[str, str]], bytes] | None = None


_exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def _watched(exchange: Exchange) -> Iterator[Exchange]:
    """Let the client note in this exchange what it sends while the block lasts."""
    token = _exchange.set(exchange)
    try:
        yield exchange
    finally:
        _exchange.reset(token)


@dataclass(frozen=True)
class PreparedRequest:
    """What all requests to one address have in common."""

    request: Any
    response_type: Any
    url: URL
    headers: dict[str, str]
    most: int

    @classmethod
    def of(cls, request: Any, response_type: Any) -> "PreparedRequest":
        """Take over the address and the headers of a request that went out and succeeded."""
        headers = {name: value for name, value in request.headers.items() if name not in MADE_ANEW}
        url = URL(str(request.url), encoded=True)
        return cls(request, response_type, url, headers, most_bytes(url.path))


class ShownClient(DefaultAioHttpClient):
    """The client of the openai package over aiohttp, which notes a request, or shows a response
    that came already.
    """

    async def send(self, request: Any, **how: Any) -> Any:
        """Send a request, unless the exchange of this task holds the response to it."""
        exchange = _exchange.get()
        if exchange is None:
            return await super().send(request, **how)
        if exchange.answered:
            status, headers, content = exchange.answered
            made = exchange.response_type
            return made(status, headers=headers, content=content, request=request)
        response = await super().send(request, **how)
        exchange.request, exchange.response_type = request, type(response)
        return response


class FastClient(CarefulClient, ShownClient):
    """A CarefulClient over aiohttp, which takes less time a call; it must be closed."""

    def __init__(self, *addresses: str) -> None:
        super().__init__(*addresses)
        self._prepared: dict[tuple[openai.AsyncOpenAI, str], PreparedRequest] = {}
        self._session: aiohttp.ClientSession | None = None

    async def post_body(self, client: openai.AsyncOpenAI, path: str, body: Any) -> bytes:
        """Send a JSON body, and return the content that came back, as CarefulClient does."""
        prepared = self._prepared.get((client, path))
        if prepared:
            return await self._repeat(prepared, client, path, body)
        with _watched(Exchange()) as seen:
            content = await super().post_body(client, path, body)
        if seen.request and not proxy_for(str(seen.request.url)):
            self._prepared[client, path] = PreparedRequest.of(seen.request, seen.response_type)
        return content

    async def _repeat(
        self, prepared: PreparedRequest, client: openai.AsyncOpenAI, path: str, body: Any
    ) -> bytes:
        """Send the prepared request with this body."""
        content = encode_body(body).encode()
        try:
            async with self._open_session().post(
                prepared.url,
                data=content,
                headers=prepared.headers,
                allow_redirects=False,
                timeout=NO_LIMIT,
            ) as response:
                came = await _read(response, prepared.most)
        except aiohttp.ClientConnectionError as error:  # called so by the client under openai
            raise openai.APITimeoutError(request=prepared.request) from error
        except aiohttp.ClientPayloadError as error:
            raise openai.APIConnectionError(request=prepared.request) from error
        if response.status == 200:
            return came
        told = [item for item in response.headers.items() if item[0].lower() not in UNPACKED]
        shown = Exchange(None, prepared.response_type, (response.status, told, came))
        with _watched(shown):
            return await super().post_body(client, path, body)

    def _open_session(self) -> aiohttp.ClientSession:
        """The session of all prepared requests, opened with the first of them."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=MOST_CONNECTIONS, keepalive_timeout=KEPT_SECONDS, ssl=trusted_certificates()
            )
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    async def aclose(self) -> None:
        """Close all connections."""
        await self._close_session()
        await super().aclose()

    async def __aexit__(self, *error: Any) -> None:
        """Close all connections."""
        await self._close_session()
        await super().__aexit__(*error)

    async def _close_session(self) -> None:
        """Close the connections of prepared requests."""
        session, self._session = self._session, None
        if session:
            await session.close()


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The content of a response. Raises TooLongError."""
    content = bytearray()
    while part := await response.content.readany():
        content += part
        if len(content) > most:
            raise TooLongError.of(most)
    return bytes(content)
