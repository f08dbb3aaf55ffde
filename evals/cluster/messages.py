"""Messages between the driver of a run on a cluster and its workers."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from baselines.method import Row
from evals.harness.experiment import Experiment
from evals.harness.plan import Interview, Key
from evals.store.budget import FREE, Price


@dataclass(frozen=True)
class ClusterJob:
    """The settings and data that all tasks of one run share.

    It holds no secret: keys come from each worker's environment. `id` names this start of the run,
    `run` who pays in the call store. `experiment` carries a worker's share of the limits,
    `templates_hash` is that of the driver's prompts. `folder` holds the shards and `calls` is the
    run's call store, where a worker can reach them. `prices` are those of chat and embeddings,
    `coordinator_price` that of a coordinator with a model of its own.
    """

    id: str
    run: str
    experiment: Experiment
    templates_hash: str
    folder: Path
    calls: Path
    prices: tuple[Price, Price] = (FREE, FREE)
    coordinator_price: Price | None = None


@dataclass(frozen=True)
class ClusterTask:
    """One respondent in one fold.

    `interview` is who is asked, `done` are the keys of cases that have rows. `budget` is the money
    that may be spent, None without a limit. `answered`: the model has replied to this run before,
    to whichever worker. `lost` counts workers that were lost with this task.
    """

    interview: Interview
    done: frozenset[Key] = field(repr=False)
    budget: float | None = None
    answered: bool = False
    attempt: int = 1
    lost: int = 0

    @property
    def name(self) -> str:
        """The name of the task in all its attempts."""
        return f"{self.interview.respondent}-{self.interview.fold}"

    def dask_key(self, job: ClusterJob) -> str:
        """Dask's key of this attempt; under a key that failed, Dask only repeats the failure."""
        return f"valuesim-{job.id}-{self.name}-{self.attempt}"

    def retry(self, lost: int = 0, done: frozenset[Key] = frozenset()) -> "ClusterTask":
        """The same task for another attempt; some of its cases may be done by now."""
        return replace(self, attempt=self.attempt + 1, lost=self.lost + lost, done=self.done | done)


@dataclass(frozen=True)
class TaskOutcome:
    """The result of a task, as a worker returns it.

    `tokens` and `money` are what it spent. `stopped` says why the whole run should end, `short`
    that the task used up its budget before its end.
    """

    rows: list[Row]
    tokens: int
    money: float
    stopped: str = ""
    short: bool = False


class TaskCancelledError(Exception):
    """A task ended early, since the driver no longer waits for it."""
