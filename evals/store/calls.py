"""The call store: every model reply kept by content before it is used, concurrent twins merged,
hits marked.

SQLite in WAL mode. A reply is written before anybody sees it, so a run that is killed repeats only
what was in flight; failures are never written. Graphs work without it; evaluations always use it.
"""

import asyncio
import json
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict

from evals.store.rate_limits import EMBEDDINGS, RateLimiter
from evals.store.retry import Probe, RetryPolicy
from evals.store.sqlite_files import StoreFormat, TableSchema, open_store, read_store
from graph.llm.addresses import compatible
from graph.llm.caching import CachingChatModel
from graph.llm.context_window import CutPrompts, cut_among, is_suspicious
from graph.llm.errors import CallFailedError, PendingReplyError
from graph.llm.finish_reasons import finish_reason, mark_cut
from graph.llm.reply_check import check_reply_to, passes_check, reasoning_of
from graph.llm.usage import ESTIMATED, clean_text, estimate_tokens, with_usage
from graph.llm.vectors import BadVectorsError, Counted, Vectors, checked, usable
from graph.request_parameters import LENGTH, OTHER_LENGTH

CALLS = TableSchema(
    "calls",
    {
        "key": "TEXT",
        "prompt": "TEXT",
        "run": "TEXT",
        "text": "TEXT",
        "prompt_tokens": "INTEGER",
        "completion_tokens": "INTEGER",
        "cached_tokens": "INTEGER",
        "finish_reason": "TEXT",
        "served_model": "TEXT",
        "system_fingerprint": "TEXT",
        "seconds": "REAL",
        "at": "REAL",
        "estimated": "INTEGER",
        "reasoning": "TEXT",
    },
    key=("key",),
)
UNKEPT = TableSchema(
    "unkept",
    {
        "run": "TEXT",
        "prompt": "TEXT",
        "kind": "TEXT",
        "prompt_tokens": "INTEGER",
        "cached_tokens": "INTEGER",
        "completion_tokens": "INTEGER",
        "estimated": "INTEGER",
    },
)
"""Replies that were paid and are none of use: what they cost, and why."""
VECTORS = TableSchema("vectors", {"key": "TEXT", "run": "TEXT", "vector": "BLOB"}, key=("key",))
SUSPECTS = TableSchema(
    "suspects",
    {"run": "TEXT", "key": "TEXT", "characters": "INTEGER", "tokens": "INTEGER"},
    key=("run", "key"),
)
"""Prompts that the server may have cut: how long they are, and the tokens that it counted."""
EMBEDDED = TableSchema("embedded", {"run": "TEXT", "texts": "INTEGER", "tokens": "INTEGER"})
STORE = StoreFormat(
    "call store",
    0x56534343,  # VSCC
    (CALLS, UNKEPT, VECTORS, SUSPECTS, EMBEDDED),
    "move it away, or name another with --calls: what it held is asked again",
)

EMBED_AT_ONCE = 256
PROBE = "Reply with OK."
"""A prompt to which no server has anything to object."""

Done = TypeVar("Done")


class DeferredRequests(Protocol):
    """Where requests go that are not asked at once but later, with others."""

    def put(self, key: str, prompt: str, body: Mapping[str, Any]) -> None:
        """Take a request, of this template. Raises CallFailed when it was asked before and finally
        failed.
        """


