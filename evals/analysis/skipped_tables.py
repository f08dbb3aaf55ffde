"""Skips tables that cannot be made, so that a paid run still ends with all the others."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from evals.interrupts import raise_if_interrupted

Made = TypeVar("Made")
LONGEST = 200
"""How many characters of an exception's message are kept."""


class SkippedTables:
    """The tables, or other parts of an analysis, that could not be made, and why."""

    def __init__(self) -> None:
        self.failed: dict[str, str] = {}

    def attempt(self, name: str, work: Callable[[], Made], otherwise: Callable[[], Made]) -> Made:
        """Return the result of `work`; where it raises any exception, keep the reason by `name`.

        Then the result is that of `otherwise`: something empty, such as a table without lines,
        never a figure. Raises KeyboardInterrupt where one is pending.
        """
        raise_if_interrupted()
        try:
            return work()
        except Exception as error:  # of any kind: the rest of a paid run must still be shown
            self.failed.setdefault(name, failure_reason(error))
            return otherwise()

    def record(self) -> dict[str, dict[str, str]]:
        """Return the reasons as `metrics.json` keeps them; nothing where no table failed."""
        return {"not_worked_out": dict(self.failed)} if self.failed else {}


def failure_reason(error: Exception) -> str:
    """Return why something failed, on one line."""
    words = " ".join(str(error).split())[:LONGEST]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def skipped_lines(failed: Mapping[str, str]) -> list[str]:
    """Return a line for each table that could not be made."""
    return [f"{name} could not be worked out ({why})" for name, why in failed.items()]
