"""The positions in a sentence where an option of a scale is named."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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
    r"\b(?:"
    r"above|over|before|ahead of|rather than|weighs? more|outweighs?|comes? first|first|"
    r"more than|matters? more|more important|wins?|priority|preference|precedence"
    r")\b"
)
CHOSEN = re.compile(
    r"\b(?:"
    r"prefer\w*|choos\w+|chose|takes?|picks?|opt\w* for|favou?r\w*|side with|place|puts?|"
    r"go(?:es)? for|answer\w*"
    r")\b"
)
MALE, FEMALE = "man|male|boy", "woman|female|girl|lady"


def _says_sex(words: str, pronoun: str) -> re.Pattern[str]:
    """Return a pattern of these words said of the person, or of an opening pronoun."""
    return re.compile(
        rf"\b(?:you|i) (?:are|am) (?:an? )?(?:\d+ years? old )?(?:[a-z]+ )?(?:{words})\b|"
        rf"(?:\bas|\bbehold|,|^|:) an? (?:[a-z0-9]+ )??(?:years? old )?(?:{words})\b|"
        rf"(?:^|: )(?:{words})\b(?=[.,;]|$)|"
        rf"^{pronoun}\b(?! or)"
    )


SEX = {"man": _says_sex(MALE, "he"), "woman": _says_sex(FEMALE, "she")}
BOTH_ENDS = re.compile(r"\bleft(?: and| or| to|/)? ?right\b")
NEAR = 48
"""Characters within which the words of an option must stand together."""
ALONE = 0.85
"""The most that a name of one word is worth."""
SAID = 0.499
"""The least share of an option's name that must be said."""


class ValueSpan(NamedTuple):
    """A place in a sentence that leaves these options open.

    `sure`: it names an option, and not only a direction. `share` is how much of the option's own
    name is said, where options are told apart by their words. `asserted`: nothing names the option;
    the statement itself is made or denied.
    """

    start: int
    end: int
    codes: frozenset[int]
    sure: bool = True
    share: float = 0.0
    asserted: bool = False


def value_spans(scale: Scale, plain: str, bare: bool) -> list[ValueSpan]:
    """Return every place in a plainly spelled sentence where an option of the scale is named.

    `bare`: words of degree without a head count too. A polar scale has none but options off the
    scale, which take the place of the others.
    """
    if scale.kind in ("graded", "polar"):
        off_scale = list(_named_as_a_whole(scale, plain))
        if off_scale or scale.kind == "polar":
            return off_scale
        return list(_graded(scale, plain, bare))
    if scale.family == "sex":
        return list(_sexes(scale, plain))
    if scale.kind == "words":
        return list(_named(scale, plain))
    if scale.kind == "rate":
        return [ValueSpan(start, end, _like(scale, rate)) for start, end, rate in rates_in(plain)]
    if scale.kind == "number":
        found = (number for number in scale_numbers(plain) if number[2] in scale.codes)
        return [*_of_one_option(found), *_named_as_a_whole(scale, plain)]
    if scale.kind == "country":
        return list(_of_one_option(countries_in(plain)))
    return list(_of_one_option(counting_numbers(plain, scale.family)))


def _of_one_option(found: Iterable[tuple[int, int, int]]) -> Iterator[ValueSpan]:
    """Yield a span for each start, end and code."""
    for start, end, code in found:
        yield ValueSpan(start, end, frozenset({code}))


def _graded(scale: Scale, plain: str, bare: bool) -> Iterator[ValueSpan]:
    """Yield the expressions of the scale's family, each with the options of the nearest grade."""
    found = value_readings(plain, scale.family)
    if bare:
        headed = list(found)
        for reading in degree_words(plain):
            if not any(overlaps(reading, other) for other in headed):
                found.append(reading)
    has_bare_grade = BARE in scale.grades.values()
    for reading in found:
        codes = _nearest(scale, reading)
        sure = (reading.sure or has_bare_grade) and len(codes) == 1
        yield ValueSpan(reading.start, reading.end, codes, sure)


def _sexes(scale: Scale, plain: str) -> Iterator[ValueSpan]:
    """Yield the places where a sentence says the person's sex."""
    for code, ways in scale.named.items():
        for name in {"man", "woman"} & ways[0]:
            for match in SEX[name].finditer(plain):
                yield ValueSpan(*match.span(), frozenset({code}), share=1.0)


def _named_as_a_whole(scale: Scale, plain: str) -> Iterator[ValueSpan]:
    """Yield the options named as a whole: ends of a scale of numbers, and options off a scale."""
    text = BOTH_ENDS.sub(lambda match: " " * len(match[0]), blank_scales(plain))
    for code, end in scale.ends.items():
        for match in end.finditer(text):
            yield ValueSpan(*match.span(), frozenset({code}), scale.kind != "number")


