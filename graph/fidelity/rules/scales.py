"""The scale of an item: how each of its options may be worded in a sentence."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from graph.fidelity.rules.expressions import ORDER, families
from graph.fidelity.rules.rates import rate_of
from graph.fidelity.rules.spelling import plain_words_of
from graph.fidelity.rules.values import grade_of, value_readings
from graph.fidelity.rules.words import concepts_in
from survey.profile import Option

Kind = Literal["graded", "polar", "rate", "number", "counted", "words", "country"]
Texts = Mapping[int, str]
"""Labels or phrases of options in plain spelling, by code."""

COUNTED = (
    ("year", r"\byear\b.*\bborn\b|\bborn\b.*\byear\b|year of birth"),
    ("age", r"\bage\b|how old"),
    ("household", r"household"),
    ("children", r"how many (?:children|kids|sons|daughters)"),
)
"""What is counted, and the question that asks for it."""
MANY = 60
"""An item with more options than this is taken for a list of countries."""
SEXES = {frozenset({"male", "female"}), frozenset({"man", "woman"})}
SMALL_WORDS = frozenset({"a", "the", "of", "to", "at", "all", "in", "are", "is", "have", "has"})
BRACKETS = re.compile(r" ?\(.*?\)")
NO = re.compile(r"\b(?:not|no|never|none|neither)\b")
UNWANTED = re.compile(r"\bnot want|unwanted")


@dataclass(frozen=True, eq=False)
class Scale:
    """The options of an item, and how they are worded.

    graded: `grades` on the scale of a `family` of expressions. polar: said (1) or denied (-1).
    rate: times a year. number: one of `codes`. counted: any number, of what `family` says. words:
    `named` are the concepts of label and phrase of each option, `denial` the option that denies.
    country: by name. `ends` are patterns of options that are named as a whole: the ends of a scale
    of numbers, and options off other scales.
    """

    kind: Kind
    family: str = ""
    codes: frozenset[int] = frozenset()
    grades: Mapping[int, float] = field(default_factory=dict)
    ends: Mapping[int, re.Pattern[str]] = field(default_factory=dict)
    named: Mapping[int, tuple[frozenset[str], ...]] = field(default_factory=dict)
    denial: int | None = None

    def option_words(self, codes: Iterable[int]) -> set[str]:
        """Return the concepts that name these options; none where they are told apart otherwise."""
        found: set[str] = set()
        for code in codes:
            found.update(*self.named.get(code, ()))
        return found


def scale_of(
    question: str, options: Sequence[Option], phrases: Mapping[int, str], ranked: Sequence[int]
) -> Scale:
    """Return the scale of an item.

    `phrases` word an option within a statement, by code; `ranked` are the codes that lie on the
    scale, in order.
    """
    asked = plain_words_of(question)
    if not options:
        return Scale("counted", _counted_family(asked))
    codes = frozenset(option["code"] for option in options)
    if len(options) > MANY:
        return Scale("country", codes=codes)
    labels = {option["code"]: plain_words_of(option["label"]) for option in options}
    told = {code: plain_words_of(phrases.get(code) or label) for code, label in labels.items()}
    in_words = [code for code, label in labels.items() if not label.isdecimal()]
    if len(in_words) * 2 <= len(labels):
        return Scale("number", codes=codes, ends=_ends(labels, in_words))
    return _worded_scale(asked, codes, labels, told, ranked)


def _worded_scale(
    asked: str, codes: frozenset[int], labels: Texts, told: Texts, ranked: Sequence[int]
) -> Scale:
    """Return the scale of an item whose options are told apart by their words."""
    off_scale = _ends(told, codes.difference(ranked))
    rates = _rates(labels, ranked)
    if len(rates) == len(ranked) > 2:
        return Scale("rate", codes=codes, grades=rates)
    polar = _polar(labels, told, ranked)
    if polar and UNWANTED.search(asked):
        return Scale("graded", "unwanted", codes, polar, off_scale)
    if polar:
        return Scale("polar", "", codes, polar, off_scale)
    if frozenset(labels.values()) in SEXES:
        return Scale("words", "sex", codes, named=_named(labels, told))
    family, grades = _graded(asked, labels, told, ranked)
    if family:
        return Scale("graded", family, codes, grades, off_scale)
    denial = _denial(codes, labels, told)
    return Scale("words", "", codes, named=_named(labels, told), denial=denial)


def _counted_family(asked: str) -> str:
    """Return what a question without options counts; "" where none of the kinds known."""
    for family, pattern in COUNTED:
        if re.search(pattern, asked):
            return family
    return ""


def _ends(texts: Texts, codes: Iterable[int]) -> dict[int, re.Pattern[str]]:
    """Return the patterns of options that are named as a whole."""
    return {code: _end(texts[code]) for code in codes}


def _rates(labels: Texts, ranked: Sequence[int]) -> dict[int, float]:
    """Return the times a year that labels say, for those that say any."""
    found = {}
    for code in ranked:
        rate = rate_of(labels[code])
        if rate is not None:
            found[code] = rate
    return found


def _denial(codes: frozenset[int], labels: Texts, told: Texts) -> int | None:
    """Return the option that denies: the only one, or the one whose label begins with a denial."""
    denials = [code for code in codes if NO.search(labels[code]) or NO.search(told[code])]
    if len(denials) == 1:
        return denials[0]
    for code in denials:
        if NO.match(labels[code]):
            return code
    return None


def _named(labels: Texts, told: Texts) -> dict[int, tuple[frozenset[str], ...]]:
    """Return the ways to name each option, as concepts.

    They are its label, the parts of it that "or" joins, and its phrase. A way that names two
    options names none of them.
    """
    named: dict[int, list[frozenset[str]]] = {}
    counts: Counter[frozenset[str]] = Counter()
    for code, label in labels.items():
        texts = (label, BRACKETS.sub("", label), *_alternatives(label), told[code])
        ways = dict.fromkeys(frozenset(concepts_in(text)) for text in texts)
        named[code] = [way for way in ways if way]
        if not NO.search(label):
            counts.update(named[code])
    found = {}
    for code, label in labels.items():
        most = 0 if NO.search(label) else 1
        found[code] = tuple(way for way in named[code] if counts[way] <= most)
    return found


def _alternatives(label: str) -> tuple[str, ...]:
    """Return the two things that a label joins with "or", the second with the words shared."""
    first, _, second = label.partition(" or ")
    if not second or " or " in second:
        return ()
    shared = first.split()[:-1] if " " not in second else []
    return first, " ".join([*shared, second])


def _end(label: str) -> re.Pattern[str]:
    """Return a pattern of the words of a label in their order, with few others between them."""
    words = [word for word in re.findall(r"[a-z]+", label) if word not in SMALL_WORDS]
    between = r"\w*\W+(?:\w+\W+){0,2}?"
    return re.compile(
        r"\b" + between.join(word[: max(4, len(word) - 3)] for word in words) + r"\w*"
    )


def _polar(labels: Texts, told: Texts, ranked: Sequence[int]) -> dict[int, float]:
    """Return which of two options says yes (1) and which no (-1); nothing for other options."""
    if len(ranked) != 2:
        return {}
    for texts in (labels, told):
        grades = {code: -1.0 if NO.search(texts[code]) else 1.0 for code in ranked}
        if sum(grades.values()) == 0:
            return grades
    return {}


def _graded(
    asked: str, labels: Texts, told: Texts, ranked: Sequence[int]
) -> tuple[str, dict[int, float]]:
    """Return the family of whose expressions the options are, and their grades; "" for none."""
    if len(ranked) < 2:
        return "", {}
    for family in ORDER:
        for texts in (told, labels):
            grades = _grades(texts, ranked, family)
            if len(set(grades.values())) == len(ranked):
                return family, grades
    bare = {}
    for code in ranked:
        if len(labels[code].split()) <= 4:
            graded = grade_of(f"{labels[code]} ", "")
            if graded.before or graded.behind:
                bare[code] = graded.grade
    if len(set(bare.values())) < len(ranked):
        return "", {}
    for name in ORDER:
        if families()[name].heads and value_readings(asked, name):
            return name, bare
    return "", bare


def _grades(texts: Texts, ranked: Sequence[int], family: str) -> dict[int, float]:
    """Return the grades of the options in a family, for those that have one."""
    found = {}
    for code in ranked:
        grade = _grade(texts[code], family)
        if grade is not None:
            found[code] = grade
    return found


def _grade(text: str, family: str) -> float | None:
    """Return the one grade that a text has in a family; None where it has none or several."""
    exact: set[float] = set()
    ranges: set[float] = set()
    for reading in value_readings(text, family):
        kind = exact if reading.low == reading.high else ranges
        kind.add((reading.low + reading.high) / 2)
    grades = exact or ranges
    return grades.pop() if len(grades) == 1 else None
