"""The call store: every model reply kept by content before it is used, concurrent twins merged, hits marked.

SQLite in WAL mode. A reply is written before anybody sees it, so a run that is killed repeats only what was in
flight; failures are never written. Graphs work without it; evaluations always use it.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from numpy.typing import NDArray
from pydantic import ConfigDict

from graph.faults import Attempts
from graph.gate import Gate

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    key TEXT PRIMARY KEY, prompt TEXT, run TEXT, text TEXT, prompt_tokens INTEGER, completion_tokens INTEGER,
    cached_tokens INTEGER, finish_reason TEXT, served_model TEXT, system_fingerprint TEXT, seconds REAL, at REAL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, run TEXT, vector BLOB) WITHOUT ROWID;
"""

EMBED_AT_ONCE = 256
STORY = "predict/story"

Done = TypeVar("Done")


class CallStore:
    """Replies and vectors by content, in one SQLite file, for one event loop.

    `run` names who pays for a call, so that one store can serve several runs; `gate` says what may go out at once, chat
    and embeddings together; `attempts` says what is tried again. Raises sqlite3.Error when the file cannot be used.
    """

    def __init__(self, path: Path, run: str = "", gate: Gate | None = None, attempts: Attempts | None = None) -> None:
        self.run = run
        self.gate = gate or Gate()
        self.attempts = attempts or Attempts()
        self.hits = 0
        self.tokens = 0
        self._flying: dict[str, asyncio.Task[Any]] = {}
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        self.attempts.succeeded |= self._db.execute("SELECT 1 FROM calls WHERE run = ?", (run,)).fetchone() is not None

    def close(self) -> None:
        """Close the file; what was kept stays."""
        self._db.close()

    async def once(self, key: str, characters: int, make: Callable[[], Awaitable[Done]]) -> Done:
        """Run `make` for this key unless it is under way already; twins wait for the one that is.

        `characters` is about the length of the request, for limits.
        """
        task = self._flying.get(key)
        if task is None:
            task = asyncio.ensure_future(self._limited(characters, make))
            self._flying[key] = task
            task.add_done_callback(lambda _: self._flying.pop(key, None))
        else:
            self.hits += 1
        done: Done = await asyncio.shield(task)
        return done

    async def _limited(self, characters: int, make: Callable[[], Awaitable[Done]]) -> Done:
        """Try, and try again as `attempts` says; a place is held only while a request is out."""
        return await self.attempts.run(make, lambda: self.gate.place(characters))

    def reply(self, key: str) -> AIMessage | None:
        """The reply kept under this key, marked as a hit; None when there is none, or only a story that was cut off."""
        row = self._db.execute(
            "SELECT text, prompt_tokens, cached_tokens, completion_tokens, finish_reason, served_model FROM calls "
            "WHERE key = ? AND NOT (prompt = ? AND finish_reason IS 'length')",
            (key, STORY),
        ).fetchone()
        if row is None:
            return None
        self.hits += 1
        text, told, cached, heard, finish_reason, served_model = row
        message = AIMessage(
            text, response_metadata={"hit": True, "finish_reason": finish_reason, "model_name": served_model}
        )
        if told is not None:
            message.usage_metadata = {
                "input_tokens": told,
                "output_tokens": heard,
                "total_tokens": told + heard,
                "input_token_details": {"cache_read": cached},
            }
        return message

    def keep(self, key: str, prompt: str, message: AIMessage, seconds: float) -> None:
        """Write a reply, with what it cost and who served it."""
        usage, served = message.usage_metadata, message.response_metadata
        told, cached, heard = (
            (
                usage["input_tokens"],
                (usage.get("input_token_details") or {}).get("cache_read", 0),
                usage["output_tokens"],
            )
            if usage
            else (None, None, None)
        )
        self._db.execute(
            "INSERT OR REPLACE INTO calls VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                key,
                prompt,
                self.run,
                str(message.text),
                told,
                heard,
                cached,
                served.get("finish_reason"),
                served.get("model_name"),
                served.get("system_fingerprint"),
                seconds,
                time.time(),
            ),
        )
        self.tokens += (told or 0) + (heard or 0)
        if self.gate.budget:
            self.gate.budget.pay(told or 0, cached or 0, heard or 0)

    def vectors(self, keys: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors kept under these keys."""
        found = {}
        for key in keys:
            if row := self._db.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone():
                found[key] = np.frombuffer(row[0], dtype=np.float32)
        return found

    def keep_vectors(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Write vectors, all or none."""
        self._db.execute("BEGIN")
        rows = [(key, self.run, vector.tobytes()) for key, vector in vectors.items()]
        self._db.executemany("INSERT INTO vectors VALUES (?,?,?) ON CONFLICT DO NOTHING", rows)
        self._db.execute("COMMIT")

    def usage(self) -> dict[str, dict[str, int]]:
        """What this run paid for, by template: calls, prompt_tokens, cached_tokens, completion_tokens.

        Tokens are those that the server reported; a server that reports none counts 0.
        """
        rows = self._db.execute(
            "SELECT prompt, COUNT(*), SUM(prompt_tokens), SUM(cached_tokens), SUM(completion_tokens) FROM calls "
            "WHERE run = ? GROUP BY prompt ORDER BY prompt",
            (self.run,),
        )
        names = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens")
        return {prompt: dict(zip(names, (number or 0 for number in numbers), strict=True)) for prompt, *numbers in rows}


class StoredChat(BaseChatModel):
    """A chat model round another one: asks it only what the store does not hold.

    `identity` is everything that decides a reply besides the messages: provider, base URL, model, sampling
    parameters. `draw` tells repeated draws of one prompt apart.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel
    store: CallStore
    identity: Mapping[str, Any]
    draw: int = 0

    @property
    def _llm_type(self) -> str:
        return "stored"

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError("the call store is asynchronous: use ainvoke")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        said = [[message.type, message.content] for message in messages]
        key = digest({**self.identity, "draw": self.draw, "stop": stop, **kwargs}, said)
        message = self.store.reply(key)
        if message is None:
            name = (run_manager.metadata or {}).get("prompt", "") if run_manager else ""

            async def make() -> AIMessage:
                started = time.perf_counter()
                result = await self.inner._agenerate(messages, stop=stop, run_manager=run_manager, **kwargs)
                [generation] = result.generations
                fresh = generation.message
                if not isinstance(fresh, AIMessage):
                    raise TypeError(f"the model replied with a {type(fresh).__name__}")
                told = (result.llm_output or {}) | (generation.generation_info or {})  # LangChain joins them only later
                fresh.response_metadata = told | fresh.response_metadata
                self.store.keep(key, name, fresh, time.perf_counter() - started)
                return fresh

            message = await self.store.once(key, sum(len(str(text)) for _, text in said), make)
        return ChatResult(generations=[ChatGeneration(message=message)])


class StoredEmbeddings(Embeddings):
    """Embeddings round others: each distinct text is embedded once, and its vector kept on disk."""

    def __init__(self, inner: Embeddings, store: CallStore, identity: Mapping[str, Any]) -> None:
        self._inner, self._store, self._identity = inner, store, identity
        self._held: dict[str, NDArray[np.float32]] = {}
        self._one_at_a_time = asyncio.Lock()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse: the store is asynchronous."""
        raise NotImplementedError("the call store is asynchronous: use aembed_documents")

    def embed_query(self, text: str) -> list[float]:
        """Refuse: the store is asynchronous."""
        raise NotImplementedError("the call store is asynchronous: use aembed_documents")

    async def aembed_query(self, text: str) -> list[float]:
        """The vector of one text."""
        return (await self.aembed_documents([text]))[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of these texts, in their order."""
        if any(text not in self._held for text in texts):
            async with self._one_at_a_time:
                await self._learn([text for text in dict.fromkeys(texts) if text not in self._held])
        return [self._held[text] for text in texts]  # type: ignore[misc]  # arrays serve as lists of floats

    async def _learn(self, texts: list[str]) -> None:
        """Take the vectors of these texts from disk, and the rest from the model."""
        identity = {**self._identity, "kind": "embedding"}
        keys = {text: digest(identity, text) for text in texts}
        kept = self._store.vectors(keys.values())
        self._held |= {text: kept[key] for text, key in keys.items() if key in kept}
        new = [text for text, key in keys.items() if key not in kept]
        for start in range(0, len(new), EMBED_AT_ONCE):
            part = new[start : start + EMBED_AT_ONCE]
            made = await self._store.once(digest(identity, part), 0, partial(self._inner.aembed_documents, part))
            vectors = [np.asarray(vector, dtype=np.float32) for vector in made]
            self._store.keep_vectors({keys[text]: vector for text, vector in zip(part, vectors, strict=True)})
            self._held |= dict(zip(part, vectors, strict=True))


def digest(identity: Mapping[str, Any], content: Any) -> str:
    """The key of a call: a hash of who is asked, how, and what."""
    return sha256(json.dumps([identity, content], sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()
