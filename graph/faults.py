"""Faults of the model's side: which are tried again, which stop a run, which stay with one question."""

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

RETRIED = {408, 409, 425, 429, 500, 502, 503, 504, 529}
FATAL = {401: "the key was refused", 403: "access was refused", 404: "no such model or address"}
LOST = ("APIConnectionError", "APITimeoutError", "ConnectError", "ReadTimeout", "TimeoutError", "ConnectionResetError")

Done = TypeVar("Done")
Place = Callable[[], AbstractAsyncContextManager[None]]
"""What must be held while a request is out."""


class Stop(Exception):
    """A fault that every further call would meet; the run ends here, and what it has is kept. One line says why."""


class CallFailed(Exception):
    """One call that finally failed; `kind` is a word for its row."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class Attempts:
    """Try a call, and try it again after faults that pass, with growing and jittered pauses.

    `deadline` (seconds) bounds all attempts at one call together, `pause` is about the seconds before the second one.
    `succeeded`: a call of this run has, so that a refusal is one prompt's. Retry-After is honoured. Raises Stop for
    faults that every call would meet, CallFailed for one that is this call's own.
    """

    deadline: float = 300
    pause: float = 0.5
    retries: int = 0
    succeeded: bool = False
    _random: random.Random = field(default_factory=random.Random)

    async def run(self, make: Callable[[], Awaitable[Done]], place: Place = nullcontext) -> Done:
        """Await `make()` until it succeeds, stops or runs out of time; to wait for a `place` takes none of it."""
        left, pause = self.deadline, self.pause
        while True:
            async with place():
                started = time.monotonic()
                try:
                    done = await make()
                except Exception as error:
                    wait = self._wait(error, pause)
                    left -= time.monotonic() - started + wait
                    if left < 0:
                        raise CallFailed(kind(error), one_line(error)) from error
                else:
                    self.succeeded = True
                    return done
            self.retries += 1
            await asyncio.sleep(wait)
            pause = min(pause * 2, 30)

    def _wait(self, error: Exception, pause: float) -> float:
        """Seconds until the next attempt; raises what must not be tried again."""
        if isinstance(error, sqlite3.Error):
            raise Stop(f"the call store cannot be written ({one_line(error)})") from error
        status = getattr(error, "status_code", None)
        if status in FATAL:
            raise Stop(f"{FATAL[status]} ({one_line(error)})") from error
        if getattr(error, "code", None) == "insufficient_quota":
            raise Stop(f"the quota is used up ({one_line(error)})") from error
        if status == 400 and not self.succeeded:
            raise Stop(f"the first call was refused ({one_line(error)})") from error
        if status not in RETRIED and type(error).__name__ not in LOST:
            raise CallFailed(kind(error), one_line(error)) from error
        return max(_retry_after(error), pause * self._random.uniform(0.5, 1.5))


def kind(error: Exception) -> str:
    """A word for an error's row: the status, or the kind of exception."""
    status = getattr(error, "status_code", None)
    return f"http_{status}" if status else type(error).__name__


def one_line(error: Exception) -> str:
    """An error's message on one line, not longer than a person reads."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:297] + "..."


def _retry_after(error: Exception) -> float:
    """Seconds that the server asks to wait; 0 where it asks for none."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return min(max(float(headers.get("retry-after", 0)), 0), 120)
    except ValueError:
        return 0
