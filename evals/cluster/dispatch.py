"""Tasks out to the workers of a cluster, and what comes back into the ledger."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from distributed import Client, Future, KilledWorker, as_completed

from baselines.method import Row
from evals.cluster import worker
from evals.cluster.messages import ClusterJob, ClusterTask, TaskOutcome, TaskTakenError
from evals.cluster.task_budget import BudgetAllocator
from evals.harness.engine import first_cause
from evals.harness.ledger import Ledger
from evals.store import shards
from evals.store.budget import FREE, Budget
from evals.store.call_store import CallStore
from graph.llm.errors import RunAbortedError

PATIENCE = 10.0
"""Seconds that a scheduler has to answer."""

ALONE = 60.0
"""Seconds after which a run without any worker ends."""

LOOK = 5.0
"""Seconds between two looks at whether there are workers."""

LOST = 4
"""So often a task goes out again after its worker was lost; each time Dask itself tries several
workers.
"""

GONE = "the scheduler is gone"


class Dispatch:
    """At most `window` tasks under way, and the rows that they return; those of one task are
    written together.
    """

    def __init__(
        self,
        client: Client,
        job: ClusterJob,
        ledger: Ledger,
        store: CallStore,
        seen: Callable[[Row], None],
        window: int,
    ) -> None:
        self._client, self._job, self._ledger, self._store, self._seen = (
            client,
            job,
            ledger,
            store,
            seen,
        )
        self._window = window
        self._allocator = BudgetAllocator(store.rate_limiter.budget or Budget(FREE))
        self._answered = False
        self._next: list[ClusterTask] = []
        self._out: dict[str, tuple[ClusterTask, Future]] = {}
        self._back: Any = as_completed(loop=client.loop, with_results=True, raise_errors=False)

    async def all(self, tasks: Iterator[ClusterTask]) -> None:
        """Send out all tasks and take in what comes back. Raises Stop when going on makes no
        sense.
        """
        try:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(self._watch())
                self._fill(tasks)
                async for future, result in self._back:
                    self._take(future, result)
                    self._fill(tasks)
                watch.cancel()
        except BaseExceptionGroup as many:
            raise first_cause(many) from None
        finally:
            await self._take_back()

    async def _watch(self) -> None:
        """Raise Stop when there has been no worker for a while, or no scheduler."""
        alone = 0.0
        while alone < ALONE:
            await asyncio.sleep(LOOK)
            try:
                alone = 0.0 if await self._client.nthreads() else alone + LOOK
            except OSError:
                raise RunAbortedError(GONE) from None
        raise RunAbortedError(f"there has been no worker for {ALONE:g} s")

    async def _take_back(self) -> None:
        """Cancel what is out still."""
        if not self._out or self._client.status != "running":
            return
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._client.cancel([future for _, future in self._out.values()], force=True)

    def _fill(self, tasks: Iterator[ClusterTask]) -> None:
        """Send out tasks while there is room and money. Raises Stop when the money reaches for
        none.
        """
        while len(self._out) < self._window:
            if not self._next:
                self._next += islice(tasks, 1)
            if not self._next:
                return
            if (lent := self._allocator.allocate()) == 0:
                if not self._out:
                    raise self._allocator.exhausted()
                return
            self._send(replace(self._next.pop(), lent=lent, answered=self._answered))

    def _send(self, asked: ClusterTask) -> None:
        """Send out one task."""
        key = asked.key(self._job)
        future = self._client.submit(worker.answer_task, self._job, asked, key=key, pure=False)
        self._out[key] = asked, future
        self._back.add(future)

    def _take(self, future: Future, result: Any) -> None:
        """Take in what became of a task; one whose worker was lost goes out again."""
        asked, _ = self._out.pop(future.key)
        if future.status == "finished":
            self._keep(asked, result)
            return
        if future.status != "error":
            raise RunAbortedError(GONE)
        error = result[1]
        if not isinstance(error, KilledWorker | TaskTakenError):
            raise error
        if asked.lost >= LOST:
            who = f"respondent {asked.interview.respondent}, fold {asked.interview.fold}"
            raise RunAbortedError(f"{who}: every worker that tries it is lost")
        self._allocator.settle(asked.lent, None)
        self._next.append(asked.again(lost=1))

    def _keep(self, asked: ClusterTask, outcome: TaskOutcome) -> None:
        """Write what a task answered. Raises Stop when it says that the run should end."""
        self._ledger.write_many(outcome.rows)
        for row in outcome.rows:
            self._seen(row)
        self._store.tokens += outcome.tokens
        self._answered |= any(not row.error for row in outcome.rows)
        self._allocator.settle(asked.lent, outcome)
        if outcome.short:
            keys = (
                (row.graph, row.variant, row.respondent, row.fold, row.item, row.draw)
                for row in outcome.rows
            )
            self._next.append(asked.again(done=frozenset(keys)))
        elif outcome.stopped:
            raise RunAbortedError(outcome.stopped)
        else:
            shards.forget_start(self._job.folder, asked.name)
