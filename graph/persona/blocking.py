"""Ask a graph one question from plain code: scripts and notebooks alike."""

import asyncio
import atexit
import os
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future, wait
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any, TypeVar, cast

from langgraph.graph.state import CompiledStateGraph

from graph.persona.isolation import isolated_context
from graph.settings import Settings
from graph.state import Input, Output

T = TypeVar("T")

BUSY = 0.5
"""Seconds after which a loop that has not begun the work is taken to be held up by whoever waits
for it.
"""
GRACE = 5.0
"""Seconds that interrupted work is given to end."""


def ask(
    graph: CompiledStateGraph[Any, Any, Any, Any],
    question: Input | Mapping[str, Any],
    settings: Settings | None = None,
) -> Output:
    """Run a graph on one question and wait for the answer.

    All calls run in one private event loop, so that this works where a loop is already running
    (notebooks, servers) and model clients are kept between calls. Errors of the model reach the
    caller unchanged.
    """
    return cast(Output, run_sync(graph.ainvoke(dict(question), context=settings or Settings())))


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """Do asynchronous work in the private loop, and wait for what it gives.

    Within work that runs there already, it is done in a second loop, since the first one would wait
    for itself. Whoever is interrupted while waiting (Ctrl-C, a notebook's stop button) ends the
    work, too.
    """
    within = _within.get()
    while True:
        begun, given = Event(), Future[T]()
        loop = _loop(within)
        job = _Job(work, within + 1, begun, given)
        try:
            loop.call_soon_threadsafe(job.begin, context=isolated_context())
            if begun.wait(BUSY) or not job.withdraw():
                while not wait(
                    [given], timeout=1
                ).done:  # in turns: Windows interrupts no longer wait
                    pass
                return given.result()
        except BaseException:
            loop.call_soon_threadsafe(job.end)
            wait([given], timeout=GRACE)  # so that nothing more is asked once the caller goes on
            raise
        within += 1


@dataclass(eq=False)
class _Job:
    """Work handed to a loop: it tells when it has begun, and can be withdrawn until then."""

    work: Coroutine[Any, Any, Any]
    within: int
    begun: Event
    given: Future[Any]

    def __post_init__(self) -> None:
        self._taken = Lock()
        self._task: asyncio.Task[Any] | None = None

    def begin(self) -> None:
        """Begin the work, in the loop."""
        if not self._taken.acquire(blocking=False):
            return
        self.begun.set()
        _within.set(self.within)
        self._task = asyncio.get_running_loop().create_task(self.work)
        self._task.add_done_callback(self._tell)

    def withdraw(self) -> bool:
        """Take the work back; False where the loop has begun it."""
        return self._taken.acquire(blocking=False)

    def end(self) -> None:
        """Cancel what has begun, and never begin what has not."""
        if self._task is not None:
            self._task.cancel()
        elif self.withdraw():
            self.work.close()
            self.given.cancel()
            self.given.set_running_or_notify_cancel()

    def _tell(self, task: asyncio.Task[Any]) -> None:
        """Hand on what the work gave."""
        if task.cancelled():
            self.given.cancel()
            self.given.set_running_or_notify_cancel()
        elif error := task.exception():
            self.given.set_exception(error)
        else:
            self.given.set_result(task.result())


_within: ContextVar[int] = ContextVar("within", default=0)
"""In how many private loops the present work runs, one waiting for the next."""
_loops: dict[int, tuple[asyncio.AbstractEventLoop, Thread]] = {}
_left: list[object] = []
_making = Lock()


def _loop(within: int) -> asyncio.AbstractEventLoop:
    """The private loop for work so far within, running in a thread of its own until the program
    ends.
    """
    with _making:
        if within not in _loops:
            loop = asyncio.new_event_loop()
            thread = Thread(target=loop.run_forever, name=f"valuesim-ask-{within}", daemon=True)
            thread.start()
            _loops[within] = loop, thread
        return _loops[within][0]


@atexit.register
def _end() -> None:
    """Stop the loops and close them."""
    for loop, thread in _loops.values():
        loop.call_soon_threadsafe(loop.stop)
        thread.join(GRACE)
        if not thread.is_alive():
            loop.close()


def _forget() -> None:
    """In a forked child, where the parent's loops do not run; they are kept, since closing one
    would end it there.
    """
    global _making
    _making = Lock()
    _left.extend(_loops.values())
    _loops.clear()
    _within.set(0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
