"""Rate limits: requests and tokens a minute are spread evenly."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from evals.store.rate_limits import RateLimiter, Throttle


def took(work: Callable[[], Awaitable[Any]]) -> float:
    """Seconds that something took."""

    async def timed() -> float:
        started = time.monotonic()
        await work()
        return time.monotonic() - started

    return asyncio.run(timed())


def test_a_throttle_lets_the_first_go_at_once_and_the_others_evenly() -> None:
    async def work() -> None:
        throttle = Throttle(per_minute=6000)
        await asyncio.gather(*(throttle.wait(1) for _ in range(11)))

    assert took(work) >= 0.09  # ten pauses of 10 ms


@pytest.mark.parametrize(("limits", "least"), [({"rpm": 6000}, 0.09), ({"tpm": 60_000}, 0.09), ({}, 0)])
def test_requests_and_tokens_are_spread_over_the_minute(limits: dict[str, float], least: float) -> None:
    async def work() -> None:
        rate_limiter = RateLimiter(concurrency=50, **limits)  # type: ignore[arg-type]

        async def call() -> None:
            async with rate_limiter.slot(40):  # ten tokens
                pass

        await asyncio.gather(*(call() for _ in range(11)))

    assert took(work) >= least