def _nearest(scale: Scale, reading: Reading) -> frozenset[int]:
    """Return the options whose grade is nearest, or all within the grades of the expression."""
    away = {
        code: max(reading.low - grade, grade - reading.high, 0)
        for code, grade in scale.grades.items()
    }
    return _least(away)


def _like(scale: Scale, rate: float) -> frozenset[int]:
    """Return the option whose rate is nearest, as a ratio."""
    away = {code: abs(log((rate + 0.2) / (own + 0.2))) for code, own in scale.grades.items()}
    return _least(away)


def _least(away: Mapping[int, float]) -> frozenset[int]:
    """Return the options at the least distance."""
    most = min(away.values(), default=0) + 0.01
    return frozenset(code for code, far in away.items() if far <= most)


class OptionWording(NamedTuple):
    """One way to name an option.

    `weights`: how well each of its words tells it from other options; `whole` is their sum.
    `rarest`: the words that tell most.
    """

    code: int
    weights: Mapping[str, float]
    rarest: tuple[str, ...]
    whole: float

    def said(self, concepts: Mapping[str, tuple[int, ...]], position: int) -> float:
        """Return the weight of the words said around a position.

        It is 0 where the wording wants "other" and that is not said, or is its only word.
        """
        near = [name for name in self.weights if _is_near(concepts.get(name, ()), position)]
        if "other" in self.weights and ("other" not in near or len(self.weights) == 1):
            return 0.0
        return sum(self.weights[name] for name in near)


def _is_near(positions: Iterable[int], position: int) -> bool:
    """Whether one of these positions is close to another one."""
    return any(abs(place - position) <= NEAR for place in positions)


class _Candidate(NamedTuple):
    """A place where enough of an option's wording stands, sorted by the first three fields."""

    unsaid: float
    words: int
    position: int
    wording: OptionWording
    share: float


def _named(scale: Scale, plain: str) -> Iterator[ValueSpan]:
    """Yield options named by their own words where most of it is said, of those at one place the
    fullest.
    """
    few = len(scale.named) <= 3
    taken: list[tuple[int, int]] = []
    for one in _candidates(scale, plain):
        code, position = one.wording.code, one.position
        if any(
            abs(position - place) < NEAR // 2 and (not few or code == other)
            for place, other in taken
        ):
            continue
        taken.append((position, code))
        denied = is_denied(plain, position) and not any(map(_denies, one.wording.weights))
        if denied and scale.denial is None:
            continue
        chosen = scale.denial if denied and scale.denial is not None else code
        share = one.share if len(one.wording.weights) > 1 else min(one.share, ALONE)
        yield ValueSpan(position, position + 1, frozenset({chosen}), share=share)


def _candidates(scale: Scale, plain: str) -> list[_Candidate]:
    """Return the places where enough of an option's wording stands, the fullest first."""
    concepts = concepts_in(blank_scales(plain))
    found = []
    for wording in _wordings(scale):
        positions: set[int] = set()
        for name in wording.rarest:
            positions.update(concepts.get(name, ()))
        for position in positions:
            said = wording.said(concepts, position)
            if said >= SAID * wording.whole:
                words = len(wording.weights)
                found.append(_Candidate(-said, words, position, wording, said / wording.whole))
    return sorted(found, key=lambda one: one[:3])


def _denies(concept: str) -> bool:
    """Whether a concept is itself a denial."""
    return concept.startswith("no") or concept in ("unemploy", "never", "single", "caution")


@lru_cache(maxsize=4096)
def _wordings(scale: Scale) -> tuple[OptionWording, ...]:
    """Return every way to name an option of the scale."""
    counts: Counter[str] = Counter()
    for ways in scale.named.values():
        counts.update(frozenset().union(*ways))
    found = []
    for code, ways in scale.named.items():
        for way in ways:
            # sorted, so that sums of weights do not depend on the order of a set
            weights = {name: log(1 + len(scale.named) / counts[name]) ** 2 for name in sorted(way)}
            most = max(weights.values())
            rarest = tuple(name for name, weight in weights.items() if weight == most)
            found.append(OptionWording(code, weights, rarest, sum(weights.values())))
    return tuple(found)


def preferred_options(found: list[ValueSpan], plain: str) -> list[ValueSpan]:
    """Return, of options that are all named, the one that is put above the others.

    All come back where nothing says which that is.
    """
    for start, end in pieces_of(plain):
        piece = [span for span in found if start <= span.start < end]
        if _differ(piece):
            found = piece
            break
    if not _differ(found):
        return found
    near = []
    for span in found:
        for match in FIRST.finditer(plain, span.start):
            near.append((match.start() - span.start, span))
    for span in found:
        for match in CHOSEN.finditer(plain, 0, span.start):
            near.append((span.start - match.end(), span))
    return [min(near, key=lambda pair: pair[0])[1]] if near else found


def _differ(found: list[ValueSpan]) -> bool:
    """Whether these spans leave different options open."""
    return len({span.codes for span in found}) > 1
