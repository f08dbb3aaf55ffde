"""The budget of a run: money is reserved before a call, and charged when its reply arrives."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from evals.store.budget import EMBEDDINGS, Budget, Price
from evals.store.rate_limits import RateLimiter
from graph.llm.errors import RunAbortedError

DOLLAR = Price(1e6, 1e6, 1e6)
"""A dollar a token."""


def test_money_is_what_fresh_cached_and_written_tokens_cost() -> None:
    price = Price(prompt=2, cached=0.5, completion=8)

    assert price.of(1000, 400, 50) == pytest.approx((600 * 2 + 400 * 0.5 + 50 * 8) / 1e6) == pytest.approx(0.0018)
    assert price.times(0.5).of(1000, 400, 50) == pytest.approx(0.0009)


def test_without_a_limit_spending_is_counted_and_nothing_is_reserved() -> None:
    budget = Budget(DOLLAR, spent=3)

    async def work() -> None:
        for _ in range(100):
            await budget.reserve("", 10**9)

    asyncio.run(work())
    budget.charge("", 10, 0, 5)
    assert budget.spent == 18


def test_a_call_reserves_a_prompt_at_three_characters_a_token_and_a_reply_as_long_but_not_under_500_tokens() -> None:
    budget = Budget(DOLLAR)

    assert budget.estimate_most("story", 3000) == 1000 + 1000
    assert budget.estimate_most("rag", 30) == 10 + 500


def test_a_call_reserves_twice_the_longest_reply_of_its_template() -> None:
    budget = Budget(DOLLAR)
    for completion in (700, 600):
        budget.charge("story", 1, 0, completion)

    assert budget.estimate_most("story", 30_000) == 10_000 + 1400
    assert budget.estimate_most("coordinator", 30_000) == 10_000 + 10_000


def test_texts_are_embedded_at_their_own_price_and_nothing_is_written() -> None:
    budget = Budget(DOLLAR, embeddings=Price(10e6, 10e6, 0))

    assert budget.estimate_most(EMBEDDINGS, 30) == 100
    budget.charge(EMBEDDINGS, 8, 0, 0)
    assert budget.spent == 80


async def soon(work: Awaitable[Any]) -> bool:
    """Whether something is done as soon as everybody had a turn."""
    task = asyncio.ensure_future(work)
    for _ in range(5):
        await asyncio.sleep(0)
    if not task.done():
        task.cancel()
        return False
    task.result()
    return True


def test_a_call_that_may_pass_the_limit_waits_for_those_that_are_out() -> None:
    async def work() -> None:
        budget = Budget(DOLLAR, limit=1100)  # of 510 each
        first, _ = await budget.reserve("", 30), await budget.reserve("", 30)
        assert not await soon(budget.reserve("", 30))

        waiting = asyncio.ensure_future(budget.reserve("", 30))
        await asyncio.sleep(0)
        budget.charge("", 10, 0, 20)
        budget.release(first)
        await asyncio.wait_for(waiting, 5)

    asyncio.run(work())


def test_the_run_stops_where_nothing_is_out_any_more_and_the_next_call_may_pass_the_limit() -> None:
    async def work() -> None:
        budget = Budget(DOLLAR, limit=1100)
        reserved = await budget.reserve("", 30)
        waiting = [asyncio.ensure_future(budget.reserve("", 3000)) for _ in range(2)]
        await asyncio.sleep(0)
        budget.release(reserved)
        for task in waiting:
            with pytest.raises(
                RunAbortedError, match=r"--max-cost 1100 may be passed: 0\.0000 spent, the next call up to 2000"
            ):
                await asyncio.wait_for(task, 5)

    asyncio.run(work())


def test_nothing_is_reserved_where_nothing_is_paid() -> None:
    budget = Budget(Price(0, 0, 0), limit=1, embeddings=DOLLAR)
    budget.charge("", 10**6, 0, 10**6)

    assert asyncio.run(budget.reserve("", 30)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_many_at_once_never_pass_the_limit_and_use_nearly_all_of_it(seed: int) -> None:
    """Replies of up to 400 tokens, in any order."""
    budget = Budget(DOLLAR, limit=50_000)
    rate_limiter = RateLimiter(concurrency=32, budget=budget)
    spent: list[float] = []

    async def call(number: int) -> None:
        async with rate_limiter.slot(300, "direct"):
            for _ in range((number * (seed + 3)) % 7):
                await asyncio.sleep(0)
            budget.charge("direct", 80, 0, (number * 37 * (seed + 1)) % 400)
            spent.append(budget.spent)

    async def work() -> list[Any]:
        return await asyncio.gather(*(call(number) for number in range(400)), return_exceptions=True)

    ended = asyncio.run(work())

    assert {type(end) for end in ended} == {type(None), RunAbortedError}
    assert 48_000 < max(spent) <= 50_000


def test_a_call_that_was_given_up_gives_its_money_back() -> None:
    async def work() -> None:
        rate_limiter = RateLimiter(budget=Budget(DOLLAR, limit=600))

        async def hang() -> None:
            async with rate_limiter.slot(30):
                await asyncio.sleep(60)

        hanging = asyncio.ensure_future(hang())
        await asyncio.sleep(0)
        hanging.cancel()
        await asyncio.wait([hanging])
        async with rate_limiter.slot(30):
            pass

    asyncio.run(work())
