"""Expressions of value in a sentence: how much, how often, how many, with their place and grade."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from graph.fidelity.rules.expressions import degrees, families

BOUNDARY = re.compile(r"[;:,()!?]| - |\b(?:but|while|whereas|although|though|yet|however)\b")
NEGATION = re.compile(
    r"\b(?:not(?! only| merely| just)|no|never|neither|nor|none|without|nobody|far from|anything "
    r"but|by no means)\b"
)
ADDED = re.compile(r", (?:and )?[a-z]+ so\b")
"""A degree that comes after its verb, as in "you reject, and strongly so"."""
MORE = re.compile(r"\bnot (?:only|merely|just)(?: \w+)? $")
"""What announces something stronger."""
HEADLESS = re.compile(
    r"\b(?:(?P<no>not|nor|neither)(?: have| get| place| enjoy)? )?(?:(?:very|too|so|quite) )?"
    r"(?:(?<!as )much(?! as)|a great deal|a lot|completely|somewhat|fully|little|none)(?: at "
    r"all)?\b|\bnot at all\b"
)
REACH = {False: 5, True: 1}
"""How many words may stand between a negation and its head; "without" reaches less far."""
PROPOSITION = re.compile(r"\b(?:that|whether|if|when|because|and)\b")
BEFORE, BEHIND = 46, 60
"""How many characters around its head an expression may take in."""

STRONG, MIDDLE, BARE, WEAK = 1.0, 0.5, 0.6, -0.5


class Reading(NamedTuple):
    """An expression of value: its place in the sentence, and between which grades it lies.

    `sure`: its strength is said, and not only its direction.
    """

    start: int
    end: int
    low: float
    high: float
    sure: bool = True


class Graded(NamedTuple):
    """The grade of a head, and how many characters before and behind it belong to the
    expression.
    """

    grade: float
    before: int
    behind: int
    sure: bool


def value_readings(plain: str, family: str) -> list[Reading]:
    """The expressions of one family in a sentence in plain spelling, in order; none stands within
    another.
    """
    return list(_readings(plain, family))


@lru_cache(maxsize=65536)
def _readings(plain: str, family: str) -> tuple[Reading, ...]:
    """As `readings`, kept for the next fact of the same family."""
    table = families()[family]
    found = [
        Reading(*match.span(), low, high)
        for low, high, pattern in table.fixed
        for match in pattern.finditer(plain)
    ]
    kept: list[Reading] = []
    for reading in sorted(found, key=lambda reading: (reading.start - reading.end, reading.start)):
        if not any(overlaps(reading, other) for other in kept):
            kept.append(reading)
    heads = [
        (sign, match, weak)
        for sign, pattern, weak in table.heads
        for match in pattern.finditer(plain)
    ]
    heads = [head for head in heads if not any(_within(head[1], other) for other in kept)]
    heads = [head for head in heads if not MORE.search(plain[: head[1].start()])]
    places = sorted(
        [match.span() for _, match, _ in heads] + [(one.start, one.end) for one in kept]
    )
    graded = [(_graded(plain, match, sign, places), weak) for sign, match, weak in heads]
    return tuple(sorted(kept + [reading for reading, weak in graded if reading.sure or not weak]))


def overlaps(one: Reading, other: Reading) -> bool:
    """Whether two expressions share a place."""
    return one.start < other.end and other.start < one.end


def _within(head: re.Match[str], reading: Reading) -> bool:
    """Whether a head is part of an expression that has its own grade."""
    return head.start() < reading.end and reading.start < head.end()


def _graded(
    plain: str, head: re.Match[str], sign: int, places: Sequence[tuple[int, int]]
) -> Reading:
    """The grade of a head, from the negations and the words of degree around it."""
    first = max([end for _, end in places if end <= head.start()], default=0)
    last = min([start for start, _ in places if start >= head.end()], default=len(plain))
    before = plain[max(first, head.start() - BEFORE) : head.start()]
    behind = plain[head.end() : min(last, head.end() + BEHIND)]
    before = before[max((match.end() for match in BOUNDARY.finditer(before)), default=0) :]
    stop = BOUNDARY.search(behind)
    if not ADDED.match(behind):
        behind = PROPOSITION.split(behind[: stop.start()] if stop else behind, maxsplit=1)[0]
    grade, left, right, sure = grade_of(before, behind, sign)
    return Reading(head.start() - left, head.end() + right, grade, grade, sure)


def grade_of(before: str, behind: str, sign: int = 1) -> Graded:
    """The grade that the words before and behind it give a head of this sign."""
    no = [
        match
        for match in NEGATION.finditer(before)
        if len(before[match.end() :].split()) <= REACH[match[0] == "without"]
    ]
    left = {name: _last(pattern, before) for name, pattern in degrees().items()}
    right = {name: pattern.search(behind) for name, pattern in degrees().items()}
    if any(left.values()):
        right = {name: match if name == "none" else None for name, match in right.items()}
    degree = _nearest(left, -1) or _nearest(right, 1)
    if left["none"] or right["none"] or re.search(r"\bno(?: \w+)? $", before):
        grade = -STRONG if no or left["none"] else STRONG
    elif degree == "low":
        grade = MIDDLE if no and "not" not in (left["low"] or [""])[0] else WEAK
    elif no:
        grade = WEAK if degree else -BARE
    else:
        grade = {"strong": STRONG, "mid": MIDDLE}.get(degree, BARE)
    if sign < 0:
        grade = -grade if grade > 0 else MIDDLE
    begin = min((match.start() for match in (*no, *left.values()) if match), default=len(before))
    end = max((match.end() for match in right.values() if match), default=0)
    return Graded(
        grade, len(before) - begin, end, bool(degree or no or left["none"] or right["none"])
    )


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The last match in a text."""
    return max(pattern.finditer(text), key=lambda match: match.start(), default=None)


def _nearest(found: Mapping[str, re.Match[str] | None], side: int) -> str:
    """The degree named nearest to the head, before it (-1) or behind (1), and in most letters; ""
    where none is.
    """
    named = [(name, match) for name, match in found.items() if match and name != "none"]
    near = {
        name: ((match.end() if side < 0 else -match.start()), len(match[0]))
        for name, match in named
    }
    return max(near, key=lambda name: near[name], default="")


def degree_words(plain: str) -> Iterator[Reading]:
    """Words of degree that stand for themselves, such as "not very much" or "a great deal"."""
    for match in HEADLESS.finditer(plain):
        if "at all" in match[0] or "none" in match[0]:
            grade = -STRONG
        elif match["no"] or "little" in match[0]:
            grade = WEAK
        else:
            grade = MIDDLE if "somewhat" in match[0] or "quite" in match[0] else STRONG
        yield Reading(*match.span(), grade, grade)
