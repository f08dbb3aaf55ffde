"""Ctrl-C: the first ends a command in order, the second at once; each says what is kept."""

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

Result = TypeVar("Result")
Message = Callable[[], str]

AGAIN = "ending; Ctrl-C once more ends at once"


class InterruptHandler:
    """Handles Ctrl-C while a command works; `message` tells, when it is needed, what is kept.

    Where an event loop runs, the handler cancels its task, so that no part of the work is cut off
    half done; elsewhere it raises KeyboardInterrupt. Either may be lost, such as an exception that
    is raised while Python clears up objects. So `pending` stays set until the work has seen it (see
    `raise_if_interrupted`), and a second Ctrl-C leaves the process: what is kept is on disk by
    then, and files are written whole or not at all.
    """

    def __init__(self, name: str, message: Message) -> None:
        self.message = message
        self._name = name
        self.count = 0
        self.pending = False
        self._work: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take in a Ctrl-C; this is the handler of SIGINT."""
        self.count += 1
        self.pending = True
        if self.count == 1:  # without this, Python's own end gives another exit code
            atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
        if self.count > 1:
            _write(f"{self._name}: {self.message()}\n")
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


_current: InterruptHandler | None = None
"""The handler of the command that this process works at."""


@contextmanager
def handle_interrupts(name: str, message: Message) -> Iterator[None]:
    """Handle Ctrl-C for a command while the block lasts.

    Nothing changes in a thread other than the main one, and inside another such block.
    """
    global _current
    if _current is not None or threading.current_thread() is not threading.main_thread():
        yield
        return
    _current = InterruptHandler(name, message)
    before = signal.signal(signal.SIGINT, _current.handle)
    hook = sys.unraisablehook
    sys.unraisablehook = _ignore_lost_interrupt
    try:
        yield
    finally:
        interrupted, _current = _current.count > 0, None
        sys.unraisablehook = hook
        if name != early.command:
            signal.signal(signal.SIGINT, before)
        elif not interrupted:  # after one, a second one still ends at once while Python ends
            leave_on_interrupt(name, "interrupted; all was done by then")


def _ignore_lost_interrupt(lost: "sys.UnraisableHookArgs") -> None:
    """Report what Python could not raise, except a Ctrl-C, which is pending."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt where one was lost; called between the parts of a command's work."""
    if _current and _current.pending:
        _current.pending = False
        raise KeyboardInterrupt


@contextmanager
def say_at_interrupt(message: Message) -> Iterator[None]:
    """While the block lasts, a second Ctrl-C prints this message of what is kept."""
    current = _current
    if current is None:
        yield
        return
    before = current.message
    current.message = message
    try:
        yield
    finally:
        current.message = before


def run_interruptible(make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run the coroutine that `make` returns, as `asyncio.run` does.

    Raises KeyboardInterrupt once the work has ended after Ctrl-C.
    """
    import asyncio

    current = _current
    if current is None:
        return asyncio.run(make())

    async def work() -> Result:
        task = asyncio.current_task()
        assert task is not None
        with current.cancelling(task):
            return await make()

    raise_if_interrupted()
    try:
        result = asyncio.run(work())
    except (asyncio.CancelledError, KeyboardInterrupt):
        current.pending = False
        raise KeyboardInterrupt from None
    raise_if_interrupted()
    return result


def _write(text: str) -> None:
    """Write to standard error from within whatever was interrupted: a buffer may be in use."""
    try:
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, text.encode(errors="replace"))
    except (OSError, ValueError):
        return
