"""Calls that failed: how many of each kind, and one message of each in the server's own words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FailedCalls:
    """Failed calls by kind, most first. `messages` holds for each kind the message that most of its
    calls have.
    """

    counts: Mapping[str, int]
    messages: Mapping[str, str]

    @classmethod
    def of(cls, failed: Iterable[tuple[str, str]]) -> "FailedCalls":
        """Count kinds and messages; what has no kind did not fail."""
        said: dict[str, Counter[str]] = {}
        for kind, message in failed:
            if kind:
                said.setdefault(kind, Counter())[message] += 1
        kinds = sorted(said, key=lambda kind: -said[kind].total())
        told = {kind: _most(said[kind]) for kind in kinds}
        return cls(
            {kind: said[kind].total() for kind in kinds},
            {kind: words for kind, words in told.items() if words},
        )

    @property
    def total(self) -> int:
        """How many calls failed."""
        return sum(self.counts.values())

    def record(self) -> dict[str, object]:
        """What `metrics.json` keeps of them."""
        return {"failed": dict(self.counts), "failed_messages": dict(self.messages)}

    @property
    def summary(self) -> str:
        """Kinds and counts on one line."""
        return ", ".join(f"{kind} x {count}" for kind, count in self.counts.items())

    def lines(self) -> list[str]:
        """One line for each kind."""
        return [
            f"{kind} x {count}" + (f': "{self.messages[kind]}"' if kind in self.messages else "")
            for kind, count in self.counts.items()
        ]


def _most(said: Counter[str]) -> str:
    """The message that comes most often, where any call has one."""
    return next((message for message, _ in said.most_common() if message), "")
