"""The call store: every model reply is written before it is used, and equal calls go out once.

It is an SQLite file in WAL mode. A run that is killed repeats only what was in flight; failures are
never written. Graphs work without it; evaluations always use it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from langchain_core.messages import AIMessage

from evals.store.budget import EMBEDDINGS
from evals.store.call_database import CallDatabase
from evals.store.call_tables import read_token_counts
from evals.store.rate_limits import RateLimiter
from evals.store.refusals import Probe
from evals.store.retry import RetryPolicy
from evals.store.single_flight import Result, SingleFlight
from graph.llm.errors import CallFailedError
from graph.llm.reply_check import check_reply_to
from graph.llm.vectors import Vectors


class DeferredRequests(Protocol):
    """Takes requests that are not sent at once but later, together with others."""

    def put(self, key: str, template: str, body: Mapping[str, Any]) -> None:
        """Take the request under this cache key, made with this template.

        Raises CallFailedError when it was sent before and finally failed.
        """


class CallStore(CallDatabase):
    """Replies and vectors by content, in one SQLite file, for one event loop.

    `rate_limiter` holds requests back, those of chat and embeddings together, and `retry_policy`
    tries failed ones again. While `deferred` is set, chat requests that the store cannot answer go
    there. Raises StoreError, one line, when the file cannot be used.
    """

    deferred: DeferredRequests | None = None

    def __init__(
        self,
        path: Path,
        run: str = "",
        rate_limiter: RateLimiter | None = None,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        super().__init__(path, run)
        self.rate_limiter = rate_limiter or RateLimiter()
        self.retry_policy = retry_policy or RetryPolicy()
        self.retry_policy.succeeded |= self.has_replies
        self.hits = self.replies = 0
        self.tokens = 0
        self._calls = SingleFlight()

    @property
    def in_flight(self) -> int:
        """How many calls are sent, waiting for a slot, or waiting for their next try."""
        return self._calls.count

    async def drain(self, seconds: float) -> None:
        """Wait at most this long for requests that are sent, since they are paid; cancel others."""
        await self._calls.drain(seconds)

    async def single_flight(
        self,
        key: str,
        characters: int,
        send: Callable[[], Awaitable[Result]],
        template: str = "",
        probe: Probe | None = None,
    ) -> Result:
        """Run `send` within limits and with retries, unless a call of this key is in flight.

        Callers that come meanwhile share its result, and count as hits. `characters` is about the
        length of the request, for limits. `probe` finds out whether a refusal is this request's
        own. Raises CallFailedError or RunAbortedError, as RetryPolicy.run does.
        """
        if key in self._calls:
            self.hits += 1
        slot = partial(self._slot, characters, template)
        start = partial(self.retry_policy.run, send, slot, probe)
        return await self._calls.run(key, start)

    @asynccontextmanager
    async def _slot(self, characters: int, template: str) -> AsyncIterator[None]:
        """Hold a slot of the rate limiter while a request of the current call is out."""
        async with self.rate_limiter.slot(characters, template):
            with self._calls.sending():
                yield

    def get_reply(self, key: str) -> AIMessage | None:
        """The reply stored under this key, counted as a hit; None where there is none to use."""
        message = self.find_reply(key)
        if message:
            self.hits += 1
        return message

    def keep(self, key: str, template: str, message: AIMessage, seconds: float | None) -> None:
        """Write a fresh reply, with what it cost and who served it.

        `seconds` is how long the call took, None where nobody waited for this one alone. Raises
        CallFailedError where the reply does not pass the check: then only its cost is written.
        """
        try:
            check_reply_to(template, message)
        except CallFailedError as failed:
            self.charge_unkept(template, failed.kind, message)
            raise
        self.write_reply(key, template, message, seconds)
        self.replies += 1
        message.response_metadata["key"] = key
        self._charge(template, message)

    def charge_unkept(self, template: str, error_code: str, message: AIMessage) -> None:
        """Write and count what a reply cost that is not kept."""
        self.write_unkept(template, error_code, message)
        self._charge(template, message)

    def _charge(self, template: str, message: AIMessage) -> None:
        """Count what a reply cost."""
        prompt_tokens, cached_tokens, completion_tokens = (
            count or 0 for count in read_token_counts(message)
        )
        self.tokens += prompt_tokens + completion_tokens
        if self.rate_limiter.budget:
            self.rate_limiter.budget.charge(
                template, prompt_tokens, cached_tokens, completion_tokens
            )

    def keep_vectors(self, vectors: Mapping[str, Vectors], tokens: int = 0) -> None:
        """Write vectors by cache key, all or none, and count what they cost.

        `tokens` is what they were paid by, about where the server does not tell.
        """
        self.write_vectors(vectors, tokens)
        if self.rate_limiter.budget:
            self.rate_limiter.budget.charge(EMBEDDINGS, tokens, 0, 0)
