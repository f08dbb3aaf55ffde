"""Work that may fail without taking the rest with it: a run that was paid for ends in all tables
that can be made.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from evals.interrupts import raise_if_interrupted

Made = TypeVar("Made")
LONGEST = 200
"""How much of an exception's own words is told."""


class SkippedTables:
    """What could not be worked out, by name, and why."""

    def __init__(self) -> None:
        self.failed: dict[str, str] = {}

    def attempt(self, name: str, work: Callable[[], Made], otherwise: Callable[[], Made]) -> Made:
        """The result of some work; where it fails, whatever the fault, that of `otherwise`, and the
        reason is kept.

        What `otherwise` makes is nothing at all, such as a table without lines, never a figure.
        """
        raise_if_interrupted()
        try:
            return work()
        except (
            Exception
        ) as error:  # of any kind: what was paid for must be shown, and the reason is
            self.failed.setdefault(name, failure_reason(error))
            return otherwise()

    def record(self) -> dict[str, dict[str, str]]:
        """What `metrics.json` keeps of this; nothing where all was worked out."""
        return {"not_worked_out": dict(self.failed)} if self.failed else {}


def failure_reason(error: Exception) -> str:
    """Why something failed, on one line."""
    words = " ".join(str(error).split())[:LONGEST]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def skipped_lines(failed: Mapping[str, str]) -> list[str]:
    """A line for each thing that could not be worked out."""
    return [f"{name} could not be worked out ({why})" for name, why in failed.items()]
