"""A worker's part in the budget of a run: each task spends no more than the driver allocated."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from evals.cluster.messages import ClusterJob
from evals.store.budget import FREE, Budget
from evals.store.rate_limits import RateLimiter
from graph.llm.errors import RunAbortedError

COORDINATOR = "predict/coordinator"
"""The template of a coordinator, which may have a model and a price of its own."""


class TaskBudget(Budget):
    """What one task may spend, and what it spends.

    `short` says that the task needed more, `closed` that it was cancelled and may send nothing.
    """

    def __init__(self, job: ClusterJob, limit: float | None) -> None:
        chat, embeddings = job.prices
        own = job.coordinator_price
        others = {} if own is None else {COORDINATOR: own}
        super().__init__(chat, limit, embeddings=embeddings, others=others)
        self.tokens = 0
        self.short = self.closed = False

    async def reserve(self, template: str, characters: int) -> float:
        """Reserve money for a call; raises RunAbortedError when the allocation is not enough."""
        try:
            return await super().reserve(template, characters)
        except RunAbortedError:
            self.short = True
            raise

    def charge(
        self, template: str, prompt_tokens: int, cached_tokens: int, completion_tokens: int
    ) -> None:
        """Count what a reply cost."""
        super().charge(template, prompt_tokens, cached_tokens, completion_tokens)
        self.tokens += prompt_tokens + completion_tokens


current_task_budget: ContextVar[TaskBudget] = ContextVar("current_task_budget")
"""The budget of the task on whose behalf a call goes out."""


class SharedTaskBudget(Budget):
    """The budget of a call store that many tasks share: each task pays for its own calls."""

    def __init__(self) -> None:
        super().__init__(FREE)

    async def reserve(self, template: str, characters: int) -> float:
        """Reserve money of the current task."""
        return await current_task_budget.get().reserve(template, characters)

    def release(self, reserved: float) -> None:
        """Give money back to the current task."""
        current_task_budget.get().release(reserved)

    def charge(
        self, template: str, prompt_tokens: int, cached_tokens: int, completion_tokens: int
    ) -> None:
        """Charge the current task."""
        current_task_budget.get().charge(template, prompt_tokens, cached_tokens, completion_tokens)


class TaskRateLimiter(RateLimiter):
    """A rate limiter that sends nothing for a task that was cancelled."""

    @asynccontextmanager
    async def slot(self, characters: int, template: str = "") -> AsyncIterator[None]:
        """Hold a slot while a request is out. Raises RunAbortedError for a cancelled task."""
        async with super().slot(characters, template):
            if current_task_budget.get().closed:
                raise RunAbortedError("the task was taken back")
            yield
