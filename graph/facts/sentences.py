"""The sentences of a story, list entries and questions with their answers among them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from graph.facts.numbers import undescribed
from graph.facts.spelling import spelled
from graph.facts.words import concepts

ENTRY = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s+")
ABBREVIATION = re.compile(r"\b(e\.g|i\.e|etc|vs|Dr|Mr|Mrs|Ms|St|No)\.(?=\s)")
END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]?[^\Wa-z_])")

LONGEST = 800
"""Characters; what goes on without an end is read in pieces, since the time it takes grows with its cube."""


@dataclass(frozen=True)
class Sentence:
    """One sentence: `text` as it stands, `plain` in plain spelling, `heading` in plain spelling above a list entry.

    A question that the story asks itself is one sentence with what follows it.
    """

    text: str
    plain: str
    paragraph: int
    heading: str = ""

    @cached_property
    def concepts(self) -> Mapping[str, tuple[int, ...]]:
        """The concepts that stand in it, but in no description of a scale, with their places in `plain`."""
        return concepts(undescribed(self.plain))


def sentences(story: str) -> list[Sentence]:
    """The sentences of a story, in order."""
    found: list[Sentence] = []
    heading = ""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", story.strip())):
        for line in paragraph.splitlines():
            entry = ENTRY.match(line)
            heading = heading if entry else ""
            for text in _answered(_split(line[entry.end() :] if entry else line)):
                found.append(Sentence(text, spelled(text), number, spelled(heading)))
            if line.rstrip(" *_").endswith(":"):
                heading = line
    return found


def _split(line: str) -> Iterator[str]:
    """The sentences of one line, without marks of headings and emphasis at its ends."""
    whole = ABBREVIATION.sub(r"\1", line.strip(" *_#>\t"))
    for part in END.split(whole):
        yield from _pieces(part.strip())


def _pieces(sentence: str) -> Iterator[str]:
    """A sentence as it is, or in pieces where it is too long."""
    while len(sentence) > LONGEST:
        end = sentence.rfind(" ", 1, LONGEST) + 1 or LONGEST
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence


def _answered(parts: Iterator[str]) -> Iterator[str]:
    """Join each question to the sentence behind it."""
    asked = ""
    for part in parts:
        if part.endswith("?") and len(asked) + len(part) < LONGEST:
            asked = f"{asked} {part}".strip()
            continue
        yield f"{asked} {part}".strip()
        asked = ""
    if asked:
        yield asked
