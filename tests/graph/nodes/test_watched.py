"""A kept model within a graph: asked without LangChain's callbacks where nobody hears them, else with them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.globals import set_llm_cache

from evals.store.cached_chat import CachedChatModel
from evals.store.call_store import CallStore
from graph.settings import Settings
from graph.valuesim import build
from tests.graph.fakes import INPUT, LENSES, FakeChat


class Listener(AsyncCallbackHandler):
    """Notes the template of each model call."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def on_chat_model_start(self, serialized: Any, messages: Any, **kwargs: Any) -> None:
        self.heard.append(kwargs["metadata"]["prompt"].removeprefix("predict/"))


def ask(folder: Path, *listeners: Listener) -> tuple[dict[str, Any], FakeChat]:
    """Ask the graph with a kept model, and return its state and the model behind the store."""
    fake = FakeChat()
    folder.mkdir(exist_ok=True)

    async def work() -> dict[str, Any]:
        store = CallStore(folder / "calls.sqlite")
        try:
            chat = CachedChatModel(inner=fake, store=store, identity={"provider": "offline"})
            return await build().ainvoke(INPUT, config={"callbacks": [*listeners]}, context=Settings(chat=chat))
        finally:
            store.close()

    return asyncio.run(work()), fake


def test_whoever_listens_hears_each_call_and_the_answer_is_the_same(tmp_path: Path) -> None:
    listener = Listener()
    heard, asked_heard = ask(tmp_path / "heard", listener)
    alone, asked_alone = ask(tmp_path / "alone")

    assert sorted(listener.heard) == sorted(["story", *LENSES]) == asked_heard.templates
    assert alone == heard and sorted(asked_alone.calls) == sorted(asked_heard.calls)


def test_langchains_own_cache_is_still_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = InMemoryCache()
    set_llm_cache(cache)
    try:
        ask(tmp_path)
    finally:
        set_llm_cache(None)
    assert len(cache._cache) == 1 + len(LENSES)
