"""Money that a driver allocates to tasks."""

import random

import pytest

from evals.cluster.budget_allocator import PARTS, BudgetAllocator
from evals.cluster.messages import TaskOutcome
from evals.store.budget import FREE, Budget
from graph.llm.errors import RunAbortedError


def outcome_of(money: float, short: bool = False) -> TaskOutcome:
    return TaskOutcome([], 0, money, short=short)


def test_without_a_limit_nothing_is_allocated_and_spending_is_counted() -> None:
    budget = Budget(FREE, spent=1)
    allocator = BudgetAllocator(budget)

    assert allocator.allocate() is None
    allocator.settle(None, outcome_of(2))
    assert budget.spent == 3


def test_together_the_allocations_are_what_is_left() -> None:
    allocator = BudgetAllocator(Budget(FREE, limit=20, spent=4))

    assert [allocator.allocate() for _ in range(PARTS + 1)] == [1] * PARTS + [0]


def test_a_task_that_needs_more_is_allocated_more() -> None:
    allocator = BudgetAllocator(Budget(FREE, limit=16))
    first, second = allocator.allocate(), allocator.allocate()
    allocator.settle(first, outcome_of(0.9, short=True))
    allocator.settle(second, outcome_of(0.9, short=True))

    assert allocator.allocate() == 2


def test_what_a_lost_task_was_allocated_is_allocated_again() -> None:
    allocator = BudgetAllocator(Budget(FREE, limit=16))
    for _ in range(PARTS):
        allocator.allocate()
    allocator.settle(1.0, None)

    assert (allocator.allocate(), allocator.allocate()) == (1, 0)


@pytest.mark.parametrize("seed", range(20))
def test_the_limit_is_never_passed_and_nearly_reached(seed: int) -> None:
    """Each task costs up to 3; a worker spends no more than its allocation."""
    chance, budget = random.Random(seed), Budget(FREE, limit=40)
    allocator, out, needs = (
        BudgetAllocator(budget),
        list[tuple[float, float]](),
        [chance.uniform(0, 3) for _ in range(1000)],
    )
    with pytest.raises(RunAbortedError, match=r"--max-cost 40 may be passed: \d+\.\d+ spent"):
        while True:
            while len(out) < 8 and (amount := allocator.allocate()):
                out.append((amount, needs.pop()))
            if not out:
                raise allocator.exhausted()
            amount, need = out.pop(chance.randrange(len(out)))
            if amount < need:
                needs.append(need - amount)
            assert budget.spent + sum(part for part, _ in out) + amount <= 40 + 1e-9
            allocator.settle(amount, outcome_of(min(amount, need), short=amount < need))
    assert 39.9 < budget.spent <= 40 + 1e-9
