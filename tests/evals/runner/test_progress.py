"""What is said of how far a run is, to a terminal and to a file."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from rich.console import Console

from baselines.method import Row
from evals.runner.progress import ProgressWatch
from evals.runner.tally import Tally
from evals.store.budget import Budget, Price
from evals.store.call_store import CallStore
from evals.store.rate_limits import RateLimiter

pytestmark = pytest.mark.usefixtures("few_tables")


def row(graph: str, error: str = "", readable: bool = True) -> Row:
    named: dict[str, Any] = dict.fromkeys(Row.__dataclass_fields__, "")
    named |= {"graph": graph, "error": error, "readable": readable, "probabilities": {}}
    return Row(**named)


class Hour:
    """A clock that only `pause` moves on; `during` happens in each pause."""

    def __init__(self, *during: Callable[[], None]) -> None:
        self.now, self._during = 0.0, list(during)
        self.begun, self.over = asyncio.Event(), asyncio.Event()

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        await self.begun.wait()
        if not self._during:
            self.over.set()
            await asyncio.Event().wait()
        self._during.pop(0)()
        self.now += seconds


@pytest.fixture
def store(tmp_path: Path) -> CallStore:
    return CallStore(tmp_path / "calls.sqlite", "run")


def watched(
    store: CallStore, work: Callable[[ProgressWatch, Hour], Awaitable[None]], *during: Callable[[ProgressWatch], None]
) -> str:
    """What a run of 120 answers, 30 of which are there, says into a file while things happen minute by minute."""
    shown = io.StringIO()

    async def run() -> None:
        hour = Hour(*(lambda each=each: each(watch) for each in during))  # type: ignore[misc]
        tally = Tally(Path("run"), 120, 30)
        watch = ProgressWatch(
            Console(file=shown, width=200), tally, 30, store, ("valuesim",), pause=hour.pause, clock=hour.clock
        )
        async with watch:
            await work(watch, hour)

    asyncio.run(run())
    store.close()
    return shown.getvalue()


def reply(store: CallStore) -> None:
    store.keep(f"key {store.replies}", "predict/direct", AIMessage("Answer: 1"), 0.1)


def test_where_no_terminal_is_a_line_a_minute_tells_how_far_it_is(store: CallStore) -> None:
    def minute(watch: ProgressWatch) -> None:
        reply(store)
        for _ in range(9):
            watch(row("valuesim"))
            watch(row("ridge"))  # costs nothing, and is not counted
        watch(row("valuesim", error="http_500", readable=False))

    async def work(watch: ProgressWatch, hour: Hour) -> None:
        hour.begun.set()
        await hour.over.wait()

    assert watched(store, work, minute, minute).splitlines() == [
        "asking: 40 of 120 answers, about 8 min left; 0 unread, 1 failed, 1 calls, 0 tokens",
        "asking: 50 of 120 answers, about 7 min left; 0 unread, 2 failed, 2 calls, 0 tokens",
        "asked: 50 of 120 answers; 0 unread, 2 failed, 2 calls, 0 tokens",
    ]


def test_a_server_that_is_waited_for_is_told_with_tries(store: CallStore) -> None:
    def retry(watch: ProgressWatch) -> None:
        store.retry_policy.retries += 2

    async def work(watch: ProgressWatch, hour: Hour) -> None:
        call = asyncio.ensure_future(store.single_flight("key", 1, asyncio.Event().wait))
        await asyncio.sleep(0)
        hour.begun.set()
        await hour.over.wait()
        call.cancel()

    first, second, third = watched(store, work, lambda watch: None, retry, lambda watch: reply(store)).splitlines()
    assert first.endswith("0 calls, waiting for a reply, 60 s, 0 tokens")
    assert second.endswith("0 calls, 2 retries, waiting for the server, 3 tries in 120 s, 0 tokens")
    assert third.endswith("1 calls, 2 retries, 0 tokens")


def test_nothing_is_said_where_nothing_was_to_be_asked(store: CallStore) -> None:
    async def work(watch: ProgressWatch, hour: Hour) -> None:
        watch(row("chance"))

    assert watched(store, work) == ""


def test_the_bar_shows_what_was_spent(tmp_path: Path) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=160)
    store = CallStore(tmp_path / "calls.sqlite", "run", RateLimiter(budget=Budget(Price(1, 1, 1), spent=1.5)))
    store.tokens = 1234

    async def run() -> None:
        for rate_limiter in (store.rate_limiter, RateLimiter()):
            store.rate_limiter = rate_limiter
            async with ProgressWatch(console, Tally(Path("run"), 10, 0), 0, store, ("valuesim",)):
                store.tokens += 1000

    asyncio.run(run())
    store.close()

    assert "2,234 tokens, US$ 1.50" in shown.getvalue()
    assert "3,234 tokens" in shown.getvalue() and "3,234 tokens," not in shown.getvalue()
