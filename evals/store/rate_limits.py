"""Limits on what goes out at once: concurrent requests, requests and tokens a minute, money."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from evals.store.budget import Budget

CHARACTERS_PER_TOKEN = 4
"""Roughly; only for limits and estimates, never for what was paid."""


class Throttle:
    """Lets a fixed amount a minute pass, evenly spread.

    A bucket that starts full would let twice the limit pass in its first minute.
    """

    def __init__(self, per_minute: float) -> None:
        self._seconds_each = 60 / per_minute
        self._next = 0.0

    async def wait(self, amount: float) -> None:
        """Wait until this amount is due."""
        now = time.monotonic()
        due = max(now, self._next)
        self._next = due + amount * self._seconds_each
        await asyncio.sleep(due - now)


class RateLimiter:
    """Holds requests back until they are within every limit.

    At most `concurrency` requests are out at once, `rpm` requests and `tpm` tokens go out a minute,
    and no more money is spent than `budget` allows.
    """

    def __init__(
        self,
        concurrency: int = 16,
        rpm: float | None = None,
        tpm: float | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget
        self._slots = asyncio.Semaphore(concurrency)
        self._requests = Throttle(rpm) if rpm else None
        self._tokens = Throttle(tpm) if tpm else None

    @asynccontextmanager
    async def slot(self, characters: int, template: str = "") -> AsyncIterator[None]:
        """Hold a slot while a request of about this many characters is out.

        `template` is the prompt template's name, or EMBEDDINGS. Raises RunAbortedError when the
        budget is used up.
        """
        async with self._slots:
            reserved = await self.budget.reserve(template, characters) if self.budget else None
            try:
                if self._requests:
                    await self._requests.wait(1)
                if self._tokens:
                    await self._tokens.wait(characters // CHARACTERS_PER_TOKEN)
                yield
            finally:
                if self.budget and reserved is not None:
                    self.budget.release(reserved)
