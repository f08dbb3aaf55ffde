"""A run on many machines: Dask carries parts of it to workers, and the driver alone writes the
ledger.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import prompts
from baselines.method import Method, Row
from evals.cluster import worker
from evals.cluster.messages import ClusterJob, ClusterTask
from evals.costs import prices as cost
from evals.formats import CALLS
from evals.harness.experiment import Experiment, ExperimentError
from evals.harness.ledger import Ledger
from evals.harness.plan import Key, Plan, key_of
from evals.harness.run_directory import run_name
from evals.store import shards
from evals.store.call_store import CallStore
from graph.llm.addresses import compatible
from graph.llm.factory import address_of

try:
    from distributed import Client, Security

    from evals.cluster.dispatch import PATIENCE, Dispatch
except ImportError:
    raise ExperimentError(
        "--cluster needs the package distributed: pip install 'valuesim[cluster]'"
    ) from None

HAND_OVER = 60.0
"""Seconds that workers have at the end to close their shards, and to send those that the driver
cannot reach.
"""


@asynccontextmanager
async def connect(cluster: str) -> AsyncIterator[Client]:
    """A client of the scheduler at this address or in this file. Raises ExperimentError when it
    does not answer.
    """
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(
            logging.CRITICAL
        )  # what matters is told in one line of our own
    place = _address(cluster)
    security = Security()
    if place.startswith("tls:") and security.get_connection_args("client")["ssl_context"] is None:
        raise ExperimentError(
            f"--cluster {cluster}: TLS needs certificates: see distributed.comm.tls in Dask's "
            f"settings"
        )
    try:
        client = await Client(
            place, security=security, asynchronous=True, timeout=PATIENCE, set_as_default=False
        )
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())
        raise ExperimentError(
            f"--cluster {cluster}: no scheduler answers there in {PATIENCE:g} s ({why})"
        ) from None
    try:
        yield client
    finally:
        await client.close()


def _address(cluster: str) -> str:
    """The address of a scheduler, as it stands there or in the file that a scheduler writes."""
    if Path(cluster).is_file():
        try:
            return str(json.loads(Path(cluster).read_text())["address"])
        except (OSError, ValueError, KeyError, TypeError):
            raise ExperimentError(
                f"--cluster {cluster}: not a file that a scheduler wrote"
            ) from None
    if ":" not in cluster:
        raise ExperimentError(
            f"--cluster {cluster}: neither the address of a scheduler nor a file of one"
        )
    return cluster


async def check_workers(experiment: Experiment, cluster: str) -> None:
    """See, on every worker, that models, keys and prompts are right. Raises ExperimentError, one
    line.
    """
    async with connect(cluster) as client:
        experiment = _part(experiment, await _slots(client))
        found = await client.run(
            worker.check_worker,
            experiment,
            prompts.templates_hash(experiment.prompts),
            on_error="return",
        )
        for place, problem in found.items():
            if not isinstance(
                problem, OSError | None
            ):  # an OSError is Dask's: the worker is gone by now
                raise ExperimentError(f"worker {place}: {problem}")


async def _slots(client: Client) -> list[int]:
    """How many tasks each worker takes at once. Raises ExperimentError where there is no worker."""
    found: dict[str, int] = await client.nthreads()
    if not found:
        raise ExperimentError(
            f"the scheduler at {client.scheduler.address} has no worker: start some with `dask "
            f"worker`"
        )
    return list(found.values())


def _part(experiment: Experiment, slots: Sequence[int]) -> Experiment:
    """The experiment as one of so many workers is given it: its part of the limits, and every
    address spelt out.
    """
    workers = len(slots)
    if experiment.concurrency < workers:
        raise ExperimentError(
            f"--concurrency {experiment.concurrency} is less than one for each of {workers} workers"
        )
    name, url = experiment.embeddings_at
    changed: dict[str, Any] = {
        "concurrency": experiment.concurrency // workers,
        "rpm": experiment.rpm and experiment.rpm / workers,
        "tpm": experiment.tpm and experiment.tpm / workers,
        "prompts": experiment.prompts and experiment.prompts.absolute(),
        **dict.fromkeys(("data", "out", "calls", "prices", "max_cost", "cluster")),
    }
    if compatible(experiment.model):
        changed["base_url"] = address_of(experiment.model, experiment.base_url)
    if "rag" in experiment.graph and compatible(name):
        changed |= {"embeddings": name, "embeddings_base_url": address_of(name, url)}
    return Experiment(**experiment.model_dump() | changed)


async def run_on_cluster(
    plan: Plan,
    methods: Sequence[Method],
    ledger: Ledger,
    store: CallStore,
    folder: Path,
    seen: Callable[[Row], None],
) -> None:
    """Answer on the cluster every case of these methods that the ledger does not hold; as
    `evals.harness.engine.answer_all`.

    `store` is the run's own call store: workers look in it, and what they keep comes into it at the
    end.
    """
    experiment = plan.experiment
    async with connect(str(experiment.cluster)) as client:
        slots = await _slots(client)
        tariff = cost.tariff_of(experiment)
        job = ClusterJob(
            id=uuid4().hex[:8],
            run=run_name(folder),
            experiment=_part(experiment, slots),
            prompts=prompts.templates_hash(experiment.prompts),
            folder=(folder / shards.SHARDS).absolute(),
            calls=(experiment.calls or folder / CALLS).absolute(),
            prices=((tariff.chat or cost.NOTHING).price, (tariff.embeddings or cost.NOTHING).price),
        )
        await _gather(client, job, "")  # what a driver that was killed left
        shards.mark_folder(job.folder, job.id)
        store.leave_wal_mode()
        if store.rate_limiter.budget and (budget := tariff.budget(None, cost.tokens_used(store))):
            store.rate_limiter.budget.spent = budget.spent  # with what the shards brought
        at_rest = False
        try:
            await Dispatch(client, job, ledger, store, seen, 2 * sum(slots)).all(
                _asked(plan, methods, ledger)
            )
            at_rest = True
        finally:
            await _gather(client, job, job.id, at_rest)


async def _gather(client: Client, job: ClusterJob, gone: str, at_rest: bool = False) -> None:
    """Let the workers end what they do for this directory, and bring their shards into the call
    store.

    Where they cannot be asked and are not known to be `at_rest`, their shards stay until the next
    start.
    """
    found: dict[str, list[tuple[str, bytes]]] = {}
    try:
        async with asyncio.timeout(HAND_OVER if client.status == "running" else 0):
            found = await client.run(worker.leave_run, job.folder, gone, on_error="ignore")
    except (OSError, TimeoutError):
        if not at_rest:
            return
    for name, content in (shard for left in found.values() for shard in left):
        job.folder.mkdir(exist_ok=True)
        (job.folder / name).write_bytes(content)
    shards.merge_shards(job.calls, job.folder)


def _asked(plan: Plan, methods: Sequence[Method], ledger: Ledger) -> Iterator[ClusterTask]:
    """What is left to ask, one respondent and fold at a time."""
    for respondent in plan.drawn:
        for fold in plan.folds:
            interview = plan.interview(respondent, fold)
            person = interview.person(plan.codebook)
            done: set[Key] = set()
            for method in methods:
                done |= ledger.done_of(method.graph, method.variant, respondent, fold.number)
            if any(
                key_of(method, case) not in done
                for method in methods
                for case in plan.cases(person, fold)
            ):
                yield ClusterTask(interview, frozenset(done))
