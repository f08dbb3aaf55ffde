"""Tries calls again after faults that pass, and ends the run at faults that every call meets."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

from evals.store.refusals import Probe, RefusalTracker
from graph.llm.errors import (
    REFUSED,
    RunAbortedError,
    error_text,
    failure_of,
    fatal_reason,
    is_refusal,
    is_retryable,
    status_of,
)

LONGEST_PAUSE = 30.0
LONGEST_RETRY_AFTER = 120.0
"""Seconds; a server that asks for a longer wait is asked again after these."""

Result = TypeVar("Result")
Slot = Callable[[], AbstractAsyncContextManager[None]]
"""Opens the slot that a request holds while it is out."""


@dataclass
class RetryPolicy:
    """Tries a call, and tries it again after faults that pass, with growing and jittered pauses.

    `deadline` (seconds) bounds all attempts at one call together, `pause` is about the seconds
    before the second one. `retries` counts attempts after the first. `succeeded`: a call of this
    run has succeeded. The policy honours Retry-After. After a RunAbortedError nothing goes out any
    more.
    """

    deadline: float = 300
    pause: float = 0.5
    retries: int = 0
    succeeded: bool = False
    _abort_reason: str = ""
    _random: random.Random = field(default_factory=random.Random)
    _refusals: RefusalTracker = field(default_factory=RefusalTracker)

    async def run(
        self,
        send: Callable[[], Awaitable[Result]],
        slot: Slot = nullcontext,
        probe: Probe | None = None,
    ) -> Result:
        """Await `send()` until it succeeds, fails for good or is out of time.

        Each attempt holds a `slot`; waiting for it takes nothing of the deadline. Raises
        RunAbortedError for a fault that every call would meet, CallFailedError for the call's own.
        """
        left, pause, tries = self.deadline, self.pause, 0
        while True:
            async with slot():
                if self._abort_reason:
                    raise RunAbortedError(self._abort_reason)
                started = time.monotonic()
                try:
                    result = await send()
                except Exception as error:
                    tries += 1
                    wait = await self._find_wait(error, pause, tries, probe)
                    left -= time.monotonic() - started + wait
                    if left < 0:
                        raise failure_of(error) from error
                else:
                    self.succeeded = True
                    self._refusals.note_success(probe)
                    return result
            self.retries += 1
            await asyncio.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _find_wait(
        self, error: Exception, pause: float, tries: int, probe: Probe | None
    ) -> float:
        """Seconds until the next attempt; raises the error that must not be tried again."""
        key_was_good = self.succeeded and probe is not None and status_of(error) == 401
        reason = fatal_reason(error)
        if reason and not key_was_good:
            self._abort(reason, error)
        if is_refusal(error):
            common = await self._refusals.find_common_refusal(error, probe, self.succeeded)
            if common is not None:
                self._abort(self._explain_refusal(common), common)
        if not is_retryable(error) or tries >= getattr(error, "tries", math.inf):
            raise failure_of(error) from error
        return max(_retry_after(error), pause * self._random.uniform(0.5, 1.5))

    def _explain_refusal(self, error: Exception) -> str:
        """Words for a refusal that the probe met as well."""
        known = fatal_reason(error) or REFUSED.get(status_of(error) or 0)
        if known:
            return known
        return "every call is refused" if self.succeeded else "the first call was refused"

    def _abort(self, reason: str, error: Exception) -> None:
        """End the run here. Raises RunAbortedError."""
        words = error_text(error)
        self._abort_reason = words if reason in words else f"{reason} ({words})"
        raise RunAbortedError(self._abort_reason) from error


def _retry_after(error: Exception) -> float:
    """Seconds that the server asks to wait; 0 where it asks for none."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        seconds = float(headers.get("retry-after", 0))
    except ValueError:
        return 0
    return min(max(seconds, 0), LONGEST_RETRY_AFTER)
