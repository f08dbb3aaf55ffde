"""What a model makes of the points that the rules leave open: one call a story, one line a
point.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graph.fidelity.check import Fact, Fidelity, Verdict
from graph.nodes.call import complete
from graph.reply_reader.thoughts import without_thoughts
from graph.settings import Settings
from survey.profile import Answer, single_line, statement_of

OF_FACTS = frozenset({"kept", "altered", "missing", "unsure"})
OF_SENTENCES = frozenset({"kept", "invented", "unsure"})
LINE = re.compile(
    r"[\s*\-•]*\[?(\d+)\]?[.):\s*]+\[?(kept|altered|missing|invented|unsure)\]?[\s*:,\-–—]*"
    r"(?:[\"“”«](?P<quote>.*)[\"“”»])?[\s*.]*",
    re.IGNORECASE,
)
"""A line of the reply: number, verdict, and the words of the story in double quotes."""
NOT_THERE = "a quote that is not in the story"
NO_LINE = "no verdict in the form asked for"
UNDECIDED = "the model is unsure too"


@dataclass(frozen=True)
class Ruling:
    """What the model says of one point. `quote` are the words of the story that it rests on, "" for
    none.
    """

    verdict: str
    quote: str


@dataclass(frozen=True)
class Verification:
    """A story's fidelity after a model has judged what was unsure.

    `judged` is how many points got a verdict; `left` counts, by reason, those that stay as they
    were.
    """

    fidelity: Fidelity
    judged: int
    left: Mapping[str, int]


async def verify_story(
    story: str, profile: Sequence[Answer], fidelity: Fidelity, settings: Settings
) -> Verification:
    """Have a model judge what the rules could not; no call where there is nothing of the kind.

    These are facts on which they are unsure, facts that a sentence names but for a value, and
    possible inventions. Raises `graph.llm.errors.CallFailedError` when the call finally fails; all
    stays unsure then.
    """
    facts = points_left(fidelity)
    if not facts and not fidelity.possible:
        return Verification(fidelity, 0, {})
    points = [_fact_point(profile[place], fidelity.facts[place]) for place in facts]
    points += [f"Sentence: {single_line(one.evidence)}" for one in fidelity.possible]
    message = await complete(
        "audit/verify",
        settings,
        backstory=story,
        facts="\n".join(f"- {statement_of(answer)}" for answer in profile),
        points="\n".join(f"{number}. {point}" for number, point in enumerate(points, 1)),
    )
    allowed = [OF_FACTS] * len(facts) + [OF_SENTENCES] * len(fidelity.possible)
    rulings = read_rulings(str(message.text), story, allowed)
    return _applied(fidelity, facts, rulings)


def points_left(fidelity: Fidelity) -> list[int]:
    """The places of the facts that the rules leave open: unsure ones, and those that are named
    without a value.
    """
    return [
        place for place, fact in enumerate(fidelity.facts) if fact.verdict == "unsure" or fact.named
    ]


def _fact_point(answer: Answer, fact: Fact) -> str:
    """How a fact in doubt is put to the model: with its options, and the sentence that the rules
    looked at.
    """
    options = " | ".join(single_line(option["label"]) for option in answer["options"])
    shown = f" [options: {options}]" if options else ""
    return f"Fact: {statement_of(answer)}{shown} - Looked at: {single_line(fact.evidence)}"


def read_rulings(text: str, story: str, allowed: Sequence[frozenset[str]]) -> list[Ruling | str]:
    """Read the model's lines: for each point its ruling, or why there is none.

    `allowed` holds the verdicts that each point may get. A point with two different verdicts has
    none, and neither has one whose quote does not stand in the story, or that quotes nothing
    although its verdict rests on words.
    """
    found: dict[int, set[Ruling | str]] = {}
    for line in without_thoughts(text).splitlines():
        match = LINE.fullmatch(line)
        place = int(match[1]) - 1 if match and len(match[1]) < 6 else -1
        if match and 0 <= place < len(allowed):
            found.setdefault(place, set()).add(_ruling(match, story, allowed[place]))
    rulings: list[Ruling | str] = []
    for place in range(len(allowed)):
        said_of_it = found.get(place, {NO_LINE})
        verdicts = {one.verdict if isinstance(one, Ruling) else one for one in said_of_it}
        rulings.append(next(iter(said_of_it)) if len(verdicts) == 1 else NO_LINE)
    return rulings


def _ruling(match: re.Match[str], story: str, allowed: frozenset[str]) -> Ruling | str:
    """What one line rules, or why it rules nothing."""
    verdict, quote = match[2].lower(), (match["quote"] or "").strip()
    if verdict not in allowed:
        return NO_LINE
    if verdict == "unsure":
        return UNDECIDED
    words = _compared(quote)
    if words and f" {words} " not in f" {_compared(story)} ":
        return NOT_THERE
    if not words and verdict != "missing":
        return NOT_THERE
    return Ruling(verdict, quote if words else "")


def _compared(text: str) -> str:
    """The words of a text with one space between them, in small letters, so that marks and line
    ends do not count.
    """
    return " ".join(re.findall(r"\w+", text.lower()))


def _applied(
    fidelity: Fidelity, places: Sequence[int], rulings: Sequence[Ruling | str]
) -> Verification:
    """The fidelity with these rulings: of the facts at these places first, then of the possible
    inventions.
    """
    facts = list(fidelity.facts)
    for place, ruling in zip(places, rulings, strict=False):
        if isinstance(ruling, Ruling):
            facts[place] = _ruled(facts[place], ruling)
    invented, possible = list(fidelity.invented), []
    for one, ruling in zip(fidelity.possible, rulings[len(places) :], strict=True):
        if isinstance(ruling, str):
            possible.append(one)
        elif ruling.verdict == "invented":
            invented.append(replace(one, verified=True))
    left: dict[str, int] = {}
    for ruling in rulings:
        if isinstance(ruling, str):
            left[ruling] = left.get(ruling, 0) + 1
    after = replace(
        fidelity, facts=tuple(facts), invented=tuple(invented), possible=tuple(possible)
    )
    return Verification(after, len(rulings) - sum(left.values()), left)


def _ruled(fact: Fact, ruling: Ruling) -> Fact:
    """A fact with the model's verdict; it does not say which other option is stated."""
    verdict: Verdict = "kept" if ruling.verdict == "kept" else "altered"
    if ruling.verdict == "missing":
        verdict = "missing"
    stated = fact.code if verdict == "kept" else None
    evidence = ruling.quote or fact.evidence
    return replace(
        fact, verdict=verdict, evidence=evidence, stated=stated, verified=True, named=False
    )
