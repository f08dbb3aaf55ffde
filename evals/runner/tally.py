"""How many answers of models a run holds, of how many; and why a run came to an end before it had
all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.harness.experiment import LLM_GRAPHS, REFERENCES, Experiment, RunEndedError


@dataclass
class Tally:
    """Answers in the directory of a run; `answers` is None while that was not looked up."""

    folder: Path
    total: int
    answers: int | None = None

    def said(self, why: str) -> str:
        """Why a run ends early, and what is kept of it."""
        if self.answers is None:
            return f"{why}; what was answered is kept in {self.folder}; the same command goes on"
        return f"{why}; {self} are kept in {self.folder}; the same command goes on"

    def __str__(self) -> str:
        return f"{self.answers or 0:,} of {self.total:,} answers"


@dataclass(frozen=True)
class EarlyEnd:
    """Why a run ended early, in words, and with which code; `tally`: what it holds."""

    why: str
    code: int
    tally: Tally

    @property
    def ended(self) -> RunEndedError:
        """What the command says at its end."""
        return RunEndedError(self.tally.said(self.why), self.code)


def counted_methods(experiment: Experiment) -> Sequence[str]:
    """The methods whose answers are counted: those that ask a model, or all where none does."""
    return LLM_GRAPHS if experiment.uses_model else REFERENCES