class CallStore:
    """Replies and vectors by content, in one SQLite file, for one event loop.

    `run` names who pays for a call, so that one store can serve several runs; `gate` says what may
    go out at once, chat and embeddings together; `attempts` says what is tried again. While `aside`
    is set, chat requests that the store cannot answer go there. Raises StoreError, one line, when
    the file cannot be used.
    """

    aside: DeferredRequests | None = None

    def __init__(
        self,
        path: Path,
        run: str = "",
        gate: RateLimiter | None = None,
        attempts: RetryPolicy | None = None,
    ) -> None:
        self.run = run
        self.gate = gate or RateLimiter()
        self.attempts = attempts or RetryPolicy()
        self.hits = self.replies = 0
        self.tokens = 0
        self._flying: dict[str, asyncio.Task[Any]] = {}
        self._out: set[asyncio.Task[Any]] = set()
        self._read: list[sqlite3.Connection] = []
        self._db = open_store(path, STORE)
        self.attempts.succeeded |= (
            self._db.execute("SELECT 1 FROM calls WHERE run = ?", (run,)).fetchone() is not None
        )

    def close(self) -> None:
        """Close the file; what was kept stays."""
        for db in (self._db, *self._read):
            db.close()

    def rest(self) -> None:
        """Let other machines read the file while nothing is written here: the WAL mode is for one
        machine alone.
        """
        with suppress(sqlite3.OperationalError):  # another run on this machine writes to it
            self._db.execute("PRAGMA journal_mode=DELETE")

    def look_in(self, path: Path) -> None:
        """Answer from another store as well, which is only read. Raises sqlite3.Error when it
        cannot be.
        """
        db = read_store(path, STORE)
        try:
            db.execute("SELECT 1 FROM calls, vectors LIMIT 1")
        except sqlite3.Error:
            db.close()
            raise
        self._read.append(db)

    def _first(self, query: str, values: tuple[str, ...]) -> Any:
        """The first row that is found in any of the files; None where there is none."""
        found = (db.execute(query, values).fetchone() for db in (self._db, *self._read))
        return next((row for row in found if row), None)

    @property
    def flying(self) -> int:
        """How many calls are under way: out, waiting for a place, or for their next try."""
        return len(self._flying)

    async def drain(self, seconds: float) -> None:
        """Wait so long for the requests that are out, since they are paid, and end all other calls
        at once.
        """
        flying, out = set(self._flying.values()), set(self._out)
        for task in flying - out:
            task.cancel()
        if out:
            await asyncio.wait(out, timeout=seconds)
        for task in out:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)

    async def once(
        self,
        key: str,
        characters: int,
        make: Callable[[], Awaitable[Done]],
        kind: str = "",
        probe: Probe | None = None,
    ) -> Done:
        """Run `make` for this key unless it is under way already; twins wait for the one that is.

        `characters` is about the length of the request and `kind` the template's name, for limits.
        `probe` tells whose fault a refusal is.
        """
        task = self._flying.get(key)
        if task is None:
            task = asyncio.ensure_future(self._limited(characters, make, kind, probe))
            self._flying[key] = task
            task.add_done_callback(partial(self._landed, key))
        else:
            self.hits += 1
        done: Done = await asyncio.shield(task)
        return done

    def _landed(self, key: str, task: asyncio.Task[Any]) -> None:
        """Forget a call that is over; its error is its waiters', of whom none may be left."""
        self._flying.pop(key, None)
        if not task.cancelled():
            task.exception()

    async def _limited(
        self, characters: int, make: Callable[[], Awaitable[Done]], kind: str, probe: Probe | None
    ) -> Done:
        """Try, and try again as `attempts` says; a place is held only while a request is out."""
        return await self.attempts.run(make, lambda: self._place(characters, kind), probe)

    @asynccontextmanager
    async def _place(self, characters: int, kind: str) -> AsyncIterator[None]:
        """Hold a place while a request of the current call is out."""
        call = asyncio.current_task()
        assert call is not None
        async with self.gate.place(characters, kind):
            self._out.add(call)
            try:
                yield
            finally:
                self._out.discard(call)

    def reply(self, key: str) -> AIMessage | None:
        """The reply kept under this key, marked as a hit; None when there is none, or none that
        passes the gate.
        """
        found = (kept_reply(db, key) for db in (self._db, *self._read))
        message = next((message for message in found if message), None)
        if message:
            self.hits += 1
        return message

    def keep(self, key: str, prompt: str, message: AIMessage, seconds: float | None) -> None:
        """Write a reply, with what it cost and who served it; `seconds` None where nobody waited
        for this one alone.

        Raises CallFailed where it does not pass the gate: then only what it cost is written.
        """
        served = message.response_metadata
        told, cached, heard = counts_of(message)
        try:
            check_reply_to(prompt, message)
        except CallFailedError as failed:
            self.pay_unkept(prompt, failed.kind, message)
            raise
        self._db.execute(
            f"INSERT OR REPLACE INTO calls ({CALLS.names}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                key,
                prompt,
                self.run,
                clean_text(str(message.text)),
                told,
                heard,
                cached,
                finish_reason(message) or None,
                served.get("model_name"),
                served.get("system_fingerprint"),
                seconds,
                time.time(),
                served.get(ESTIMATED),
                clean_text(reasoning_of(message)) or None,
            ),
        )
        self.replies += 1
        served["key"] = key
        self._pay(prompt, told, cached, heard)

    def pay_unkept(self, prompt: str, kind: str, message: AIMessage) -> None:
        """Write what a reply cost that is not kept."""
        counts = counts_of(message)
        values = (self.run, prompt, kind, *counts, message.response_metadata.get(ESTIMATED))
        self._db.execute(f"INSERT INTO unkept ({UNKEPT.names}) VALUES (?,?,?,?,?,?,?)", values)
        self._pay(prompt, *counts)

    def forget(self, message: AIMessage, kind: str) -> None:
        """Keep a reply no longer that turned out to be none of use; what it cost stays."""
        key = message.response_metadata.get("key")
        self._db.execute("BEGIN")
        self._db.execute(
            f"INSERT INTO unkept ({UNKEPT.names}) SELECT run, prompt, ?, "
            "prompt_tokens, cached_tokens, completion_tokens, estimated FROM calls WHERE key = ?",
            (kind, key),
        )
        self._db.execute("DELETE FROM calls WHERE key = ?", (key,))
        self._db.execute("COMMIT")

    def _pay(self, prompt: str, told: int | None, cached: int | None, heard: int | None) -> None:
        """Count what a reply cost."""
        self.tokens += (told or 0) + (heard or 0)
        if self.gate.budget:
            self.gate.budget.pay(prompt, told or 0, cached or 0, heard or 0)

    def vectors(self, keys: Iterable[str]) -> dict[str, Vectors]:
        """The vectors kept under these keys that can be used; what was kept without a look at it
        may be none.
        """
        found = {}
        for key in keys:
            row = self._first("SELECT vector FROM vectors WHERE key = ?", (key,))
            if (
                row
                and len(row[0]) % 4 == 0
                and usable(vector := np.frombuffer(row[0], dtype=np.float32))
            ):
                found[key] = vector
        return found

    def keep_vectors(self, vectors: Mapping[str, Vectors], tokens: int = 0) -> None:
        """Write vectors, all or none; `tokens` is what they were paid by, about where the server
        does not tell.
        """
        self._db.execute("BEGIN")
        rows = [(key, self.run, vector.tobytes()) for key, vector in vectors.items()]
        self._db.executemany(
            f"INSERT OR REPLACE INTO vectors ({VECTORS.names}) VALUES (?,?,?)", rows
        )
        self._db.execute(
            f"INSERT INTO embedded ({EMBEDDED.names}) VALUES (?,?,?)", (self.run, len(rows), tokens)
        )
        self._db.execute("COMMIT")
        if self.gate.budget:
            self.gate.budget.pay(EMBEDDINGS, tokens, 0, 0)

    def embedded(self) -> tuple[int, int]:
        """How many texts this run paid to embed, and about how many tokens they have."""
        texts, tokens = self._db.execute(
            "SELECT SUM(texts), SUM(tokens) FROM embedded WHERE run = ?", (self.run,)
        ).fetchone()
        return texts or 0, tokens or 0

    def note_prompt(self, key: str, characters: int, message: AIMessage) -> None:
        """Remember a prompt of which the server seems to have read a part alone, as its count of
        tokens tells.
        """
        tokens = message.usage_metadata["input_tokens"] if message.usage_metadata else 0
        if is_suspicious(characters, tokens):
            values = (self.run, key, characters, tokens)
            self._db.execute(
                f"INSERT OR IGNORE INTO suspects ({SUSPECTS.names}) VALUES (?,?,?,?)", values
            )

    def cut(self) -> CutPrompts | None:
        """The prompts of this run that the server cut; None where it cut none that is known."""
        return cut_among(
            self._db.execute("SELECT characters, tokens FROM suspects WHERE run = ?", (self.run,))
        )

    def usage(self) -> dict[str, dict[str, int]]:
        """What this run paid for, by template: calls, prompt_tokens, cached_tokens,
        completion_tokens, estimated.

        Tokens are those that the server reported; where it reported none they are estimated, of so
        many calls. Replies that were not kept were paid as well.
        """
        columns = "run, prompt, prompt_tokens, cached_tokens, completion_tokens, estimated"
        rows = self._db.execute(
            "SELECT prompt, COUNT(*), SUM(prompt_tokens), SUM(cached_tokens), "
            "SUM(completion_tokens), SUM(estimated) "
            f"FROM (SELECT {columns} FROM calls UNION ALL SELECT {columns} FROM unkept) "
            "WHERE run = ? GROUP BY prompt ORDER BY prompt",
            (self.run,),
        )
        names = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens", "estimated")
        return {
            prompt: dict(zip(names, (number or 0 for number in numbers), strict=True))
            for prompt, *numbers in rows
        }


