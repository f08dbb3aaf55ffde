"""Where in a sentence an option of a scale is named."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import log
from typing import NamedTuple

from graph.fidelity.rules.clauses import is_denied, pieces_of
from graph.fidelity.rules.countries import countries_in
from graph.fidelity.rules.numbers import blank_scales, counting_numbers, scale_numbers
from graph.fidelity.rules.rates import rates_in
from graph.fidelity.rules.scales import Scale
from graph.fidelity.rules.values import BARE, Reading, degree_words, overlaps, value_readings
from graph.fidelity.rules.words import concepts_in

FIRST = re.compile(
    r"\b(?:above|over|before|ahead of|rather than|weighs? more|outweighs?|comes? first|first|more "
    r"than|matters? more|"
    r"more important|wins?|priority|preference|precedence)\b"
)
CHOSEN = re.compile(
    r"\b(?:prefer\w*|choos\w+|chose|takes?|picks?|opt\w* for|favou?r\w*|side "
    r"with|place|puts?|go(?:es)? for|"
    r"answer\w*)\b"
)
SEX = {
    name: re.compile(
        rf"\b(?:you|i) (?:are|am) (?:an? )?(?:\d+ years? old )?(?:[a-z]+ )?(?:{words})\b|"
        rf"(?:\bas|\bbehold|,|^|:) an? (?:[a-z0-9]+ )??(?:years? old )?(?:{words})\b|"
        rf"(?:^|: )(?:{words})\b(?=[.,;]|$)|^{pronoun}\b(?! or)"
    )
    for name, words, pronoun in (
        ("man", "man|male|boy", "he"),
        ("woman", "woman|female|girl|lady", "she"),
    )
}
BOTH_ENDS = re.compile(r"\bleft(?: and| or| to|/)? ?right\b")
NEAR = 48
"""Within so many characters the words of an option must stand together."""
ALONE = 0.85
"""The most that a name of one word is worth."""
SAID = 0.499
"""So much of an option's name must be said."""


class ValueSpan(NamedTuple):
    """A place in a sentence that leaves these options open. `sure`: it names one, and not only a
    direction.

    `share` is how much of the option's own name is said, where options are told apart by their
    words.
    """

    start: int
    end: int
    codes: frozenset[int]
    sure: bool = True
    share: float = 0.0
    asserted: bool = False


def value_spans(scale: Scale, plain: str, bare: bool) -> list[ValueSpan]:
    """Every place in a sentence in plain spelling where an option of the scale is named; a polar
    scale has none.

    `bare`: words of degree that stand for themselves count too. An option off the scale takes the
    place of the others.
    """
    if scale.kind in ("graded", "polar") and (beside := list(_at_ends(scale, plain))):
        return beside
    if scale.kind == "graded":
        found = value_readings(plain, scale.family)
        if bare:
            found += [
                one
                for one in degree_words(plain)
                if not any(overlaps(one, other) for other in found)
            ]
        plain_grade = BARE in scale.grades.values()
        return [
            ValueSpan(
                one.start,
                one.end,
                codes := _nearest(scale, one),
                (one.sure or plain_grade) and len(codes) == 1,
            )
            for one in found
        ]
    if scale.kind == "rate":
        return [ValueSpan(start, end, _like(scale, rate)) for start, end, rate in rates_in(plain)]
    if scale.kind == "number":
        found_numbers = [
            ValueSpan(start, end, frozenset({n}))
            for start, end, n in scale_numbers(plain)
            if n in scale.codes
        ]
        return found_numbers + list(_at_ends(scale, plain))
    if scale.kind == "counted":
        return [
            ValueSpan(start, end, frozenset({number}))
            for start, end, number in counting_numbers(plain, scale.family)
        ]
    if scale.kind == "country":
        return [
            ValueSpan(start, end, frozenset({code})) for start, end, code in countries_in(plain)
        ]
    if scale.family == "sex":
        return [
            ValueSpan(*match.span(), frozenset({code}), share=1.0)
            for code, ways in scale.named.items()
            for name in {"man", "woman"} & ways[0]
            for match in SEX[name].finditer(plain)
        ]
    return list(_named(scale, plain)) if scale.kind == "words" else []


