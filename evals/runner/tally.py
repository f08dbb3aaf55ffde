"""How many answers of models a run holds, and why one ended before it had all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evals.harness.errors import RunEndedError
from evals.harness.experiment import Experiment
from evals.harness.method_names import LLM_GRAPHS, REFERENCES


@dataclass
class Tally:
    """Counts the answers in the directory of a run; `answers` is None before they are counted.

    `by_references`: the answers of the references as an answer frame, None before they are worked
    out; the directory does not keep them, since the same ones can be worked out again.
    """

    directory: Path
    total: int
    answers: int | None = None
    by_references: pd.DataFrame | None = None

    def sentence(self, why: str) -> str:
        """Say why a run ends early, and what its directory keeps."""
        if self.answers is None:
            kept = f"what was answered is kept in {self.directory}"
        else:
            kept = f"{self} are kept in {self.directory}"
        return f"{why}; {kept}; the same command goes on"

    def __str__(self) -> str:
        return f"{self.answers or 0:,} of {self.total:,} answers"


@dataclass(frozen=True)
class EarlyEnd:
    """Why a run ended early, in words, its exit code, and what it holds."""

    why: str
    code: int
    tally: Tally

    @property
    def error(self) -> RunEndedError:
        """The error that ends the command."""
        return RunEndedError(self.tally.sentence(self.why), self.code)


def counted_methods(experiment: Experiment) -> Sequence[str]:
    """Return the methods whose answers count: those that ask a model, or all where none does."""
    return LLM_GRAPHS if experiment.uses_model else REFERENCES
