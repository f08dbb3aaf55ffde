"""A cached chat model and cached embeddings that ask the loopback server."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from evals.store.cached_chat import CachedChatModel
from evals.store.cached_embeddings import CachedEmbeddings
from evals.store.call_store import CallStore
from evals.store.rate_limits import RateLimiter
from evals.store.retry import RetryPolicy
from graph.llm.factory import chat_model, embedding_model
from graph.llm.fast_client import FastClient
from tests.server import Server

Done = TypeVar("Done")


@dataclass
class LoopbackModels:
    """Chat model and embeddings behind one call store, with one HTTP client."""

    server: Server
    store: CallStore
    client: Any
    timeout: float = 5
    made: dict[tuple[str, float | None], Any] = field(default_factory=dict)

    def chat(self, model: str = "m", temperature: float | None = 0, draw: int = 0, **identity: Any) -> CachedChatModel:
        key = (model, temperature)
        if key not in self.made:
            self.made[key] = chat_model(f"openai:{model}", self.server.url, temperature, self.client, self.timeout)
        return CachedChatModel(
            inner=self.made[key],
            store=self.store,
            identity={"base_url": "there", "model": model, "temperature": temperature, **identity},
            draw=draw,
        )

    async def ask(self, *prompts: str, name: str = "predict/direct", **how: Any) -> list[str]:
        """Ask all of these at once."""
        chat = self.chat(**how)
        asked = (chat.ainvoke(prompt, config={"metadata": {"prompt": name}}) for prompt in prompts)
        return [str(message.text) for message in await asyncio.gather(*asked)]

    def embeddings(self, model: str = "e") -> CachedEmbeddings:
        made = embedding_model(f"openai:{model}", self.server.url, self.client, self.timeout)
        return CachedEmbeddings(made, self.store, {"model": model})


def with_loopback(
    server: Server,
    folder: Path,
    work: Callable[[LoopbackModels], Awaitable[Done]],
    run: str = "",
    rate_limiter: RateLimiter | None = None,
    retry_policy: RetryPolicy | None = None,
    timeout: float = 5,
) -> Done:
    """Do some work with models behind a call store in this folder, in an event loop of its own."""

    async def session() -> Done:
        store = CallStore(folder / "calls.sqlite", run, rate_limiter, retry_policy)
        try:
            async with FastClient(server.url) as client:
                return await work(LoopbackModels(server, store, client, timeout))
        finally:
            store.close()

    return asyncio.run(session())
