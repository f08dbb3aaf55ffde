"""One run on one worker: its shard of the call store, models and graphs, for all its tasks."""

import asyncio
import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import prompts
from baselines.method import Row
from evals.cluster.messages import ClusterJob, ClusterTask
from evals.cluster.task_budget import SharedTaskBudget, TaskRateLimiter
from evals.harness import models, tracing
from evals.harness.asked_items import AskedItems, folds_of_run
from evals.harness.engine import Concurrency, answer_person
from evals.harness.experiment import Experiment
from evals.harness.methods import graphs_of_experiment
from evals.harness.plan import cases_of
from evals.store import shards
from evals.store.call_store import CallStore
from evals.store.retry import RetryPolicy
from survey.open_survey import codebook_of

GRACE = 3.0
"""Seconds that requests which are sent have to return when a run ends early: they are paid."""


class WorkerSession:
    """Answers the tasks of one run on this worker.

    Where the driver's folder is a shared path, the shard lies there and the session reads the run's
    call store; else the shard lies in a temporary folder and `close` returns its content.
    """

    def __init__(self, job: ClusterJob) -> None:
        experiment = job.experiment
        self._job, self._stack = job, AsyncExitStack()
        self._shared = shards.is_marked(job.folder, job.id)
        self._folder = job.folder if self._shared else Path(tempfile.mkdtemp(prefix="valuesim-"))
        self._shard = f"{job.id}-{socket.gethostname()}-{os.getpid()}{shards.SUFFIX}"
        rate_limiter = TaskRateLimiter(
            experiment.slots, experiment.rpm, experiment.tpm, SharedTaskBudget()
        )
        retry_policy = RetryPolicy(deadline=models.DEADLINE * experiment.timeout)
        shard = self._folder / self._shard
        self._store = CallStore(shard, job.run, rate_limiter, retry_policy)
        self._concurrency = Concurrency(experiment.slots)
        self._codebook = codebook_of(experiment.data)
        folds = folds_of_run(experiment, self._codebook)
        self._folds = {fold.number: fold for fold in folds}
        self._asked_items = AskedItems(experiment, self._codebook, folds)
        self._running: set[asyncio.Task[Any]] = set()
        if self._shared:
            self._store.read_also(job.calls)

    async def open(self) -> "WorkerSession":
        """Make the client and the graphs, and return the session.

        Raises ModelError when a key is missing on this worker, PromptError for other prompts.
        """
        experiment = self._job.experiment
        check_prompts(experiment, self._job.templates_hash)
        if not experiment.trace:
            tracing.switch_tracing_off()
        client = await self._stack.enter_async_context(models.http_client(experiment))
        settings = models.graph_settings(experiment, self._store, client)
        self._methods = graphs_of_experiment(experiment, settings)
        return self

    async def answer(self, task: ClusterTask, write: Callable[[Row], None]) -> None:
        """Answer a task's cases; replies that a lost worker paid for are not paid again."""
        self._store.retry_policy.succeeded |= task.answered
        with self._count_running():
            async with self._concurrency.people:
                if self._shared:
                    self._read_former_shards(task)
                person = task.interview.person(self._codebook)
                fold = self._folds[person.fold]
                cases = cases_of(self._asked_items, self._codebook, person, fold)
                await answer_person(cases, self._methods, task.done, self._concurrency, write)

    def _read_former_shards(self, task: ClusterTask) -> None:
        """Answer also from the shards of workers that started this task before."""
        for shard in shards.note_start(self._folder, task.name, self._shard):
            with suppress(sqlite3.Error):  # what cannot be read is paid again
                self._store.read_also(self._folder / shard)

    @contextmanager
    def _count_running(self) -> Iterator[None]:
        """Count the current asyncio task among those that `close` cancels."""
        current = asyncio.current_task()
        assert current is not None
        self._running.add(current)
        try:
            yield
        finally:
            self._running.discard(current)

    async def close(self) -> tuple[str, bytes] | None:
        """Cancel what is running and close the shard.

        Returns name and content of the shard where the driver cannot reach it, else None.
        """
        running = set(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._store.drain(GRACE)
        self._store.close()
        await self._stack.aclose()
        if self._shared:
            return None
        content = (self._folder / self._shard).read_bytes()
        shutil.rmtree(self._folder)
        return self._shard, content


def check_prompts(experiment: Experiment, templates_hash: str) -> None:
    """Raise PromptError where the prompts on this worker differ from the driver's."""
    if prompts.templates_hash(experiment.prompts) != templates_hash:
        raise prompts.PromptError(
            "the prompts there are others: install one version, and let --prompts be reached"
        )
