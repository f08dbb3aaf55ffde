"""Split a story into sentences; an entry of a list is one, and so is a question with its answer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graph.fidelity.rules.numbers import blank_scales
from graph.fidelity.rules.spelling import plain_words_of
from graph.fidelity.rules.words import concepts_in

ENTRY = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s+")
ABBREVIATION = re.compile(r"\b(e\.g|i\.e|etc|vs|Dr|Mr|Mrs|Ms|St|No)\.(?=\s)")
END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]?[^\Wa-z_])")

MARKED = re.compile(r"\s*#|\s*(\*\*|__)\S.*\1\s*\Z")
"""A line that begins as a Markdown heading, or is emphasised as a whole."""
SMALL_WORD = re.compile(r"[a-z]{1,4}\b|[^a-z]", re.IGNORECASE)
LONGEST_TITLE = 100

LONGEST = 800
"""Characters of a sentence. A longer text without an end is read in pieces of this length, since
the time to read it grows with the cube of its length.
"""


@dataclass(frozen=True)
class Sentence:
    """One sentence of a story.

    `text` is the sentence as written and `plain` the same in plain spelling. `heading` is the line
    above the list of which the sentence is an entry, in plain spelling. A question that the story
    asks itself is one sentence with its answer.
    """

    text: str
    plain: str
    paragraph: int
    heading: str = ""

    @cached_property
    def concepts(self) -> Mapping[str, tuple[int, ...]]:
        """The concepts in it with their positions in `plain`; descriptions of scales hold none."""
        return concepts_in(blank_scales(self.plain))


def split_sentences(story: str) -> list[Sentence]:
    """Return the sentences of a story, in order, without headings and titles."""
    found: list[Sentence] = []
    heading = ""
    lines = list(_lines(story))
    for place, (paragraph, line) in enumerate(lines):
        next_line = lines[place + 1][1] if place + 1 < len(lines) else ""
        entry = ENTRY.match(line)
        heading = heading if entry else ""
        body = line[entry.end() :] if entry else line
        if not is_title(line, next_line):
            above = plain_words_of(heading)
            for text in _join_questions(_split(body)):
                found.append(Sentence(text, plain_words_of(text), paragraph, above))
        if line.rstrip(" *_").endswith(":"):
            heading = line
    return found


def without_repeats(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences without those that repeat an earlier one word for word."""
    first: dict[tuple[str, str], Sentence] = {}
    for sentence in sentences:
        first.setdefault((sentence.heading, sentence.plain), sentence)
    return list(first.values())


def is_title(line: str, following: str) -> bool:
    """Whether a line is a heading, by its marks, or by its capitals above a line of text.

    `following` is the next line that is not empty, "" at the end of the story.
    """
    entry = ENTRY.match(line)
    body = line[entry.end() :] if entry else line
    bare = body.strip(" *_#\t").rstrip(":").rstrip(" *_")
    if not bare or len(bare) > LONGEST_TITLE or bare[-1] in ".!?…" or re.search(r"[.!?]\s|:", bare):
        return False
    if body.lstrip().startswith("#"):
        return True
    if entry:
        other = ENTRY.match(following)
        beneath = following[other.end() :] if other else following
        return bool(MARKED.match(body) and following and not MARKED.match(beneath))
    return bool(MARKED.match(body)) or (_capitals(bare) and _is_text(following))


def _capitals(bare: str) -> bool:
    """Whether all words but short ones begin with a capital, as in a title."""
    words = bare.split()
    if len(words) < 2 or not bare[:1].isupper():
        return False
    return all(word[:1].isupper() or SMALL_WORD.fullmatch(word) for word in words)


def _is_text(line: str) -> bool:
    """Whether a line ends like a sentence, or is an entry of a list."""
    return ENTRY.match(line) is not None or line.rstrip(' *_"”’)').endswith((".", "!", "?", "…"))


def _lines(story: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not empty, each with the number of its paragraph."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", story.strip())):
        for line in paragraph.splitlines():
            if line.strip():
                yield number, line


def _split(line: str) -> Iterator[str]:
    """Yield the sentences of one line, without marks of headings and emphasis at its ends."""
    whole = ABBREVIATION.sub(r"\1", line.strip(" *_#>\t"))
    for part in END.split(whole):
        yield from _pieces(part.strip())


def _pieces(sentence: str) -> Iterator[str]:
    """Yield a sentence as it is, or in pieces where it is too long."""
    while len(sentence) > LONGEST:
        end = sentence.rfind(" ", 1, LONGEST) + 1 or LONGEST
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence


def _join_questions(parts: Iterator[str]) -> Iterator[str]:
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