def _at_ends(scale: Scale, plain: str) -> Iterator[ValueSpan]:
    """The options that are named as a whole: the ends of a scale of numbers, and what is off a
    scale of words.
    """
    text = BOTH_ENDS.sub(lambda match: " " * len(match[0]), blank_scales(plain))
    for code, end in scale.ends.items():
        yield from (
            ValueSpan(*match.span(), frozenset({code}), scale.kind != "number")
            for match in end.finditer(text)
        )


def _nearest(scale: Scale, reading: Reading) -> frozenset[int]:
    """The options whose grade is nearest, or all within the grades of the expression."""
    away = {
        code: max(reading.low - grade, grade - reading.high, 0)
        for code, grade in scale.grades.items()
    }
    return frozenset(code for code, far in away.items() if far <= min(away.values()) + 0.01)


def _like(scale: Scale, rate: float) -> frozenset[int]:
    """The option whose rate is nearest, as a ratio."""
    away = {code: abs(log((rate + 0.2) / (own + 0.2))) for code, own in scale.grades.items()}
    return frozenset(code for code, far in away.items() if far <= min(away.values()) + 0.01)


def _named(scale: Scale, plain: str) -> Iterator[ValueSpan]:
    """Options named by their own words, each where most of it is said; of those at one place the
    fullest.
    """
    held, few = concepts_in(blank_scales(plain)), len(scale.named) <= 3
    found = [
        (-said, len(way.weights), at, code, way, said / whole)
        for code, way, whole in _ways(scale)
        for at in {place for name in way.rarest for place in held.get(name, ())}
        if (said := way.said(held, at)) >= SAID * whole
    ]
    taken: list[tuple[int, int]] = []
    for _, _, at, code, way, share in sorted(found, key=lambda one: one[:3]):
        if any(
            abs(at - place) < NEAR // 2 and (not few or code == other) for place, other in taken
        ):
            continue
        taken.append((at, code))
        no = is_denied(plain, at) and not any(map(_denial, way.weights))
        if not no or scale.denial is not None:
            chosen = scale.denial if no and scale.denial is not None else code
            yield ValueSpan(
                at,
                at + 1,
                frozenset({chosen}),
                share=share if len(way.weights) > 1 else min(share, ALONE),
            )


def _denial(name: str) -> bool:
    """Whether a concept is itself a denial."""
    return name.startswith("no") or name in ("unemploy", "never", "single", "caution")


class OptionWording(NamedTuple):
    """One way to name an option: how well each of its words tells it from the others, and which
    tell most.
    """

    weights: Mapping[str, float]
    rarest: tuple[str, ...]

    def said(self, held: Mapping[str, tuple[int, ...]], at: int) -> float:
        """How much of the name is said around a place; 0 where it wants "other" and that is not
        there.
        """
        near = [
            name
            for name in self.weights
            if any(abs(place - at) <= NEAR for place in held.get(name, ()))
        ]
        if "other" in self.weights and ("other" not in near or len(self.weights) == 1):
            return 0.0
        return sum(self.weights[name] for name in near)


@lru_cache(maxsize=4096)
def _ways(scale: Scale) -> tuple[tuple[int, OptionWording, float], ...]:
    """Every way to name an option of the scale, with its whole weight."""
    counts = Counter(name for ways in scale.named.values() for name in frozenset().union(*ways))
    found = []
    for code, ways in scale.named.items():
        for way in ways:
            weights = {name: log(1 + len(scale.named) / counts[name]) ** 2 for name in way}
            rarest = tuple(
                name for name, weight in weights.items() if weight == max(weights.values())
            )
            found.append((code, OptionWording(weights, rarest), sum(weights.values())))
    return tuple(found)


def preferred_options(found: list[ValueSpan], plain: str) -> list[ValueSpan]:
    """Of options that are all named, the one that is put above the others where something says
    so.
    """
    pieces = [[one for one in found if start <= one.start < end] for start, end in pieces_of(plain)]
    found = next((piece for piece in pieces if len({one.codes for one in piece}) > 1), found)
    if len({one.codes for one in found}) < 2:
        return found
    near = [
        (match.start() - one.start, one)
        for one in found
        for match in FIRST.finditer(plain, one.start)
    ]
    near += [
        (one.start - match.end(), one)
        for one in found
        for match in CHOSEN.finditer(plain, 0, one.start)
    ]
    return [min(near, key=lambda pair: pair[0])[1]] if near else found