class CachedChatModel(CachingChatModel):
    """A chat model round another one: asks it only what the store does not hold.

    `identity` is everything that decides a reply besides the messages: provider, base URL, model,
    sampling parameters. `draw` tells repeated draws of one prompt apart.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel
    store: CallStore
    identity: Mapping[str, Any]
    draw: int = 0

    @property
    def _llm_type(self) -> str:
        return "stored"

    @property
    def limited_as(self) -> str | None:
        """The name by which the default limits on replies know the model; None for a client of
        another kind.
        """
        return limited_as(self.identity)

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
        characters = sum(len(str(text)) for _, text in said)
        key = cache_key({**self.identity, "draw": self.draw, "stop": stop, **kwargs}, said)
        message = self.store.reply(key)
        if message is None:
            name = (run_manager.metadata or {}).get("prompt", "") if run_manager else ""
            if self.store.aside:
                self.store.aside.put(key, name, self._body(messages, stop, **kwargs))
                raise PendingReplyError(key)

            async def make() -> AIMessage:
                started = time.perf_counter()
                result = await self.inner._agenerate(
                    messages, stop=stop, run_manager=run_manager, **kwargs
                )
                fresh = mark_cut(message_of_result(result), kwargs.get(LENGTH))
                if self.identity.get("provider") != "offline":  # the stand-in has no tokens
                    fresh = with_usage(
                        fresh, sum(len(str(text).encode(errors="replace")) for _, text in said)
                    )
                self.store.keep(key, name, fresh, time.perf_counter() - started)
                return fresh

            probe = Probe(
                cache_key({**self.identity, **_unlimited(kwargs)}, PROBE),
                partial(self.probe, **kwargs),
            )
            message = await self.store.once(key, characters, make, name, probe)
        self.store.note_prompt(key, characters, message)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def probe(self, **kwargs: Any) -> None:
        """Ask the model a tiny prompt, with these parameters. Raises what the server answers to
        that.
        """
        message = with_usage(
            message_of_result(await self.inner._agenerate([HumanMessage(PROBE)], **kwargs)),
            len(PROBE),
        )
        self.store.pay_unkept("probe", "probe", message)

    def forget(self, message: AIMessage, kind: str) -> None:
        """Ask again for a reply that turned out to be none of use, the next time that it is
        wanted.
        """
        self.store.forget(message, kind)

    def _body(
        self, messages: list[BaseMessage], stop: list[str] | None, **kwargs: Any
    ) -> dict[str, Any]:
        """The body of the request that the model would send."""
        body: dict[str, Any] = self.inner.body(messages, stop=stop, **kwargs)  # type: ignore[attr-defined]
        return body

    def read(self, body: dict[str, Any], limit: int | None) -> AIMessage:
        """The reply in the body of a response to a request that allowed so many tokens.

        Raises CallFailed for an error in disguise, KeyError, TypeError, ValueError or
        AttributeError for what is none.
        """
        result = self.inner._create_chat_result(body)  # type: ignore[attr-defined]
        return mark_cut(message_of_result(result), limit)


def limited_as(identity: Mapping[str, Any]) -> str | None:
    """The name by which the default limits know a model, out of who answers, so that a replay finds
    its run's replies.

    None for a client of another kind than ours, which may know no such limit.
    """
    served = compatible(f"{identity.get('provider')}:")
    return str(identity.get("model")) if served else None


def message_of_result(result: ChatResult) -> AIMessage:
    """The one message of a result, with all that was told about it."""
    [generation] = result.generations
    message = generation.message
    if not isinstance(message, AIMessage):
        raise TypeError(f"the model replied with a {type(message).__name__}")
    told = (result.llm_output or {}) | (
        generation.generation_info or {}
    )  # LangChain joins them only later
    message.response_metadata = told | message.response_metadata
    return message


class CachedEmbeddings(Embeddings):
    """Embeddings round others: each distinct text is embedded once, and its vector kept on disk."""

    def __init__(self, inner: Embeddings, store: CallStore, identity: Mapping[str, Any]) -> None:
        self._inner, self._store, self._identity = inner, store, identity
        self._held: dict[str, Vectors] = {}
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
        keys = {text: cache_key(identity, text) for text in texts}
        kept = self._alike(self._store.vectors(keys.values()))
        self._held |= {text: kept[key] for text, key in keys.items() if key in kept}
        new = [text for text, key in keys.items() if key not in kept]
        for start in range(0, len(new), EMBED_AT_ONCE):
            part = {text: keys[text] for text in new[start : start + EMBED_AT_ONCE]}
            make = partial(self._embed, part)
            probe = Probe(
                cache_key(identity, PROBE), partial(self._inner.aembed_documents, [PROBE])
            )
            size = sum(map(len, part))
            made = await self._store.once(
                cache_key(identity, list(part)), size, make, EMBEDDINGS, probe
            )
            self._held |= made

    def _alike(self, kept: dict[str, Vectors]) -> dict[str, Vectors]:
        """Those of the kept vectors that go with each other and with those in use; none where all
        are the same.
        """
        sizes = Counter(len(vector) for vector in (*self._held.values(), *kept.values()))
        if not sizes:
            return {}
        [(size, _)] = sizes.most_common(1)
        kept = {key: vector for key, vector in kept.items() if len(vector) == size}
        try:
            checked(list(kept.values()), list(kept))
        except BadVectorsError:
            return {}
        return kept

    async def _embed(self, keys: Mapping[str, str]) -> dict[str, Vectors]:
        """Ask for the vectors of these texts, and keep them under their keys once they were looked
        at.

        Raises BadVectorsError for what cannot be used.
        """
        texts = list(keys)
        made: Any
        if isinstance(self._inner, Counted):
            made, tokens = await self._inner.counted(texts)
        else:
            made, tokens = (
                await self._inner.aembed_documents(texts),
                sum(map(estimate_tokens, texts)),
            )
        size = len(next(iter(self._held.values()))) if self._held else None
        vectors = checked(made, texts, size, zeros=not isinstance(self._inner, Counted))
        self._store.keep_vectors(dict(zip(keys.values(), vectors, strict=True)), tokens)
        return dict(zip(texts, vectors, strict=True))


def _unlimited(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call but for the limit on its reply, which depends on the prompt."""
    return {name: value for name, value in parameters.items() if name not in (LENGTH, OTHER_LENGTH)}


