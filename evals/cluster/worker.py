"""What a worker of a cluster does with the part of a run that it is sent: answers it, and keeps
every reply.
"""

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
from evals.cluster.messages import ClusterJob, ClusterTask, TaskOutcome, TaskTakenError
from evals.cluster.task_budget import (
    SharedTaskBudget,
    TaskBudget,
    TaskRateLimiter,
    current_task_budget,
)
from evals.harness import models, tracing
from evals.harness.engine import Concurrency, answer_person, first_cause
from evals.harness.experiment import Experiment
from evals.harness.methods import graphs_of_experiment
from evals.harness.plan import cases_of
from evals.store import shards
from evals.store.call_store import CallStore
from evals.store.retry import RetryPolicy
from graph.llm.errors import RunAbortedError
from graph.llm.factory import ModelError
from survey.codebook import wvs7
from survey.folds import item_folds

POLL = 1.0
"""Seconds after which a task sees that nobody waits for it any more."""

GRACE = 3.0
"""Seconds that calls which are out have to come back when a run ends early: they are paid."""


class WorkerSession:
    """One run on this worker: its shard, models, graphs and lanes, made once for all its tasks."""

    def __init__(self, job: ClusterJob) -> None:
        experiment = job.experiment
        self._job, self._stack = job, AsyncExitStack()
        self._shared = shards.is_marked(job.folder, job.id)
        self._home = job.folder if self._shared else Path(tempfile.mkdtemp(prefix="valuesim-"))
        self._shard = f"{job.id}-{socket.gethostname()}-{os.getpid()}{shards.SUFFIX}"
        rate_limiter = TaskRateLimiter(
            experiment.concurrency, experiment.rpm, experiment.tpm, SharedTaskBudget()
        )
        retry_policy = RetryPolicy(deadline=models.DEADLINE * experiment.timeout)
        self._store = CallStore(self._home / self._shard, job.run, rate_limiter, retry_policy)
        self._lanes = Concurrency(experiment.concurrency)
        self._codebook = wvs7()
        self._folds = item_folds(list(self._codebook.items), experiment.seed)
        self._works: set[asyncio.Task[Any]] = set()
        if self._shared:
            self._store.read_also(job.calls)

    async def open(self) -> "WorkerSession":
        """Make the client and the graphs. Raises ModelError when a key is missing here, PromptError
        for prompts.
        """
        experiment = self._job.experiment
        _check_prompts(experiment, self._job.prompts)
        if not experiment.trace:
            tracing.switch_tracing_off()
        client = await self._stack.enter_async_context(models.http_client(experiment))
        self._methods = graphs_of_experiment(
            experiment, models.graph_settings(experiment, self._store, client)
        )
        return self

    async def answer(self, asked: ClusterTask, write: Callable[[Row], None]) -> None:
        """Answer a task's cases; what another worker paid for before it was lost is not paid
        again.
        """
        self._store.retry_policy.succeeded |= asked.answered
        with self._working():
            async with self._lanes.people:
                if self._shared:
                    for shard in shards.note_start(self._home, asked.name, self._shard):
                        with suppress(sqlite3.Error):  # what cannot be read is paid again
                            self._store.read_also(self._home / shard)
                person = asked.interview.person(self._codebook)
                cases = cases_of(
                    self._job.experiment, self._codebook, person, self._folds[person.fold - 1]
                )
                await answer_person(cases, self._methods, asked.done, self._lanes, write)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Count the current task among those that end when the station closes."""
        work = asyncio.current_task()
        assert work is not None
        self._works.add(work)
        try:
            yield
        finally:
            self._works.discard(work)

    async def close(self) -> tuple[str, bytes] | None:
        """Stop what goes on and close the shard; returns its name and content where the driver
        cannot reach it.
        """
        works = set(self._works)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        await self._store.drain(GRACE)
        self._store.close()
        await self._stack.aclose()
        if self._shared:
            return None
        content = (self._home / self._shard).read_bytes()
        shutil.rmtree(self._home)
        return self._shard, content


_stations: dict[tuple[Path, str], asyncio.Task[WorkerSession]] = {}
_left: set[str] = set()


async def answer_task(job: ClusterJob, asked: ClusterTask) -> TaskOutcome:
    """Do one task; stop paying for it soon after nobody waits for it any more.

    Dask lets a coroutine run on when its task was cancelled or its driver died, so this looks for
    itself.
    """
    from distributed import get_worker

    tasks, key = get_worker().state.tasks, asked.key(job)
    work = asyncio.ensure_future(_answer(job, asked))
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=POLL)
            task = tasks.get(key)
            if task is None or task.state == "cancelled":
                work.cancel()
    finally:
        work.cancel()
    if work.cancelled():
        raise TaskTakenError(key)
    return work.result()


async def _answer(job: ClusterJob, asked: ClusterTask) -> TaskOutcome:
    """Answer a task's cases, and say why where that came to an end too early."""
    own, rows, stopped = TaskBudget(job, asked.lent), list[Row](), ""
    current_task_budget.set(own)
    try:
        await (await _station(job)).answer(asked, rows.append)
    except asyncio.CancelledError:
        own.closed = True
        raise
    except Exception as error:
        why = first_cause(error) if isinstance(error, ExceptionGroup) else error
        if not isinstance(
            why, RunAbortedError | ModelError | prompts.PromptError | sqlite3.Error | OSError
        ):
            raise why from None
        stopped = " ".join(str(why).split())
    return TaskOutcome(rows, own.tokens, own.spent, stopped, own.short)


async def _station(job: ClusterJob) -> WorkerSession:
    """The run's station on this worker, opened by whoever comes first."""
    if job.id in _left:
        raise RunAbortedError("the run has ended here")
    place = (job.folder, job.id)
    if place not in _stations:
        _stations[place] = asyncio.ensure_future(WorkerSession(job).open())
    return await asyncio.shield(_stations[place])


async def leave_run(folder: Path, ended: str = "") -> list[tuple[str, bytes]]:
    """Stop whatever goes on here for runs in a folder; returns the shards that the driver cannot
    reach.

    `ended` is the job of which nothing may begin any more.
    """
    _left.add(ended)
    left = []
    for place in [place for place in _stations if place[0] == folder]:
        with suppress(
            ModelError, prompts.PromptError
        ):  # one that could not be opened has nothing to leave
            left.append(await (await _stations.pop(place)).close())
    return [shard for shard in left if shard]


async def check_worker(experiment: Experiment, fingerprint: str) -> None:
    """See that models, keys and prompts are right on this worker. Raises ModelError or PromptError,
    one line.
    """
    _check_prompts(experiment, fingerprint)
    async with models.http_client(experiment) as client:
        await models.check_servers(experiment, client)


def _check_prompts(experiment: Experiment, fingerprint: str) -> None:
    """See that the prompts here are the driver's."""
    if prompts.templates_hash(experiment.prompts) != fingerprint:
        raise prompts.PromptError(
            "the prompts there are others: install one version, and let --prompts be reached"
        )
