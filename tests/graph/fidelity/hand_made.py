"""Stories written by hand from known facts, and how the check fares on them."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from graph.fidelity.check import check_story
from graph.fidelity.rules.unsupported import Invention
from survey.codebook import wvs7
from survey.profile import Answer, profile_of

FOLDER = Path(__file__).parents[2] / "stories"
HALVES = ("worked", "held_out")
"""The rules were worked out on the first half alone; the second was read once, when they stood."""
DOUBTED = {"altered": "altered or unsure", "invented": "invented or possible"}
"""What the rules say or leave to a verifier; of these, what is so counts as found."""
ROWS = ("kept", "altered", "altered or unsure", "missing", "invented", "invented or possible")


@dataclass(frozen=True)
class Story:
    """One story, and what its writer knows of it: facts altered and missing, and sentences or parts invented."""

    name: str
    text: str
    profile: list[Answer]
    altered: frozenset[str]
    missing: frozenset[str]
    invented: list[str]

    def truth(self, item: str) -> str:
        """What became of a fact, as the writer knows."""
        return "altered" if item in self.altered else "missing" if item in self.missing else "kept"


@dataclass
class Count:
    """How often the check says something, how often that is so, and how often it should."""

    said: int = 0
    right: int = 0
    due: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.said

    @property
    def recall(self) -> float:
        return self.found / self.due


@dataclass(frozen=True)
class Measured:
    """The figures of one half."""

    stories: int
    facts: int
    counts: dict[str, Count] = field(default_factory=dict)


def stories(half: str) -> Iterator[Story]:
    """The stories of one half."""
    for entry in json.loads((FOLDER / f"{half}.json").read_text(encoding="utf-8")):
        told: list[Answer] = entry.get("profile") or profile_of(wvs7(), entry["facts"], entry["facts"])
        altered, missing = frozenset(entry["altered"]), frozenset(entry["missing"])
        yield Story(entry["name"], entry["story"], told, altered, missing, entry["invented"])


@cache
def measure(half: str) -> Measured:
    """Hold the check against all stories of one half."""
    counts = {row: Count() for row in ROWS}
    number = facts = 0
    for story in stories(half):
        found = check_story(story.text, story.profile)
        number, facts = number + 1, facts + len(found.facts)
        for fact in found.facts:
            _count_fact(counts, story.truth(fact.item), fact.verdict)
        _count_inventions(counts["invented"], story, found.invented)
        _count_inventions(counts["invented or possible"], story, (*found.invented, *found.possible))
    return Measured(number, facts, counts)


def _count_fact(counts: dict[str, Count], truth: str, verdict: str) -> None:
    """Count what the check says of one fact; unsure facts are said in the row of those that are doubted alone."""
    doubted = counts[DOUBTED["altered"]]
    is_doubted, is_altered = verdict in ("altered", "unsure"), truth == "altered"
    doubted.due += is_altered
    doubted.said += is_doubted
    doubted.right += is_doubted and is_altered
    doubted.found += is_doubted and is_altered
    counts[truth].due += 1
    if verdict != "unsure":
        counts[verdict].said += 1
        counts[verdict].right += truth == verdict
        counts[verdict].found += truth == verdict


def _count_inventions(count: Count, story: Story, found: Sequence[Invention]) -> None:
    """An invention is found where the check shows a sentence of it, and is right where that sentence holds one."""
    shown = [one.evidence for one in found]
    parts = [[part for part in re.split(r"(?<=[.!?])\s+", quote) if part] for quote in story.invented]
    count.due += len(parts)
    count.said += len(shown)
    count.found += sum(any(part in sentence for part in quote for sentence in shown) for quote in parts)
    count.right += sum(any(part in sentence for quote in parts for part in quote) for sentence in shown)


def table() -> str:
    """The figures as `docs/audit.md` shows them."""
    measured: dict[str, Any] = {half: measure(half) for half in HALVES}
    lines = [
        "| | worked on: precision | recall | of | held out: precision | recall | of |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in ROWS:
        cells = [
            cell
            for half in HALVES
            for count in [measured[half].counts[kind]]
            for cell in (f"{count.precision:.3f}", f"{count.recall:.3f}", f"{count.due}")
        ]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)
