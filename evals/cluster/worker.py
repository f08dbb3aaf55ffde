"""A worker's part in a run on a cluster: it answers the tasks that it gets, and keeps replies."""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path

import prompts
from baselines.method import Row
from evals.cluster.messages import ClusterJob, ClusterTask, TaskCancelledError, TaskOutcome
from evals.cluster.task_budget import TaskBudget, current_task_budget
from evals.cluster.worker_session import WorkerSession, check_prompts
from evals.harness import models
from evals.harness.engine import first_cause
from evals.harness.experiment import Experiment
from graph.llm.errors import RunAbortedError
from graph.llm.factory import ModelError

POLL = 1.0
"""Seconds after which a task sees that nobody waits for it any more."""

REPORTED = (RunAbortedError, ModelError, prompts.PromptError, sqlite3.Error, OSError)
"""Errors that end the run in one line; the driver gets others as they are."""

_sessions: dict[tuple[Path, str], asyncio.Task[WorkerSession]] = {}
_ended_jobs: set[str] = set()


async def answer_task(job: ClusterJob, task: ClusterTask) -> TaskOutcome:
    """Answer one task; stop paying for it soon after nobody waits for it any more.

    Dask lets a coroutine run on when its task was cancelled or its driver died, so this looks for
    itself. Raises TaskCancelledError then.
    """
    from distributed import get_worker

    dask_tasks, key = get_worker().state.tasks, task.dask_key(job)
    work = asyncio.ensure_future(_answer(job, task))
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=POLL)
            dask_task = dask_tasks.get(key)
            if dask_task is None or dask_task.state == "cancelled":
                work.cancel()
    finally:
        work.cancel()
    if work.cancelled():
        raise TaskCancelledError(key)
    return work.result()


async def _answer(job: ClusterJob, task: ClusterTask) -> TaskOutcome:
    """Answer a task's cases; an outcome that ends too early says why."""
    budget = TaskBudget(job, task.budget)
    rows: list[Row] = []
    stopped = ""
    current_task_budget.set(budget)
    try:
        session = await _open_session(job)
        await session.answer(task, rows.append)
    except asyncio.CancelledError:
        budget.closed = True
        raise
    except Exception as error:
        cause = first_cause(error) if isinstance(error, ExceptionGroup) else error
        if not isinstance(cause, REPORTED):
            raise cause from None
        stopped = " ".join(str(cause).split())
    return TaskOutcome(rows, budget.tokens, budget.spent, stopped, budget.short)


async def _open_session(job: ClusterJob) -> WorkerSession:
    """The run's session on this worker, opened by the first task."""
    if job.id in _ended_jobs:
        raise RunAbortedError("the run has ended here")
    key = (job.folder, job.id)
    if key not in _sessions:
        _sessions[key] = asyncio.ensure_future(WorkerSession(job).open())
    return await asyncio.shield(_sessions[key])


async def leave_run(folder: Path, ended: str = "") -> list[tuple[str, bytes]]:
    """Close this worker's sessions of runs with this folder for shards.

    Returns names and contents of the shards that the driver cannot reach. `ended` is the id of the
    job of which nothing may start any more.
    """
    _ended_jobs.add(ended)
    shards = []
    for key in [key for key in _sessions if key[0] == folder]:
        # A session that could not be opened has no shard.
        with suppress(ModelError, prompts.PromptError):
            session = await _sessions.pop(key)
            shards.append(await session.close())
    return [shard for shard in shards if shard]


async def check_worker(experiment: Experiment, templates_hash: str) -> None:
    """Check models, keys and prompts on this worker. Raises ModelError or PromptError, one line."""
    check_prompts(experiment, templates_hash)
    models.check_weights(experiment)
    async with models.http_client(experiment) as client:
        await models.check_servers(experiment, client)
