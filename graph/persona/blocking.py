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

from graph.persona.brief_errors import raise_briefly
from graph.persona.isolation import isolated_context
from graph.settings import Settings
from graph.state import Input, Output

T = TypeVar("T")

BUSY_SECONDS = 0.5
"""Seconds after which a loop that has not begun the work counts as blocked by the caller."""
GRACE_SECONDS = 5.0
"""Seconds that interrupted work has to end."""


def ask(
    graph: CompiledStateGraph[Any, Any, Any, Any],
    question: Input | Mapping[str, Any],
    settings: Settings | None = None,
) -> Output:
    """Run a graph on one question and wait for the answer.

    All calls run in one private event loop, so that this works where a loop is already running
    (notebooks, servers) and model clients are kept between calls. Errors of the model keep their
    kind, and come without the frames of the graph.
    """
    __tracebackhide__ = True
    try:
        found = run_sync(graph.ainvoke(dict(question), context=settings or Settings()))
    except Exception as error:
        raise_briefly(error)
    return cast(Output, found)


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """Run asynchronous work in the private loop, and wait for its result.

    Work that is called from work in that loop runs in a second loop, since the first one would wait
    for itself. An interrupt while waiting (Ctrl-C, a notebook's stop button) ends the work, too.
    """
    depth = _depth.get()
    while True:
        begun, result = Event(), Future[T]()
        loop = _loop_at(depth)
        job = _Job(work, depth + 1, begun, result)
        try:
            loop.call_soon_threadsafe(job.begin, context=isolated_context())
            if begun.wait(BUSY_SECONDS) or not job.withdraw():
                # in turns of a second, since Windows does not interrupt a longer wait
                while not wait([result], timeout=1).done:
                    pass
                return result.result()
        except BaseException:
            loop.call_soon_threadsafe(job.end)
            # waits, so that no further call starts once the caller goes on
            wait([result], timeout=GRACE_SECONDS)
            raise
        depth += 1


@dataclass(eq=False)
class _Job:
    """Work for a loop: the event `begun` is set when it begins; until then it can be withdrawn."""

    work: Coroutine[Any, Any, Any]
    depth: int
    begun: Event
    result: Future[Any]

    def __post_init__(self) -> None:
        self._taken = Lock()
        self._task: asyncio.Task[Any] | None = None

    def begin(self) -> None:
        """Begin the work, in the loop."""
        if not self._taken.acquire(blocking=False):
            return
        self.begun.set()
        _depth.set(self.depth)
        self._task = asyncio.get_running_loop().create_task(self.work)
        self._task.add_done_callback(self._hand_over)

    def withdraw(self) -> bool:
        """Take the work back; False where the loop has begun it."""
        return self._taken.acquire(blocking=False)

    def end(self) -> None:
        """Cancel what has begun, and never begin what has not."""
        if self._task is not None:
            self._task.cancel()
        elif self.withdraw():
            self.work.close()
            self.result.cancel()
            self.result.set_running_or_notify_cancel()

    def _hand_over(self, task: asyncio.Task[Any]) -> None:
        """Hand the result or the error of the work to the caller."""
        if task.cancelled():
            self.result.cancel()
            self.result.set_running_or_notify_cancel()
        elif error := task.exception():
            self.result.set_exception(error)
        else:
            self.result.set_result(task.result())


_depth: ContextVar[int] = ContextVar("depth", default=0)
"""In how many private loops this work runs, one waiting for the next."""
_loops: dict[int, tuple[asyncio.AbstractEventLoop, Thread]] = {}
_orphans: list[object] = []
_loops_lock = Lock()


def _loop_at(depth: int) -> asyncio.AbstractEventLoop:
    """The private loop for work at this depth; its thread runs until the program ends."""
    with _loops_lock:
        if depth not in _loops:
            loop = asyncio.new_event_loop()
            thread = Thread(target=loop.run_forever, name=f"valuesim-ask-{depth}", daemon=True)
            thread.start()
            _loops[depth] = loop, thread
        return _loops[depth][0]


@atexit.register
def _stop_loops() -> None:
    """Stop the loops and close them."""
    for loop, thread in _loops.values():
        loop.call_soon_threadsafe(loop.stop)
        thread.join(GRACE_SECONDS)
        if not thread.is_alive():
            loop.close()


def _forget_loops() -> None:
    """Forget the parent's loops in a forked child, where they do not run.

    They stay referenced, since closing one would end it in the parent.
    """
    global _loops_lock
    _loops_lock = Lock()
    _orphans.extend(_loops.values())
    _loops.clear()
    _depth.set(0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_loops)
