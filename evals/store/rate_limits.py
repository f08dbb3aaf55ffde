"""What may go out at once: places, requests and tokens a minute, and money."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graph.llm.errors import RunAbortedError

CHARACTERS_PER_TOKEN = 4
"""About; only for limits and estimates, never for what was paid."""

FEWEST_CHARACTERS_PER_TOKEN = 3
SHORTEST_REPLY = 500
"""In tokens: what a budget expects at least."""

EMBEDDINGS = "embeddings"


@dataclass(frozen=True)
class Price:
    """What a model costs, in money per million tokens."""

    prompt: float
    cached: float
    completion: float

    def of(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> float:
        """Money for these tokens; the cached are among the prompt tokens."""
        fresh = (prompt_tokens - cached_tokens) * self.prompt
        return (fresh + cached_tokens * self.cached + completion_tokens * self.completion) / 1e6

    def times(self, factor: float) -> "Price":
        """The price with a discount, such as one half for batches."""
        return Price(self.prompt * factor, self.cached * factor, self.completion * factor)


FREE = Price(0, 0, 0)


class Budget:
    """Money that may be spent. `limit` None: spending is counted and nothing is held back.

    What a call will cost is known only when it comes back. So each one that goes out puts aside
    about the most that it may cost, by its kind (the template's name, or "embeddings"): its prompt
    at three characters a token, and a reply of twice the longest that came back to this kind;
    before any came back, one as long as the prompt.
    """

    def __init__(
        self,
        price: Price,
        limit: float | None = None,
        spent: float = 0.0,
        embeddings: Price | None = None,
        others: Mapping[str, Price] | None = None,
    ) -> None:
        self.price, self.limit, self.spent = price, limit, spent
        self._others = {**(others or {}), EMBEDDINGS: embeddings or FREE}
        self._held, self._out = 0.0, 0
        self._longest: dict[str, int] = {}
        self._ended = ""
        self._back = asyncio.Event()

    async def hold(self, kind: str, characters: int) -> float:
        """Put money aside for a call that is going out; where too little is left, wait for those
        that are out.

        Raises Stop when the limit may be passed and nothing is out any more.
        """
        while problem := self._ended or self._problem(most := self.most(kind, characters)):
            if not self._out:
                self._ended = (
                    problem  # a smaller call that still fits would be lost when the run ends
                )
                raise RunAbortedError(problem)
            await self._back.wait()
        self._held += most
        self._out += 1
        return most

    def release(self, held: float) -> None:
        """Give back what was put aside."""
        self._out -= 1
        self._held = self._held - held if self._out else 0.0
        self._back.set()
        self._back = asyncio.Event()

    def pay(
        self, kind: str, prompt_tokens: int, cached_tokens: int, completion_tokens: int
    ) -> None:
        """Count what a reply cost."""
        self._longest[kind] = max(self._longest.get(kind, 0), completion_tokens)
        self.spent += self._price(kind).of(prompt_tokens, cached_tokens, completion_tokens)

    def most(self, kind: str, characters: int) -> float:
        """About the most that a call may cost."""
        prompt = characters // FEWEST_CHARACTERS_PER_TOKEN
        reply = 2 * self._longest[kind] if self._longest.get(kind) else prompt
        return self._price(kind).of(
            prompt, 0, 0 if kind == EMBEDDINGS else max(reply, SHORTEST_REPLY)
        )

    def _price(self, kind: str) -> Price:
        """What a call of this kind is paid by."""
        return self._others.get(kind, self.price)

    def _problem(self, most: float) -> str:
        """Why a call may not go out now; empty when it may."""
        if self.limit is None:
            return ""
        if self.spent + self._held + most > self.limit:
            return (
                f"--max-cost {self.limit:g} may be passed: {self.spent:.4f} spent, the next call "
                f"up to {most:.4f}"
            )
        return ""


class Throttle:
    """So many a minute, evenly: a bucket that starts full would let twice the limit out in its
    first minute.
    """

    def __init__(self, per_minute: float) -> None:
        self._seconds_each = 60 / per_minute
        self._next = 0.0

    async def wait(self, amount: float) -> None:
        """Wait for this many to be due."""
        now = time.monotonic()
        due = max(now, self._next)
        self._next = due + amount * self._seconds_each
        await asyncio.sleep(due - now)


class RateLimiter:
    """What a request passes: at most `concurrency` at once, `rpm` requests and `tpm` tokens a
    minute, and a budget.
    """

    def __init__(
        self,
        concurrency: int = 16,
        rpm: float | None = None,
        tpm: float | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget
        self._places = asyncio.Semaphore(concurrency)
        self._requests = Throttle(rpm) if rpm else None
        self._tokens = Throttle(tpm) if tpm else None

    @asynccontextmanager
    async def place(self, characters: int, kind: str = "") -> AsyncIterator[None]:
        """Hold a place while a request of about this many characters is out.

        `kind` is the template's name, or "embeddings". Raises Stop when the budget is used up.
        """
        async with self._places:
            held = await self.budget.hold(kind, characters) if self.budget else None
            try:
                if self._requests:
                    await self._requests.wait(1)
                if self._tokens:
                    await self._tokens.wait(characters // CHARACTERS_PER_TOKEN)
                yield
            finally:
                if self.budget and held is not None:
                    self.budget.release(held)
