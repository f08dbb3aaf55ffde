"""Sends tasks to the workers of a cluster, and writes what they return into the ledger."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from distributed import Client, Future, KilledWorker, as_completed

from baselines.method import Row
from evals.cluster import worker
from evals.cluster.budget_allocator import BudgetAllocator
from evals.cluster.connection import PATIENCE
from evals.cluster.messages import ClusterJob, ClusterTask, TaskCancelledError, TaskOutcome
from evals.harness.engine import first_cause
from evals.harness.ledger import Ledger
from evals.harness.plan import Key
from evals.store import shards
from evals.store.budget import FREE, Budget
from evals.store.call_store import CallStore
from graph.llm.errors import RunAbortedError

ALONE = 60.0
"""Seconds after which a run without any worker ends."""

LOOK = 5.0
"""Seconds between two looks at whether there are workers."""

LOST = 4
"""So often a task goes out again after its worker was lost; each time Dask itself tries several
workers.
"""

GONE = "the scheduler is gone"


class Dispatcher:
    """Keeps at most `window` tasks out, and writes the rows of each that returns, all at once.

    `on_row` is called with each row once the ledger holds it.
    """

    def __init__(
        self,
        client: Client,
        job: ClusterJob,
        ledger: Ledger,
        store: CallStore,
        on_row: Callable[[Row], None],
        window: int,
    ) -> None:
        self._client, self._job, self._window = client, job, window
        self._ledger, self._store, self._on_row = ledger, store, on_row
        self._allocator = BudgetAllocator(store.rate_limiter.budget or Budget(FREE))
        self._answered = False
        self._next: list[ClusterTask] = []
        self._out: dict[str, tuple[ClusterTask, Future]] = {}
        self._returned: Any = as_completed(loop=client.loop, with_results=True, raise_errors=False)

    async def run(self, tasks: Iterator[ClusterTask]) -> None:
        """Send out all tasks and take what they return.

        Raises RunAbortedError when going on makes no sense.
        """
        try:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(self._watch_workers())
                self._send_next(tasks)
                async for future, result in self._returned:
                    self._take(future, result)
                    self._send_next(tasks)
                watch.cancel()
        except BaseExceptionGroup as many:
            raise first_cause(many) from None
        finally:
            await self._cancel_all()

    async def _watch_workers(self) -> None:
        """Raise RunAbortedError when there is no scheduler, or no worker for a while."""
        alone = 0.0
        while alone < ALONE:
            await asyncio.sleep(LOOK)
            try:
                alone = 0.0 if await self._client.nthreads() else alone + LOOK
            except OSError:
                raise RunAbortedError(GONE) from None
        raise RunAbortedError(f"there has been no worker for {ALONE:g} s")

    async def _cancel_all(self) -> None:
        """Cancel the tasks that are still out."""
        if not self._out or self._client.status != "running":
            return
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._client.cancel([future for _, future in self._out.values()], force=True)

    def _send_next(self, tasks: Iterator[ClusterTask]) -> None:
        """Send out tasks while the window has room and money is left.

        Raises RunAbortedError when the money is not enough for any task.
        """
        while len(self._out) < self._window:
            if not self._next:
                self._next += islice(tasks, 1)
            if not self._next:
                return
            amount = self._allocator.allocate()
            if amount == 0:
                if not self._out:
                    raise self._allocator.exhausted()
                return
            self._send(replace(self._next.pop(), budget=amount, answered=self._answered))

    def _send(self, task: ClusterTask) -> None:
        """Send out one task."""
        key = task.dask_key(self._job)
        future = self._client.submit(worker.answer_task, self._job, task, key=key, pure=False)
        self._out[key] = task, future
        self._returned.add(future)

    def _take(self, future: Future, result: Any) -> None:
        """Take what a task returned, or send it again where its worker was lost."""
        task, _ = self._out.pop(future.key)
        if future.status == "finished":
            self._keep(task, result)
            return
        if future.status != "error":
            raise RunAbortedError(GONE)
        error = result[1]
        if not isinstance(error, KilledWorker | TaskCancelledError):
            raise error
        if task.lost >= LOST:
            who = f"respondent {task.interview.respondent}, fold {task.interview.fold}"
            raise RunAbortedError(f"{who}: every worker that tries it is lost")
        self._allocator.settle(task.budget, None)
        self._next.append(task.retry(lost=1))

    def _keep(self, task: ClusterTask, outcome: TaskOutcome) -> None:
        """Write the rows of a task. Raises RunAbortedError when it says that the run should end."""
        self._ledger.write_many(outcome.rows)
        for row in outcome.rows:
            self._on_row(row)
        self._store.tokens += outcome.tokens
        self._answered |= any(not row.error for row in outcome.rows)
        self._allocator.settle(task.budget, outcome)
        if outcome.short:
            self._next.append(task.retry(done=frozenset(map(_key_of_row, outcome.rows))))
        elif outcome.stopped:
            raise RunAbortedError(outcome.stopped)
        else:
            shards.forget_start(self._job.folder, task.name)


def _key_of_row(row: Row) -> Key:
    """The key under which the ledger holds a row."""
    return (row.graph, row.variant, row.respondent, row.fold, row.item, row.draw)
