"""Money that a driver lends to tasks."""

import random

import pytest

from evals.cluster.messages import TaskOutcome
from evals.cluster.task_budget import PARTS, BudgetAllocator
from evals.store.rate_limits import FREE, Budget
from graph.llm.errors import RunAbortedError


def came_back(money: float, short: bool = False) -> TaskOutcome:
    return TaskOutcome([], 0, money, short=short)


def test_without_a_limit_nothing_is_lent_and_spending_is_counted() -> None:
    budget = Budget(FREE, spent=1)
    loans = BudgetAllocator(budget)

    assert loans.lend() is None
    loans.back(None, came_back(2))
    assert budget.spent == 3


def test_together_the_loans_are_what_is_left() -> None:
    loans = BudgetAllocator(Budget(FREE, limit=20, spent=4))

    assert [loans.lend() for _ in range(PARTS + 1)] == [1] * PARTS + [0]


def test_a_task_for_which_its_loan_was_too_little_is_lent_more() -> None:
    loans = BudgetAllocator(Budget(FREE, limit=16))
    first, second = loans.lend(), loans.lend()
    loans.back(first, came_back(0.9, short=True))
    loans.back(second, came_back(0.9, short=True))

    assert loans.lend() == 2


def test_what_a_lost_task_was_lent_is_lent_again() -> None:
    loans = BudgetAllocator(Budget(FREE, limit=16))
    for _ in range(PARTS):
        loans.lend()
    loans.back(1.0, None)

    assert (loans.lend(), loans.lend()) == (1, 0)


@pytest.mark.parametrize("seed", range(20))
def test_the_limit_is_never_passed_and_nearly_reached(seed: int) -> None:
    """Each task costs up to 3; a worker spends no more than it was lent."""
    chance, budget = random.Random(seed), Budget(FREE, limit=40)
    loans, out, needs = (
        BudgetAllocator(budget),
        list[tuple[float, float]](),
        [chance.uniform(0, 3) for _ in range(1000)],
    )
    with pytest.raises(RunAbortedError, match=r"--max-cost 40 may be passed: \d+\.\d+ spent"):
        while True:
            while len(out) < 8 and (loan := loans.lend()):
                out.append((loan, needs.pop()))
            if not out:
                raise loans.over()
            loan, need = out.pop(chance.randrange(len(out)))
            if loan < need:
                needs.append(need - loan)
            assert budget.spent + sum(lent for lent, _ in out) + loan <= 40 + 1e-9
            loans.back(loan, came_back(min(loan, need), short=loan < need))
    assert 39.9 < budget.spent <= 40 + 1e-9
