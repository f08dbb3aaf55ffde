"""Ask a graph one question from plain code: scripts and notebooks alike."""

import asyncio
import atexit
from collections.abc import Coroutine, Mapping
from functools import cache
from threading import Thread
from typing import Any, TypeVar, cast

from langgraph.graph.state import CompiledStateGraph

from graph.settings import Settings
from graph.state import Input, Output

T = TypeVar("T")


def ask(
    graph: CompiledStateGraph[Any, Any, Any, Any], question: Input | Mapping[str, Any], settings: Settings | None = None
) -> Output:
    """Run a graph on one question and wait for the answer.

    All calls run in one private event loop, so that this works where a loop is already running (notebooks, servers)
    and model clients are kept between calls. Errors of the model reach the caller unchanged.
    """
    return cast(Output, wait_for(graph.ainvoke(dict(question), context=settings or Settings())))


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Do asynchronous work in the private loop, and wait for what it gives."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The private loop, running in a thread of its own until the program ends."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="valuesim-ask", daemon=True)
    thread.start()
    atexit.register(_end, loop, thread)
    return loop


def _end(loop: asyncio.AbstractEventLoop, thread: Thread) -> None:
    """Stop the loop and close it."""
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
