"""Expressions of value in a sentence: how much, how often, how many, with position and grade."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from graph.fidelity.rules.expressions import Family, degrees, families

BOUNDARY = re.compile(r"[;:,()!?]| - |\b(?:but|while|whereas|although|though|yet|however)\b")
NEGATION = re.compile(
    r"\b(?:"
    r"not(?! only| merely| just)|no|never|neither|nor|none|without|nobody|"
    r"far from|anything but|by no means"
    r")\b"
)
ADDED = re.compile(r", (?:and )?[a-z]+ so\b")
"""A degree that comes after its verb, as in "you reject, and strongly so"."""
MORE = re.compile(r"\bnot (?:only|merely|just)(?: \w+)? $")
"""Words that announce something stronger."""
HEADLESS = re.compile(
    r"\b(?:(?P<no>not|nor|neither)(?: have| get| place| enjoy)? )?(?:(?:very|too|so|quite) )?"
    r"(?:(?<!as )much(?! as)|a great deal|a lot|completely|somewhat|fully|little|none)"
    r"(?: at all)?\b|"
    r"\bnot at all\b"
)
REACH = {False: 5, True: 1}
"""How many words may stand between a negation and its head; "without" reaches less far."""
PROPOSITION = re.compile(r"\b(?:that|whether|if|when|because|and)\b")
BEFORE, BEHIND = 46, 60
"""How many characters before and behind its head an expression may take in."""

STRONG, MIDDLE, BARE, WEAK = 1.0, 0.5, 0.6, -0.5


class Reading(NamedTuple):
    """An expression of value: its position in the sentence, and the grades between which it lies.

    `sure`: it says how strong the value is, and not only its direction.
    """

    start: int
    end: int
    low: float
    high: float
    sure: bool = True


class Graded(NamedTuple):
    """The grade of a head, and how many characters before and behind it the expression takes in."""

    grade: float
    before: int
    behind: int
    sure: bool


Head = tuple[int, re.Match[str], bool]
"""The sign of a head, where it stands, and whether it is weak."""


def value_readings(plain: str, family: str) -> list[Reading]:
    """Return the expressions of one family in a plainly spelled sentence, in order.

    None of them stands within another.
    """
    return list(_readings(plain, family))


@lru_cache(maxsize=65536)
def _readings(plain: str, family: str) -> tuple[Reading, ...]:
    """Do the work of `value_readings`; many facts share a family."""
    table = families()[family]
    fixed = _fixed_readings(plain, table)
    heads = list(_heads(plain, table, fixed))
    taken = [match.span() for _, match, _ in heads]
    taken += [(reading.start, reading.end) for reading in fixed]
    taken.sort()
    found = fixed
    for sign, match, weak in heads:
        reading = _graded(plain, match, sign, taken)
        if reading.sure or not weak:
            found.append(reading)
    return tuple(sorted(found))


def _fixed_readings(plain: str, table: Family) -> list[Reading]:
    """Return the fixed expressions of a family, the longer of two that overlap."""
    found = []
    for low, high, pattern in table.fixed:
        for match in pattern.finditer(plain):
            found.append(Reading(*match.span(), low, high))
    found.sort(key=lambda reading: (reading.start - reading.end, reading.start))
    kept: list[Reading] = []
    for reading in found:
        if not any(overlaps(reading, other) for other in kept):
            kept.append(reading)
    return kept


def _heads(plain: str, table: Family, fixed: Sequence[Reading]) -> Iterator[Head]:
    """Yield the heads of a family in a sentence that are no part of a fixed expression."""
    for sign, pattern, weak in table.heads:
        for match in pattern.finditer(plain):
            if any(_within(match, reading) for reading in fixed):
                continue
            if not MORE.search(plain[: match.start()]):
                yield sign, match, weak


def overlaps(one: Reading, other: Reading) -> bool:
    """Whether two expressions share a position."""
    return one.start < other.end and other.start < one.end


def _within(head: re.Match[str], reading: Reading) -> bool:
    """Whether a head is part of an expression that has its own grade."""
    return head.start() < reading.end and reading.start < head.end()


def _graded(
    plain: str, head: re.Match[str], sign: int, taken: Sequence[tuple[int, int]]
) -> Reading:
    """Read a head with the negations and words of degree around it.

    `taken` are the positions of all expressions; what a head takes in ends at its neighbours.
    """
    first, last = 0, len(plain)
    for start, end in taken:
        if end <= head.start():
            first = max(first, end)
        if start >= head.end():
            last = min(last, start)
    before = plain[max(first, head.start() - BEFORE) : head.start()]
    for boundary in list(BOUNDARY.finditer(before))[-1:]:
        before = before[boundary.end() :]
    behind = plain[head.end() : min(last, head.end() + BEHIND)]
    if not ADDED.match(behind):
        stop = BOUNDARY.search(behind)
        clause = behind[: stop.start()] if stop else behind
        behind = PROPOSITION.split(clause, maxsplit=1)[0]
    grade, left, right, sure = grade_of(before, behind, sign)
    return Reading(head.start() - left, head.end() + right, grade, grade, sure)


def grade_of(before: str, behind: str, sign: int = 1) -> Graded:
    """Return the grade that the words before and behind it give a head of this sign (1 or -1)."""
    negations = _negations(before)
    left = {name: _last(pattern, before) for name, pattern in degrees().items()}
    right = {name: pattern.search(behind) for name, pattern in degrees().items()}
    if any(left.values()):
        right = dict.fromkeys(right) | {"none": right["none"]}
    degree = _nearest(left, -1) or _nearest(right, 1)
    none = left["none"] or right["none"]
    if none or re.search(r"\bno(?: \w+)? $", before):
        grade = -STRONG if negations or left["none"] else STRONG
    elif degree == "low":
        denied_low = "not" in left["low"][0] if left["low"] else False
        grade = MIDDLE if negations and not denied_low else WEAK
    elif negations:
        grade = WEAK if degree else -BARE
    else:
        grade = {"strong": STRONG, "mid": MIDDLE}.get(degree, BARE)
    if sign < 0:
        grade = -grade if grade > 0 else MIDDLE
    begin, end = len(before), 0
    for match in (*negations, *left.values()):
        begin = min(begin, match.start()) if match else begin
    for match in right.values():
        end = max(end, match.end()) if match else end
    sure = bool(degree or negations or none)
    return Graded(grade, len(before) - begin, end, sure)


def _negations(before: str) -> list[re.Match[str]]:
    """Return the negations close enough to what follows this text."""
    found = []
    for match in NEGATION.finditer(before):
        between = before[match.end() :].split()
        if len(between) <= REACH[match[0] == "without"]:
            found.append(match)
    return found


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the last match in a text."""
    return max(pattern.finditer(text), key=lambda match: match.start(), default=None)


def _nearest(found: Mapping[str, re.Match[str] | None], side: int) -> str:
    """Return the degree named nearest to the head, the longest of those equally near; "" for none.

    `side` is -1 for matches before the head, 1 for those behind it.
    """
    near = {}
    for name, match in found.items():
        if match and name != "none":
            near[name] = (match.end() if side < 0 else -match.start(), len(match[0]))
    return max(near, key=lambda name: near[name], default="")


def degree_words(plain: str) -> Iterator[Reading]:
    """Yield words of degree without a head, such as "not very much" or "a great deal"."""
    for match in HEADLESS.finditer(plain):
        if "at all" in match[0] or "none" in match[0]:
            grade = -STRONG
        elif match["no"] or "little" in match[0]:
            grade = WEAK
        elif "somewhat" in match[0] or "quite" in match[0]:
            grade = MIDDLE
        else:
            grade = STRONG
        yield Reading(*match.span(), grade, grade)
