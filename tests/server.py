"""An OpenAI-compatible server on loopback, in a thread of its own: what it was asked is there to be looked at."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.waiting import SAFETY

Writes = Callable[[web.Request], Awaitable[web.StreamResponse]]
Fault = web.Response | float | Literal["reset"] | Writes | None


@dataclass
class Server:
    """Answers /v1/chat/completions, /v1/embeddings and /v1/models.

    `answer` makes a reply from a prompt. `fault` may make something else of a request, before it is answered: a
    response to send instead, seconds to wait, "reset" to break the connection, or what writes the response
    itself. `models` are listed and served,
    `unlisted` served besides. `usage` says whether tokens are reported, `tokens` counts those of a text, and of every
    prompt so many as `cached` are reported as cached. `fills`: replies may use all
    tokens that they are allowed. `listed` is told of each model in the list,
    `tells` at other paths. `requests` holds (path, headers, body) of every post. Where `replies`
    is a number, only so many requests are replied to until it is none again, and the others wait. `now` are in flight,
    and `most` were so at once.
    """

    answer: Callable[[str], str] = lambda prompt: "Answer: 1\nAnalysis: because."
    fault: Callable[[str, dict[str, Any]], Fault] = lambda path, body: None
    latency: float = 0.0
    models: list[str] | None = None
    unlisted: tuple[str, ...] = ()
    key: str | None = None
    usage: bool = True
    tokens: Callable[[str], int] = lambda text: len(text.split())
    cached: int = 0
    finish_reason: str = "stop"
    fills: bool = False
    listed: dict[str, Any] = field(default_factory=dict)
    tells: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    replies: int | None = None
    most: int = 0
    now: int = 0
    url: str = ""

    @property
    def prompts(self) -> list[str]:
        """Every prompt that was sent to the chat model, in the order of arrival."""
        return [
            body["messages"][-1]["content"] for path, _, body in self.requests if path.endswith("/chat/completions")
        ]

    @property
    def embedded(self) -> list[str]:
        """Every text that was embedded, in the order of arrival."""
        return [text for path, _, body in self.requests if path.endswith("/embeddings") for text in body["input"]]

    async def _post(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append((request.path, dict(request.headers), body))
        place = len(self.requests)
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "bad key", "code": "invalid_api_key"}}, status=401)
        if self.models is not None and body["model"] not in (*self.models, *self.unlisted):
            return error(404, "model_not_found")
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            fault = self.fault(request.path, body)
            await asyncio.sleep(fault if isinstance(fault, float) else self.latency)
            while self.replies is not None and place > self.replies:
                await asyncio.sleep(0.005)
            if isinstance(fault, web.Response):
                return fault
            if callable(fault):
                return await fault(request)
            if fault == "reset" and request.transport is not None:
                request.transport.abort()
            return web.json_response(self._chat(body) if request.path.endswith("completions") else self._embed(body))
        finally:
            self.now -= 1

    def _chat(self, body: dict[str, Any]) -> dict[str, Any]:
        prompt = body["messages"][-1]["content"]
        text = self.answer(prompt)
        count: dict[str, Any] = {"prompt_tokens": self.tokens(prompt), "completion_tokens": self.written(body, text)}
        total = {"total_tokens": sum(count.values())}
        if self.cached:
            count["prompt_tokens_details"] = {"cached_tokens": min(self.cached, count["prompt_tokens"])}
        return {
            "id": "chat-1",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"] + "-served",
            "system_fingerprint": "fp_1",
            "choices": [
                {"index": 0, "finish_reason": self.finish_reason, "message": {"role": "assistant", "content": text}}
            ],
        } | ({"usage": count | total} if self.usage else {})

    def written(self, body: dict[str, Any], text: str) -> int:
        """The tokens of the reply to a request: fewer than it may have, since it ends by itself."""
        tokens = self.tokens(text)
        limit = body.get("max_tokens") or body.get("max_completion_tokens")
        ends = self.finish_reason == "stop" and not self.fills
        return min(tokens, limit - 1) if limit and ends else tokens

    def _embed(self, body: dict[str, Any]) -> dict[str, Any]:
        vectors = [[byte / 255 for byte in hashlib.sha256(text.encode()).digest()] for text in body["input"]]
        data = [{"object": "embedding", "index": place, "embedding": vector} for place, vector in enumerate(vectors)]
        told = sum(map(self.tokens, body["input"]))
        count = {"prompt_tokens": told, "total_tokens": told}
        return {"object": "list", "model": body["model"], "data": data, "usage": count}

    def routes(self) -> list[web.RouteDef]:
        """What is answered, and where."""
        return [
            web.post("/v1/chat/completions", self._post),
            web.post("/v1/embeddings", self._post),
            web.get("/v1/models", self._list),
            *(web.route("*", path, self._tell) for path in self.tells),
        ]

    async def _tell(self, request: web.Request) -> web.Response:
        return web.json_response(self.tells[request.path])

    async def _list(self, request: web.Request) -> web.Response:
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "bad key", "code": "invalid_api_key"}}, status=401)
        if self.models is None:
            return web.json_response({"error": {"message": "not found"}}, status=404)
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "us", **self.listed} for name in self.models]
        return web.json_response({"object": "list", "data": data})


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Run the server on a free port while the block lasts."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=2**27)
        app.add_routes(server.routes())
        runner = web.AppRunner(app, shutdown_timeout=0.01)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(_end(runner))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(SAFETY)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SAFETY)


async def _end(runner: web.AppRunner) -> None:
    """Stop serving; what still waits with a reply that nobody waits for is ended."""
    await runner.cleanup()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def error(status: int, code: str = "", **headers: str) -> web.Response:
    """An error as OpenAI sends it."""
    body = {"error": {"message": f"status {status}", "type": "error", "code": code or None}}
    return web.Response(
        status=status,
        text=json.dumps(body),
        content_type="application/json",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
