"""Money on a cluster: the driver lends to each task, and a task spends no more than it was lent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from evals.cluster.messages import ClusterJob, TaskOutcome
from evals.store.rate_limits import FREE, Budget, RateLimiter
from graph.llm.errors import RunAbortedError

PARTS = 16
"""So many tasks share the money while it is not known what one costs."""


class BudgetAllocator:
    """What tasks under way may spend, together never more than is left of the budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._lent = self._largest = 0.0
        self._out = self._back = 0
        self._all_lent = False
        self._first = 0.0 if budget.limit is None else (budget.limit - budget.spent) / PARTS
        self._each = self._first

    def lend(self) -> float | None:
        """Put money aside for a task: None without a limit, 0 when too little is left for now.

        A task that is alone is lent whatever is left.
        """
        if self._budget.limit is None:
            return None
        left = max(self._budget.limit - self._budget.spent - self._lent, 0.0)
        self._all_lent |= left < self._each and not self._out
        loan = 0.0 if left < self._each and self._out else min(left, self._each)
        self._lent += loan
        self._out += loan > 0
        return loan

    def back(self, loan: float | None, outcome: TaskOutcome | None) -> None:
        """Take a loan back, and count what the task spent; None where the task was lost.

        Raises Stop when a task did not reach its end with all that was left.
        """
        everything, self._all_lent = self._all_lent, False
        if loan is not None:
            self._out -= 1
            self._lent = self._lent - loan if self._out else 0.0
        if outcome is None:
            return
        self._budget.spent += outcome.money
        if outcome.short and everything:
            raise self.over()
        self._back += 1
        self._largest = max(self._largest, loan or 0.0 if outcome.short else outcome.money)
        if outcome.short or self._back >= PARTS:
            self._each = max(2 * self._largest, self._first / PARTS)

    def over(self) -> RunAbortedError:
        """What to say when the money does not reach."""
        return RunAbortedError(
            f"--max-cost {self._budget.limit:g} may be passed: {self._budget.spent:.4f} spent"
        )


class TaskBudget(Budget):
    """What one task was lent, and what it spends."""

    def __init__(self, job: ClusterJob, lent: float | None) -> None:
        chat, embeddings = job.prices
        super().__init__(chat, lent, embeddings=embeddings)
        self.tokens = 0
        self.short = self.closed = False

    async def hold(self, kind: str, characters: int) -> float:
        """Put money aside for a call; raises Stop when what was lent does not reach."""
        try:
            return await super().hold(kind, characters)
        except RunAbortedError:
            self.short = True
            raise

    def pay(
        self, kind: str, prompt_tokens: int, cached_tokens: int, completion_tokens: int
    ) -> None:
        """Count what a reply cost."""
        super().pay(kind, prompt_tokens, cached_tokens, completion_tokens)
        self.tokens += prompt_tokens + completion_tokens


purse: ContextVar[TaskBudget] = ContextVar("purse")
"""The purse of the task on whose behalf a call goes out."""


class TaskBudgets(Budget):
    """The budget of a call store that many tasks share: each call is paid by the task that makes
    it.
    """

    def __init__(self) -> None:
        super().__init__(FREE)

    async def hold(self, kind: str, characters: int) -> float:
        """As the task's own purse."""
        return await purse.get().hold(kind, characters)

    def release(self, held: float) -> None:
        """As the task's own purse."""
        purse.get().release(held)

    def pay(
        self, kind: str, prompt_tokens: int, cached_tokens: int, completion_tokens: int
    ) -> None:
        """As the task's own purse."""
        purse.get().pay(kind, prompt_tokens, cached_tokens, completion_tokens)


class TaskRateLimiter(RateLimiter):
    """A gate that lets nothing out for a task that was taken back."""

    @asynccontextmanager
    async def place(self, characters: int, kind: str = "") -> AsyncIterator[None]:
        """Hold a place while a request is out. Raises Stop when the task was taken back
        meanwhile.
        """
        async with super().place(characters, kind):
            if purse.get().closed:
                raise RunAbortedError("the task was taken back")
            yield
