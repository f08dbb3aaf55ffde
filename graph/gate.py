"""What may go out at once: places, requests and tokens a minute, and money."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graph.faults import Stop

CHARACTERS_PER_TOKEN = 4
"""About; only for limits and estimates, never for what was paid."""


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


class Budget:
    """Money that may be spent. `limit` None: spending is counted and nothing is held back."""

    def __init__(self, price: Price, limit: float | None = None, spent: float = 0.0) -> None:
        self.price, self.limit, self.spent = price, limit, spent
        self._held = 0.0
        self._longest = 500  # completion tokens of the longest reply so far

    def hold(self, prompt_tokens: int) -> float:
        """Put money aside for a call that is going out; raises Stop when that would pass the limit."""
        most = self.price.of(prompt_tokens, 0, self._longest)
        if self.limit is not None and self.spent + self._held + most > self.limit:
            raise Stop(
                f"--max-cost {self.limit:g} would be passed: {self.spent:.4f} spent, the next call about {most:.4f}"
            )
        self._held += most
        return most

    def release(self, held: float) -> None:
        """Give back what was put aside."""
        self._held -= held

    def pay(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> None:
        """Count what a reply cost."""
        self._longest = max(self._longest, completion_tokens)
        self.spent += self.price.of(prompt_tokens, cached_tokens, completion_tokens)


class Pace:
    """So many a minute, evenly: a bucket that starts full would let twice the limit out in its first minute."""

    def __init__(self, per_minute: float) -> None:
        self._seconds_each = 60 / per_minute
        self._next = 0.0

    async def wait(self, amount: float) -> None:
        """Wait for this many to be due."""
        now = time.monotonic()
        due = max(now, self._next)
        self._next = due + amount * self._seconds_each
        await asyncio.sleep(due - now)


class Gate:
    """What a request passes: at most `concurrency` at once, `rpm` requests and `tpm` tokens a minute, and a budget."""

    def __init__(
        self, concurrency: int = 16, rpm: float | None = None, tpm: float | None = None, budget: Budget | None = None
    ) -> None:
        self.budget = budget
        self._places = asyncio.Semaphore(concurrency)
        self._requests = Pace(rpm) if rpm else None
        self._tokens = Pace(tpm) if tpm else None

    @asynccontextmanager
    async def place(self, characters: int) -> AsyncIterator[None]:
        """Hold a place while a request of about this many characters is out. Raises Stop when the budget is used up."""
        tokens = characters // CHARACTERS_PER_TOKEN
        async with self._places:
            if self._requests:
                await self._requests.wait(1)
            if self._tokens:
                await self._tokens.wait(tokens)
            held = self.budget.hold(tokens) if self.budget else 0.0
            try:
                yield
            finally:
                if self.budget:
                    self.budget.release(held)
