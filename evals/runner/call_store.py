"""Opens the call store of a run, with the limits and the budget of its experiment."""

from pathlib import Path

from evals.costs.prices import Tariff, tariff_of, tokens_used
from evals.formats import CALLS
from evals.harness import models
from evals.harness.experiment import Experiment
from evals.harness.run_directory import run_name
from evals.store import shards
from evals.store.call_store import CallStore
from evals.store.rate_limits import RateLimiter
from evals.store.retry import RetryPolicy


def open_call_store(
    experiment: Experiment, directory: Path, tariff: Tariff | None = None
) -> CallStore:
    """Open the call store of the run in this directory.

    `tariff` prices the calls where other models than the experiment's own are asked as well.
    Raises sqlite3.Error when the store's file cannot be used.
    """
    path = experiment.calls or directory / CALLS
    if not experiment.cluster:  # workers of a cluster may still write shards; the driver asks them
        shards.merge_shards(path, directory / shards.SHARDS)
    retries = RetryPolicy(deadline=models.DEADLINE * experiment.timeout)
    store = CallStore(path, run_name(directory), retry_policy=retries)
    tariff = tariff or tariff_of(experiment)
    budget = tariff.budget(experiment.max_cost, tokens_used(store))
    store.rate_limiter = RateLimiter(experiment.slots, experiment.rpm, experiment.tpm, budget)
    return store
