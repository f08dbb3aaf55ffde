"""The driver's part in the budget of a run on a cluster: it allocates money to tasks."""

from evals.cluster.messages import TaskOutcome
from evals.store.budget import Budget
from graph.llm.errors import RunAbortedError

PARTS = 16
"""So many tasks share the money while it is not known what one costs."""


class BudgetAllocator:
    """Allocates money to tasks in flight, together never more than is left of the budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._allocated = self._largest = 0.0
        self._in_flight = self._finished = 0
        self._all_allocated = False
        self._first = 0.0 if budget.limit is None else (budget.limit - budget.spent) / PARTS
        self._each = self._first

    def allocate(self) -> float | None:
        """Allocate money to a task: None without a limit, 0 when too little is left for now.

        A task that is alone gets whatever is left.
        """
        if self._budget.limit is None:
            return None
        left = max(self._budget.limit - self._budget.spent - self._allocated, 0.0)
        too_little = left < self._each
        if too_little and self._in_flight:
            return 0.0
        self._all_allocated |= too_little
        amount = min(left, self._each)
        self._allocated += amount
        self._in_flight += amount > 0
        return amount

    def settle(self, amount: float | None, outcome: TaskOutcome | None) -> None:
        """Take an allocation back, and count what the task spent; None where the task was lost.

        Raises RunAbortedError when a task did not reach its end with all that was left.
        """
        everything, self._all_allocated = self._all_allocated, False
        if amount is not None:
            self._in_flight -= 1
            self._allocated = self._allocated - amount if self._in_flight else 0.0
        if outcome is None:
            return
        self._budget.spent += outcome.money
        if outcome.short and everything:
            raise self.exhausted()
        self._finished += 1
        needed = (amount or 0.0) if outcome.short else outcome.money
        self._largest = max(self._largest, needed)
        if outcome.short or self._finished >= PARTS:
            self._each = max(2 * self._largest, self._first / PARTS)

    def exhausted(self) -> RunAbortedError:
        """The error that says that the money is not enough."""
        return RunAbortedError(
            f"--max-cost {self._budget.limit:g} may be passed: {self._budget.spent:.4f} spent"
        )
