"""Faults of the model's side: which are tried again, which stop a run, which stay with one question."""

import asyncio
import math
import os
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
SHORTEST_KEY = 6

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

    def __reduce__(self) -> "tuple[type[CallFailed], tuple[str, str]]":
        """How it travels back from another process."""
        return type(self), (self.kind, str(self))


class FaultError(Exception):
    """A call that brought nothing that can be used, for a cause that one line tells; `kind` is a word for its row.

    `again`: another try may help, and `tries` is how many there may be. `fatal`: every further call would meet it too.
    """

    kind = "fault"
    again = False
    tries = math.inf
    fatal = False


class Pending(Exception):
    """An answer that is not there yet: its request was put aside, to be asked with others. No failure, and no row."""


@dataclass
class Attempts:
    """Try a call, and try it again after faults that pass, with growing and jittered pauses.

    `deadline` (seconds) bounds all attempts at one call together, `pause` is about the seconds before the second one.
    `succeeded`: a call of this run has, so that a refusal is one prompt's. Retry-After is honoured. Raises Stop for
    faults that every call would meet, CallFailed for one that is this call's own.
    After a Stop nothing goes out any more.
    """

    deadline: float = 300
    pause: float = 0.5
    retries: int = 0
    succeeded: bool = False
    _stopped: str = ""
    _random: random.Random = field(default_factory=random.Random)

    async def run(self, make: Callable[[], Awaitable[Done]], place: Place = nullcontext) -> Done:
        """Await `make()` until it succeeds, stops or runs out of time; to wait for a `place` takes none of it."""
        left, pause, attempt = self.deadline, self.pause, 0
        while True:
            attempt += 1
            async with place():
                if self._stopped:
                    raise Stop(self._stopped)
                started = time.monotonic()
                try:
                    done = await make()
                except Exception as error:
                    wait = self._wait(error, pause)
                    left -= time.monotonic() - started + wait
                    if left < 0 or attempt >= getattr(error, "tries", math.inf):
                        raise CallFailed(kind(error), one_line(error)) from error
                else:
                    self.succeeded = True
                    return done
            self.retries += 1
            await asyncio.sleep(wait)
            pause = min(pause * 2, 30)

    def _wait(self, error: Exception, pause: float) -> float:
        """Seconds until the next attempt; raises what must not be tried again."""
        status = getattr(error, "status_code", None)
        if why := self._fatal(error, status):
            self._stopped = why if isinstance(error, FaultError) else f"{why} ({one_line(error)})"
            raise Stop(self._stopped) from error
        again = error.again if isinstance(error, FaultError) else status in RETRIED or kind(error) in LOST
        if not again:
            raise CallFailed(kind(error), one_line(error)) from error
        return max(_retry_after(error), pause * self._random.uniform(0.5, 1.5))

    def _fatal(self, error: Exception, status: int | None) -> str:
        """Why every further call would meet this fault too; empty when it would not."""
        if isinstance(error, FaultError):
            return one_line(error) if error.fatal else ""
        if isinstance(error, sqlite3.Error):
            return "the call store cannot be written"
        if getattr(error, "code", None) == "insufficient_quota":
            return "the quota is used up"
        if status == 400 and not self.succeeded:
            return "the first call was refused"
        return FATAL.get(status or 0, "")


def kind(error: Exception) -> str:
    """A word for an error's row: its own, the status, or the kind of exception by its plain name."""
    if isinstance(error, FaultError):
        return error.kind
    status = getattr(error, "status_code", None)
    names = [cls.__name__ for cls in type(error).__mro__]  # LangChain raises subclasses of the provider's own
    return f"http_{status}" if status else next((name for name in names if name in LOST), names[0])


def one_line(error: Exception) -> str:
    """An error's message on one line, not longer than a person reads, and without any key that a server echoed."""
    text = " ".join(str(error).split()) or type(error).__name__
    for name, value in os.environ.items():
        if name.endswith("_KEY") and len(value) >= SHORTEST_KEY:
            text = text.replace(value, f"[{name}]")
    return text if len(text) <= 300 else text[:297] + "..."


def _retry_after(error: Exception) -> float:
    """Seconds that the server asks to wait; 0 where it asks for none."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return min(max(float(headers.get("retry-after", 0)), 0), 120)
    except ValueError:
        return 0
