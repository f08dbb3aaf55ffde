"""Runs an experiment on a Dask cluster: workers ask the models, the driver writes the ledger."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import prompts
from baselines.method import Method, Row
from evals.cluster import worker
from evals.cluster.connection import connect, count_threads
from evals.cluster.dispatch import Dispatcher
from evals.cluster.messages import ClusterJob, ClusterTask
from evals.cluster.task_budget import COORDINATOR
from evals.costs.prices import NOTHING, Tariff, tariff_of, tokens_used
from evals.formats import CALLS
from evals.harness import models
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.harness.ledger import Ledger
from evals.harness.plan import Key, Plan, key_of
from evals.harness.run_directory import run_name
from evals.store import shards
from evals.store.call_store import CallStore
from graph.llm.addresses import is_openai_compatible
from graph.llm.factory import address_of

if TYPE_CHECKING:
    from distributed import Client

HAND_OVER = 60.0
"""Seconds that workers have at the end to close their shards, and to send those that the driver
cannot reach.
"""


async def check_workers(experiment: Experiment, cluster: str) -> None:
    """Check models, keys and prompts on every worker. Raises ExperimentError, one line."""
    async with connect(cluster) as client:
        experiment = _worker_experiment(experiment, len(await count_threads(client)))
        templates_hash = prompts.templates_hash(experiment.prompts)
        found = await client.run(worker.check_worker, experiment, templates_hash, on_error="return")
        for address, problem in found.items():
            # An OSError is Dask's: that worker is gone by now.
            if not isinstance(problem, OSError | None):
                raise ExperimentError(f"worker {address}: {problem}")


def _worker_experiment(experiment: Experiment, workers: int) -> Experiment:
    """The experiment for each of so many workers: its share of the limits, full addresses."""
    if experiment.concurrency < workers:
        raise ExperimentError(
            f"--concurrency {experiment.concurrency} is less than one for each of {workers} workers"
        )
    changed: dict[str, Any] = {
        "concurrency": experiment.concurrency // workers,
        "rpm": experiment.rpm and experiment.rpm / workers,
        "tpm": experiment.tpm and experiment.tpm / workers,
        "prompts": experiment.prompts and experiment.prompts.absolute(),
        **dict.fromkeys(("data", "out", "calls", "prices", "max_cost", "cluster", "rows")),
    }
    if is_openai_compatible(experiment.chat):
        changed["base_url"] = address_of(experiment.chat, experiment.base_url)
    if weights := models.weights_of_experiment(experiment):
        changed |= {"weights": weights}
    own = experiment.coordinator_at
    if own and is_openai_compatible(own[0]):
        changed["coordinator_base_url"] = address_of(*own)
    name, url = experiment.embeddings_at
    if "rag" in experiment.graph and is_openai_compatible(name):
        changed |= {"embeddings": name, "embeddings_base_url": address_of(name, url)}
    return Experiment(**experiment.model_dump() | changed)


def _create_job(experiment: Experiment, folder: Path, tariff: Tariff, workers: int) -> ClusterJob:
    """The job of this start of a run, for so many workers."""
    own = tariff.others.get(COORDINATOR)
    return ClusterJob(
        id=uuid4().hex[:8],
        run=run_name(folder),
        experiment=_worker_experiment(experiment, workers),
        templates_hash=prompts.templates_hash(experiment.prompts),
        folder=(folder / shards.SHARDS).absolute(),
        calls=(experiment.calls or folder / CALLS).absolute(),
        prices=((tariff.chat or NOTHING).price, (tariff.embeddings or NOTHING).price),
        coordinator_price=own.price if own else None,
    )


async def run_on_cluster(
    plan: Plan,
    methods: Sequence[Method],
    ledger: Ledger,
    store: CallStore,
    folder: Path,
    on_row: Callable[[Row], None],
) -> None:
    """Answer on the cluster every case of these methods that the ledger does not hold.

    Behaves as `evals.harness.engine.answer_all`. `store` is the run's own call store: workers read
    it, and the replies that they keep are merged into it at the end.
    """
    experiment = plan.experiment
    async with connect(str(experiment.cluster)) as client:
        threads = await count_threads(client)
        tariff = tariff_of(experiment)
        job = _create_job(experiment, folder, tariff, len(threads))
        await _gather_shards(client, job, "")  # what a driver that was killed left
        shards.mark_folder(job.folder, job.id)
        store.leave_wal_mode()
        budget = tariff.budget(None, tokens_used(store))
        if store.rate_limiter.budget and budget:
            store.rate_limiter.budget.spent = budget.spent  # with what the shards brought
        all_returned = False
        try:
            dispatcher = Dispatcher(client, job, ledger, store, on_row, 2 * sum(threads))
            await dispatcher.run(_remaining_tasks(plan, methods, ledger))
            all_returned = True
        finally:
            await _gather_shards(client, job, job.id, all_returned)


async def _gather_shards(
    client: "Client", job: ClusterJob, ended: str, all_returned: bool = False
) -> None:
    """Let the workers end their work for this run, and merge their shards into the call store.

    `ended` is the id of the job of which workers start nothing any more. Where the workers do not
    answer and not all tasks have returned, their shards stay until the next start.
    """
    found: dict[str, list[tuple[str, bytes]]] = {}
    try:
        async with asyncio.timeout(HAND_OVER if client.status == "running" else 0):
            found = await client.run(worker.leave_run, job.folder, ended, on_error="ignore")
    except (OSError, TimeoutError):
        if not all_returned:
            return
    for name, content in chain.from_iterable(found.values()):
        job.folder.mkdir(exist_ok=True)
        (job.folder / name).write_bytes(content)
    shards.merge_shards(job.calls, job.folder)


def _remaining_tasks(
    plan: Plan, methods: Sequence[Method], ledger: Ledger
) -> Iterator[ClusterTask]:
    """The tasks that have cases without a row, one respondent and fold at a time."""
    for respondent in plan.drawn:
        for fold in plan.folds:
            interview = plan.interview(respondent, fold)
            cases = plan.cases(interview.person(plan.codebook), fold)
            done: set[Key] = set()
            for method in methods:
                done |= ledger.done_of(method.graph, method.variant, respondent, fold.number)
            if any(key_of(method, case) not in done for method in methods for case in cases):
                yield ClusterTask(interview, frozenset(done))
