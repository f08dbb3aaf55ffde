"""One call for each key at a time: later callers of a key wait for the call in flight."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

Result = TypeVar("Result")


class SingleFlight:
    """Runs at most one call for each key; later callers share its result.

    A caller that is cancelled does not cancel the call, whose reply is paid for and is kept.
    """

    def __init__(self) -> None:
        self._calls: dict[str, asyncio.Task[Any]] = {}
        self._sent: set[asyncio.Task[Any]] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._calls

    @property
    def count(self) -> int:
        """How many calls are in flight: sent, waiting for a slot, or for their next try."""
        return len(self._calls)

    async def run(self, key: str, start: Callable[[], Awaitable[Result]]) -> Result:
        """Run `start` unless a call of this key is in flight; return that call's result."""
        task = self._calls.get(key)
        if task is None:
            task = asyncio.ensure_future(start())
            self._calls[key] = task
            task.add_done_callback(partial(self._forget, key))
        result: Result = await asyncio.shield(task)
        return result

    def _forget(self, key: str, task: asyncio.Task[Any]) -> None:
        """Forget a call that has ended. Its callers raise its error, if any of them is left."""
        self._calls.pop(key, None)
        if not task.cancelled():
            task.exception()  # marks the error as seen

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Mark the current call as sent while the block lasts, so that `drain` waits for it."""
        call = asyncio.current_task()
        assert call is not None
        self._sent.add(call)
        try:
            yield
        finally:
            self._sent.discard(call)

    async def drain(self, seconds: float) -> None:
        """Wait at most this long for calls that are sent, which are paid; cancel the others now."""
        calls, sent = set(self._calls.values()), set(self._sent)
        for task in calls - sent:
            task.cancel()
        if sent:
            await asyncio.wait(sent, timeout=seconds)
        for task in sent:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
