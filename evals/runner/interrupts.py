"""Ctrl-C: the first one ends a command in order, the second one at once; each says what is kept."""

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from evals import early
from evals.early import INTERRUPTED, leave_on_interrupt

if TYPE_CHECKING:
    import asyncio

Done = TypeVar("Done")
Say = Callable[[], str]

AGAIN = "ending; Ctrl-C once more ends at once"


class Interrupts:
    """What Ctrl-C does while a command works. `say` tells what is kept, and is looked up when it is
    needed.

    Where an event loop runs, its work is cancelled, so that no part of it is cut off half done;
    elsewhere Python raises KeyboardInterrupt. Neither can be relied on to come through: what is
    raised while Python clears up objects is lost, for example. So `pending` stays set until the
    work has seen it, see `hold`, and the second Ctrl-C leaves the process: what is kept is on disk
    by then, and files are written whole or not at all.
    """

    def __init__(self, name: str, say: Say) -> None:
        self.say = say
        self._name = name
        self.seen = 0
        self.pending = False
        self._work: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None

    def told(self, number: int, frame: FrameType | None) -> None:
        """Take in a Ctrl-C."""
        self.seen += 1
        self.pending = True
        if self.seen == 1:
            atexit.register(
                signal.signal, signal.SIGINT, signal.SIG_IGN
            )  # else Python's own end gives another code
        if self.seen > 1:
            _write(f"{self._name}: {self.say()}\n")
            os._exit(INTERRUPTED)
        _write(f"{AGAIN}\n")
        if self._work is None:
            raise KeyboardInterrupt
        loop, task = self._work
        loop.call_soon_threadsafe(task.cancel)

    @contextmanager
    def cancelling(self, task: "asyncio.Task[Any]") -> Iterator[None]:
        """Let the first Ctrl-C cancel this task while the block lasts."""
        self._work = task.get_loop(), task
        try:
            yield
        finally:
            self._work = None


_now: Interrupts | None = None
"""Those of the command that this process works at."""


@contextmanager
def interruptible(name: str, say: Say) -> Iterator[None]:
    """Take Ctrl-C for a command while the block lasts; where signals are not ours to take, nothing
    changes.
    """
    global _now
    if _now is not None or threading.current_thread() is not threading.main_thread():
        yield
        return
    _now = Interrupts(name, say)
    before, sys.unraisablehook, hook = (
        signal.signal(signal.SIGINT, _now.told),
        _unraisable,
        sys.unraisablehook,
    )
    try:
        yield
    finally:
        seen, _now = _now.seen, None
        sys.unraisablehook = hook
        if name != early.command:
            signal.signal(signal.SIGINT, before)
        elif not seen:  # after one, a second one still ends at once while Python ends
            leave_on_interrupt(name, "interrupted; all was done by then")


def _unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """Say nothing of a Ctrl-C that was lost: it is pending. Anything else is told as ever."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)


def hold() -> None:
    """Raise KeyboardInterrupt where one was lost on its way: to be called between the parts of a
    command's work.
    """
    if _now and _now.pending:
        _now.pending = False
        raise KeyboardInterrupt


@contextmanager
def say_at_interrupt(say: Say) -> Iterator[None]:
    """While the block lasts, this is what a second Ctrl-C says of what is kept."""
    now, before = _now, _now.say if _now else None
    if now:
        now.say = say
    try:
        yield
    finally:
        if now and before:
            now.say = before


def run_interruptible(make: Callable[[], Coroutine[Any, Any, Done]]) -> Done:
    """As `asyncio.run`, on what `make` returns. Raises KeyboardInterrupt once the work has ended
    after Ctrl-C.
    """
    import asyncio

    now = _now
    if now is None:
        return asyncio.run(make())

    async def work() -> Done:
        task = asyncio.current_task()
        assert task is not None
        with now.cancelling(task):
            return await make()

    hold()
    try:
        done = asyncio.run(work())
    except (asyncio.CancelledError, KeyboardInterrupt):
        now.pending = False
        raise KeyboardInterrupt from None
    hold()
    return done


def _write(text: str) -> None:
    """Write to standard error from within whatever was interrupted: a buffer may be in use."""
    try:
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, text.encode(errors="replace"))
    except (OSError, ValueError):
        return
