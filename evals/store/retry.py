"""Calls tried again after faults that pass; and whose fault a refusal is, one prompt's or
everybody's.
"""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

from graph.llm.errors import (
    REFUSED,
    RunAbortedError,
    error_code,
    error_text,
    failure_of,
    fatal_reason,
    is_refusal,
    may_pass,
    speaks_of_the_prompt,
    status_of,
)

Done = TypeVar("Done")
Place = Callable[[], AbstractAsyncContextManager[None]]
"""What must be held while a request is out."""


@dataclass(frozen=True)
class Probe:
    """A tiny request to a service: it tells a refusal of one prompt from one that all prompts
    meet.
    """

    of: str
    ask: Callable[[], Awaitable[object]]


class RefusalTracker:
    """Tells refusals of single prompts from those that all prompts of a service meet, by a probe.

    A service is asked once for each kind of refusal, and again after many in a row without a
    success between.
    """

    MANY = 20

    def __init__(self) -> None:
        self._passed: set[tuple[str, str]] = set()
        self._in_a_row: dict[str, int] = {}
        self._one_at_a_time = asyncio.Lock()

    def end(self, probe: Probe | None) -> None:
        """Note that a call of this service succeeded."""
        if probe:
            self._in_a_row[probe.of] = 0

    async def everybodys(
        self, error: Exception, probe: Probe | None, succeeded: bool
    ) -> Exception | None:
        """The refusal that a tiny prompt met as well; None where the refusal is one prompt's
        own.
        """
        if probe is None:
            return None
        mark = probe.of, error_code(error)
        self._in_a_row[probe.of] = self._in_a_row.get(probe.of, 0) + 1
        async with self._one_at_a_time:
            own = mark in self._passed or (succeeded and speaks_of_the_prompt(error))
            if own and self._in_a_row[probe.of] < self.MANY:
                return None
            self._in_a_row[probe.of] = 0
            try:
                await probe.ask()
            except Exception as met:  # other faults are no verdict: the call's own refusal stands
                return met if fatal_reason(met) or is_refusal(met) else None
            self._passed.add(mark)
            return None


@dataclass
class RetryPolicy:
    """Try a call, and try it again after faults that pass, with growing and jittered pauses.

    `deadline` (seconds) bounds all attempts at one call together, `pause` is about the seconds
    before the second one. `succeeded`: a call of this run has. Retry-After is honoured. Raises Stop
    for faults that every call would meet, CallFailed for one that is this call's own. After a Stop
    nothing goes out any more.
    """

    deadline: float = 300
    pause: float = 0.5
    retries: int = 0
    succeeded: bool = False
    _stopped: str = ""
    _random: random.Random = field(default_factory=random.Random)
    _refusals: RefusalTracker = field(default_factory=RefusalTracker)

    async def run(
        self,
        make: Callable[[], Awaitable[Done]],
        place: Place = nullcontext,
        probe: Probe | None = None,
    ) -> Done:
        """Await `make()` until it succeeds, stops or runs out of time; to wait for a `place` takes
        none of it.
        """
        left, pause, tries = self.deadline, self.pause, 0
        while True:
            async with place():
                if self._stopped:
                    raise RunAbortedError(self._stopped)
                started = time.monotonic()
                try:
                    done = await make()
                except Exception as error:
                    tries += 1
                    wait = await self._wait(error, pause, tries, probe)
                    left -= time.monotonic() - started + wait
                    if left < 0:
                        raise failure_of(error) from error
                else:
                    self.succeeded = True
                    self._refusals.end(probe)
                    return done
            self.retries += 1
            await asyncio.sleep(wait)
            pause = min(pause * 2, 30)

    async def _wait(self, error: Exception, pause: float, tries: int, probe: Probe | None) -> float:
        """Seconds until the next attempt; raises what must not be tried again."""
        key_was_good = self.succeeded and probe is not None and status_of(error) == 401
        if (why := fatal_reason(error)) and not key_was_good:
            self._stop(why, error)
        if is_refusal(error):
            everybodys = await self._refusals.everybodys(error, probe, self.succeeded)
            if everybodys is not None:
                self._stop(self._why(everybodys), everybodys)
        if not may_pass(error) or tries >= getattr(error, "tries", math.inf):
            raise failure_of(error) from error
        return max(_retry_after(error), pause * self._random.uniform(0.5, 1.5))

    def _why(self, error: Exception) -> str:
        """What to say of a refusal that a tiny prompt meets as well."""
        known = fatal_reason(error) or REFUSED.get(status_of(error) or 0)
        return known or (
            "every call is refused" if self.succeeded else "the first call was refused"
        )

    def _stop(self, why: str, error: Exception) -> None:
        """End the run here. Raises Stop."""
        words = error_text(error)
        self._stopped = words if why in words else f"{why} ({words})"
        raise RunAbortedError(self._stopped) from error


def _retry_after(error: Exception) -> float:
    """Seconds that the server asks to wait; 0 where it asks for none."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return min(max(float(headers.get("retry-after", 0)), 0), 120)
    except ValueError:
        return 0