def kept_reply(db: sqlite3.Connection, key: str) -> AIMessage | None:
    """The reply that a store keeps under this key; None when there is none, or none that passes the
    gate.
    """
    row = db.execute(
        "SELECT prompt, text, reasoning, prompt_tokens, cached_tokens, completion_tokens, "
        "finish_reason, served_model "
        "FROM calls WHERE key = ?",
        (key,),
    ).fetchone()
    if row is None:
        return None
    prompt, text, reasoning, told, cached, heard, reason, served_model = row
    message = AIMessage(
        text or "",
        additional_kwargs={"reasoning_content": reasoning} if reasoning else {},
        response_metadata={
            "hit": True,
            "key": key,
            "finish_reason": reason,
            "model_name": served_model,
        },
    )
    if told is not None:
        message.usage_metadata = {
            "input_tokens": told,
            "output_tokens": heard or 0,
            "total_tokens": told + (heard or 0),
            "input_token_details": {"cache_read": cached or 0},
        }
    return message if passes_check(prompt, message) else None


def counts_of(message: AIMessage) -> tuple[int | None, int | None, int | None]:
    """What a server told of the tokens of a reply: the prompt's, those of them that it had at hand,
    the reply's.
    """
    usage = message.usage_metadata
    if not usage:
        return None, None, None
    cached = (usage.get("input_token_details") or {}).get("cache_read", 0)
    return usage["input_tokens"], cached, usage["output_tokens"]


def cache_key(identity: Mapping[str, Any], content: Any) -> str:
    """The key of a call: a hash of who is asked, how, and what."""
    return sha256(
        json.dumps([identity, content], sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()
