"""Asks a model to judge the points that the rules leave open: a call a story, a line a point."""

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
    """The model's verdict on one point.

    `quote`: the words of the story that the verdict rests on, "" for none.
    """

    verdict: str
    quote: str


@dataclass(frozen=True)
class Verification:
    """A story's fidelity after a model has judged the open points.

    `judged`: how many points got a verdict; `left`: how many did not, by reason.
    """

    fidelity: Fidelity
    judged: int
    left: Mapping[str, int]


async def verify_story(
    story: str, profile: Sequence[Answer], fidelity: Fidelity, settings: Settings
) -> Verification:
    """Have a model judge the points that the rules leave open; no call where there are none.

    Open points are facts whose verdict is unsure, facts that a sentence names without a value, and
    possible inventions. Raises `graph.llm.errors.CallFailedError` when the call finally fails.
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
    return _apply_rulings(fidelity, facts, rulings)


def points_left(fidelity: Fidelity) -> list[int]:
    """Return the positions, in `fidelity.facts`, of the facts that the rules leave open.

    These are the unsure ones, and those that a sentence names without a value.
    """
    positions = []
    for position, fact in enumerate(fidelity.facts):
        if fact.verdict == "unsure" or fact.named:
            positions.append(position)
    return positions


def _fact_point(answer: Answer, fact: Fact) -> str:
    """Return the line that asks about an open fact: with options and the closest sentence."""
    options = " | ".join(single_line(option["label"]) for option in answer["options"])
    shown = f" [options: {options}]" if options else ""
    return f"Fact: {statement_of(answer)}{shown} - Looked at: {single_line(fact.evidence)}"


def read_rulings(text: str, story: str, allowed: Sequence[frozenset[str]]) -> list[Ruling | str]:
    """Read the model's lines; return for each point its ruling, or why there is none.

    `allowed`: the verdicts that each point may get. A point has no ruling where its lines give
    different verdicts, where the quote is not in the story, or where a verdict other than "missing"
    comes without a quote.
    """
    found: dict[int, set[Ruling | str]] = {}
    for line in without_thoughts(text).splitlines():
        match = LINE.fullmatch(line)
        place = int(match[1]) - 1 if match and len(match[1]) < 6 else -1
        if match and 0 <= place < len(allowed):
            found.setdefault(place, set()).add(_read_ruling(match, story, allowed[place]))
    rulings: list[Ruling | str] = []
    for place in range(len(allowed)):
        lines_of_point = found.get(place, {NO_LINE})
        verdicts = {one.verdict if isinstance(one, Ruling) else one for one in lines_of_point}
        if len(verdicts) == 1:
            rulings.append(next(iter(lines_of_point)))
        else:
            rulings.append(NO_LINE)
    return rulings


def _read_ruling(match: re.Match[str], story: str, allowed: frozenset[str]) -> Ruling | str:
    """Return the ruling that one line gives, or why it gives none."""
    verdict, quote = match[2].lower(), (match["quote"] or "").strip()
    if verdict not in allowed:
        return NO_LINE
    if verdict == "unsure":
        return UNDECIDED
    words = _plain_words(quote)
    if words and f" {words} " not in f" {_plain_words(story)} ":
        return NOT_THERE
    if not words and verdict != "missing":
        return NOT_THERE
    return Ruling(verdict, quote if words else "")


def _plain_words(text: str) -> str:
    """Return a text in lower case, without punctuation and with one space between words."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _apply_rulings(
    fidelity: Fidelity, places: Sequence[int], rulings: Sequence[Ruling | str]
) -> Verification:
    """Return the fidelity with these rulings on the facts at `places`, then on the inventions."""
    facts = list(fidelity.facts)
    for place, ruling in zip(places, rulings, strict=False):
        if isinstance(ruling, Ruling):
            facts[place] = _apply_ruling(facts[place], ruling)
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


def _apply_ruling(fact: Fact, ruling: Ruling) -> Fact:
    """Return a fact with the model's verdict, which does not name the option of an altered one."""
    verdict: Verdict = "kept" if ruling.verdict == "kept" else "altered"
    if ruling.verdict == "missing":
        verdict = "missing"
    stated = fact.code if verdict == "kept" else None
    evidence = ruling.quote or fact.evidence
    return replace(
        fact, verdict=verdict, evidence=evidence, stated=stated, verified=True, named=False
    )
