"""Shows how far a run is: answers, calls, rate, failures, waiting, tokens and money."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
)

from baselines.method import Row
from evals.render.formatting import format_dollars
from evals.runner.expected_calls import ExpectedCalls
from evals.runner.first_answers import FirstAnswers
from evals.runner.progress_bar import BarWithLines, TextFromCallback
from evals.runner.tally import Tally
from evals.store.call_store import CallStore

EVERY = 60.0
"""Seconds between two lines where nobody looks at a bar."""

QUIET = 10.0
"""Seconds without a reply after which it is said that it is waited for."""


class Replies:
    """Watches the replies that the call store gets, and the time and tries since the last one."""

    def __init__(self, store: CallStore, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._last = self._mark()

    def _mark(self) -> tuple[int, int, float]:
        return self._store.replies, self._store.retry_policy.retries, self._clock()

    def status(self) -> list[str]:
        """Return calls, retries, and whether a reply is waited for."""
        replies, retries, now = self._mark()
        if replies != self._last[0] or not self._store.in_flight:
            self._last = replies, retries, now
        parts = [f"{replies:,} calls"]
        if retries:
            parts.append(f"{retries:,} retries")
        silent, again = now - self._last[2], retries - self._last[1]
        if again:
            parts.append(f"waiting for the server, {again + 1:,} tries in {silent:.0f} s")
        elif silent >= QUIET:
            parts.append(f"waiting for a reply, {silent:.0f} s")
        return parts


class ProgressWatch:
    """A bar over the answers of models, or a line every minute where no terminal shows a bar.

    `graphs` are the methods whose rows count, `done` is how many of those rows there are.
    `expected` tells how long it takes, `answers` shows the first answers.
    """

    def __init__(
        self,
        console: Console,
        tally: Tally,
        done: int,
        store: CallStore,
        graphs: Collection[str],
        expected: ExpectedCalls | None = None,
        answers: FirstAnswers | None = None,
        every: float = EVERY,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tally, self._done = tally, done
        self._console, self._store, self._graphs = console, store, graphs
        self._every, self._pause, self._clock = every, pause, clock
        self._unread = self._failed = 0
        self._begun, self._before = clock(), done
        self._replies, self._answers = Replies(store, clock), answers
        self._expected = expected or ExpectedCalls({"": tally.total - done}, {})
        self._first_replies = store.replies
        self._last: Row | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._bar = self._make_bar()
        self._task = self._bar.add_task("", total=tally.total, completed=done)

    def _make_bar(self) -> Progress:
        """Return the bar, which is not drawn where there is no terminal."""
        bar = BarWithLines(
            TextColumn("asking"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextFromCallback(lambda _: f"answers{self._left()}"),
            console=self._console,
            refresh_per_second=4,
            transient=True,
            disable=not self._console.is_terminal,
        )
        bar.lines = self._lines
        return bar

    def _lines(self) -> Iterable[str]:
        """Yield what stands below the bar: what is counted, and what was asked last."""
        yield self._status()
        if self._answers and self._last:
            yield self._answers.describe(self._last)

    def _status(self) -> str:
        """Return what was not read, what failed, what is waited for, and what was used."""
        budget = self._store.rate_limiter.budget
        money = [f"US$ {format_dollars(budget.spent)}"] if budget else []
        read = [f"{self._unread} unread", f"{self._failed} failed"]
        return ", ".join([*read, *self._replies.status(), f"{self._store.tokens:,} tokens", *money])

    def _left(self) -> str:
        """Return about how long it will take; "" while that is not known."""
        replies = self._store.replies - self._first_replies
        left = self._expected.seconds_left(replies, self._clock() - self._begun)
        if left is None or self._done >= self._tally.total:
            return ""
        return f", about {_duration(left)} left"

    def _line(self, word: str) -> None:
        """Print how far it is, on a line of its own."""
        left = self._left() if word == "asking" else ""
        text = f"{word}: {self._done:,} of {self._tally.total:,} answers{left}; {self._status()}"
        self._console.print(text, soft_wrap=True, markup=False)

    async def _tick(self) -> None:
        """Print how far it is, again and again."""
        while True:
            await self._pause(self._every)
            self._line("asking")

    async def __aenter__(self) -> Self:
        self._bar.start()
        if not self._console.is_terminal:
            self._ticking = asyncio.ensure_future(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
        if self._ticking:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
            if self._done != self._before or error:
                self._line("asked")

    def __call__(self, row: Row) -> None:
        """Count a row."""
        if row.graph not in self._graphs:
            return
        self._done += 1
        self._expected.answer(row.graph)
        if self._answers:
            self._last = row
            self._answers.show(row)
        if row.error:
            self._failed += 1
        elif self._tally.answers is not None:
            self._tally.answers += 1
        self._unread += not row.readable and not row.error
        self._bar.advance(self._task)


def _duration(seconds: float) -> str:
    """Return a length of time in seconds as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
