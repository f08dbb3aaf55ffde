"""Calls that failed: how many of each kind, and one message of each in the server's own words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class FailedCalls:
    """Failed calls by kind, most first.

    `messages` holds for each kind the message that most of its calls have.
    """

    counts: Mapping[str, int]
    messages: Mapping[str, str]

    @classmethod
    def of_answers(cls, answers: pd.DataFrame) -> "FailedCalls":
        """Count the failed calls of an answer frame."""
        failed = answers[answers["error"] != ""]
        return cls.of(zip(failed["error"].astype(str), failed["message"].astype(str), strict=True))

    @classmethod
    def of(cls, failed: Iterable[tuple[str, str]]) -> "FailedCalls":
        """Count pairs of kind and message; a call without a kind did not fail."""
        by_kind: dict[str, Counter[str]] = {}
        for kind, message in failed:
            if kind:
                by_kind.setdefault(kind, Counter())[message] += 1
        counts, messages = {}, {}
        for kind in sorted(by_kind, key=lambda kind: -by_kind[kind].total()):
            counts[kind] = by_kind[kind].total()
            if message := _commonest(by_kind[kind]):
                messages[kind] = message
        return cls(counts, messages)

    @property
    def total(self) -> int:
        """How many calls failed."""
        return sum(self.counts.values())

    def record(self) -> dict[str, object]:
        """Return what `metrics.json` keeps of them."""
        return {"failed": dict(self.counts), "failed_messages": dict(self.messages)}

    @property
    def summary(self) -> str:
        """Kinds and counts on one line."""
        return ", ".join(f"{kind} x {count}" for kind, count in self.counts.items())

    def lines(self) -> list[str]:
        """Return one line for each kind, with its message in quotes."""
        lines = []
        for kind, count in self.counts.items():
            message = f': "{self.messages[kind]}"' if kind in self.messages else ""
            lines.append(f"{kind} x {count}{message}")
        return lines


def _commonest(messages: Counter[str]) -> str:
    """Return the message that comes most often; "" where no call has one."""
    for message, _ in messages.most_common():
        if message:
            return message
    return ""
