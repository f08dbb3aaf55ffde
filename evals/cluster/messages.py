"""What goes between the driver of a run on a cluster and its workers."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from baselines.method import Row
from evals.harness.experiment import Experiment
from evals.harness.plan import Interview, Key
from evals.store.budget import FREE, Price


@dataclass(frozen=True)
class ClusterJob:
    """What all tasks of one run have in common; no secret, since keys come from each worker's
    environment.

    `id` names this start of the run, `run` who pays in the call store. `experiment` carries a
    worker's part of the limits, `prompts` is the hash of its templates. `folder` holds the shards
    and `calls` is the run's call store, where a worker can reach them. `prices` are those of chat
    and embeddings.
    """

    id: str
    run: str
    experiment: Experiment
    prompts: str
    folder: Path
    calls: Path
    prices: tuple[Price, Price] = (FREE, FREE)


@dataclass(frozen=True)
class ClusterTask:
    """One respondent in one fold.

    `interview` is who is asked. `done` are the keys that need not be asked. `lent` is what may be
    spent, None without limit. `answered`: the model has replied to this run before, to whichever
    worker. `lost` counts lost workers.
    """

    interview: Interview
    done: frozenset[Key] = field(repr=False)
    lent: float | None = None
    answered: bool = False
    attempt: int = 1
    lost: int = 0

    @property
    def name(self) -> str:
        """By what a task is known, whoever tries it and how often."""
        return f"{self.interview.respondent}-{self.interview.fold}"

    def key(self, job: ClusterJob) -> str:
        """By what Dask knows this attempt: under a key that failed it would only repeat the
        failure.
        """
        return f"valuesim-{job.id}-{self.name}-{self.attempt}"

    def again(self, lost: int = 0, done: frozenset[Key] = frozenset()) -> "ClusterTask":
        """The same task for another attempt; some of it may be done by now."""
        return replace(self, attempt=self.attempt + 1, lost=self.lost + lost, done=self.done | done)


@dataclass(frozen=True)
class TaskOutcome:
    """What came of a task. `stopped` says why the whole run should end; `short`: the task spent
    what it was lent.
    """

    rows: list[Row]
    tokens: int
    money: float
    stopped: str = ""
    short: bool = False


class TaskTakenError(Exception):
    """A task that ended early because nobody seemed to wait for it any more."""
