"""What the options of an item look like in a sentence, so that what is said there leads to an
option.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from graph.fidelity.rules.expressions import ORDER, families
from graph.fidelity.rules.rates import rate_of
from graph.fidelity.rules.spelling import plain_words_of
from graph.fidelity.rules.values import grade_of, value_readings
from graph.fidelity.rules.words import concepts_in
from survey.profile import Option

Kind = Literal["graded", "polar", "rate", "number", "counted", "words", "country"]

COUNTED = (
    ("year", r"\byear\b.*\bborn\b|\bborn\b.*\byear\b|year of birth"),
    ("age", r"\bage\b|how old"),
    ("household", r"household"),
    ("children", r"how many (?:children|kids|sons|daughters)"),
    ("", ""),
)
MANY = 60
"""With more options than this, they are taken for countries."""
SEXES = {frozenset({"male", "female"}), frozenset({"man", "woman"})}
SMALL_WORDS = frozenset({"a", "the", "of", "to", "at", "all", "in", "are", "is", "have", "has"})
BRACKETS = re.compile(r" ?\(.*?\)")
NO = re.compile(r"\b(?:not|no|never|none|neither)\b")


@dataclass(frozen=True, eq=False)
class Scale:
    """The options of an item, and how they are said.

    graded: `grades` on the scale of a `family` of expressions. polar: said (1) or denied (-1).
    rate: times a year. number: one of `codes`. counted: any number, of what `family` says. words:
    `named` are the concepts of label and phrase of each option, `denial` the option that denies.
    country: by name. `ends` are the names of options that are named as a whole: at the ends of a
    scale of numbers, and off other scales.
    """

    kind: Kind
    family: str = ""
    codes: frozenset[int] = frozenset()
    grades: Mapping[int, float] = field(default_factory=dict)
    ends: Mapping[int, re.Pattern[str]] = field(default_factory=dict)
    named: Mapping[int, tuple[frozenset[str], ...]] = field(default_factory=dict)
    denial: int | None = None

    @property
    def rivalry(self) -> tuple[str, str]:
        """By what facts compete for what a sentence says: those of one kind can each be meant."""
        return self.kind, self.family


def scale_of(
    question: str, options: Sequence[Option], phrases: Mapping[int, str], ranked: Sequence[int]
) -> Scale:
    """The scale of an item. `phrases` say how an option reads in a statement; `ranked` are the
    codes on the scale.
    """
    asked, codes = plain_words_of(question), frozenset(option["code"] for option in options)
    labels = {option["code"]: plain_words_of(option["label"]) for option in options}
    told = {code: plain_words_of(phrases.get(code) or label) for code, label in labels.items()}
    if not options:
        return Scale(
            "counted", next(family for family, pattern in COUNTED if re.search(pattern, asked))
        )
    if len(options) > MANY:
        return Scale("country", codes=codes)
    if sum(label.isdecimal() for label in labels.values()) * 2 >= len(labels):
        return Scale(
            "number",
            codes=codes,
            ends={c: _end(label) for c, label in labels.items() if not label.isdecimal()},
        )
    off_scale = {code: _end(told[code]) for code in codes.difference(ranked)}
    rates = {code: rate for code in ranked if (rate := rate_of(labels[code])) is not None}
    if len(rates) == len(ranked) > 2:
        return Scale("rate", codes=codes, grades=rates)
    if polar := _polar(labels, told, ranked):
        unwanted = re.search(r"\bnot want|unwanted", asked) is not None
        return Scale(
            "graded" if unwanted else "polar",
            "unwanted" if unwanted else "",
            codes,
            polar,
            off_scale,
        )
    if frozenset(labels.values()) in SEXES:
        return Scale("words", "sex", codes, named=_named(labels, told))
    family, grades = _graded(asked, labels, told, ranked)
    if family:
        return Scale("graded", family, codes, grades, off_scale)
    denials = [code for code in codes if NO.search(labels[code]) or NO.search(told[code])]
    denial = (
        denials[0]
        if len(denials) == 1
        else next((code for code in denials if NO.match(labels[code])), None)
    )
    return Scale("words", "", codes, named=_named(labels, told), denial=denial)


def _named(
    labels: Mapping[int, str], told: Mapping[int, str]
) -> dict[int, tuple[frozenset[str], ...]]:
    """The ways to name each option, as concepts: its label, the parts of it that "or" joins, its
    phrase.
    """
    named: dict[int, dict[frozenset[str], None]] = {}
    for code, label in labels.items():
        ways = [
            frozenset(concepts_in(part))
            for part in (label, BRACKETS.sub("", label), *_alternatives(label), told[code])
        ]
        named[code] = dict.fromkeys(way for way in ways if way)
    plain = Counter(
        way for code, ways in named.items() for way in ways if not NO.search(labels[code])
    )
    return {
        code: tuple(way for way in ways if plain[way] <= (0 if NO.search(labels[code]) else 1))
        for code, ways in named.items()
    }


def _alternatives(label: str) -> tuple[str, ...]:
    """The two things that a label joins with "or", the second with the words that it shares with
    the first.
    """
    first, _, second = label.partition(" or ")
    if not second or " or " in second:
        return ()
    shared = first.split()[:-1] if " " not in second else []
    return first, " ".join([*shared, second])


def _end(label: str) -> re.Pattern[str]:
    """How the end of a scale of numbers is named: the words of its label in their order, few others
    between.
    """
    words = [word for word in re.findall(r"[a-z]+", label) if word not in SMALL_WORDS]
    between = r"\w*\W+(?:\w+\W+){0,2}?"
    return re.compile(
        r"\b" + between.join(word[: max(4, len(word) - 3)] for word in words) + r"\w*"
    )


def _polar(
    labels: Mapping[int, str], told: Mapping[int, str], ranked: Sequence[int]
) -> dict[int, float]:
    """Which of two options says yes (1) and which no (-1); nothing for other options."""
    for texts in (labels, told) if len(ranked) == 2 else ():
        no = [NO.search(texts[code]) is not None for code in ranked]
        if sum(no) == 1:
            return {code: -1.0 if denies else 1.0 for code, denies in zip(ranked, no, strict=True)}
    return {}


def _graded(
    asked: str, labels: Mapping[int, str], told: Mapping[int, str], ranked: Sequence[int]
) -> tuple[str, dict[int, float]]:
    """The family whose expressions the options are, and their grades; "" where there is none."""
    for family in ORDER if len(ranked) > 1 else ():
        for texts in (told, labels):
            grades = {
                code: grade for code in ranked if (grade := _grade(texts[code], family)) is not None
            }
            if len(set(grades.values())) == len(ranked):
                return family, grades
    parts = {
        code: grade_of(f"{labels[code]} ", "") for code in ranked if len(labels[code].split()) <= 4
    }
    bare = {code: graded.grade for code, graded in parts.items() if graded.before or graded.behind}
    if len(set(bare.values())) < len(ranked) or len(ranked) < 2:
        return "", {}
    return next(
        (name for name in ORDER if families()[name].heads and value_readings(asked, name)), ""
    ), bare


def _grade(text: str, family: str) -> float | None:
    """The grade of an option's text; None where no expression of the family, or no single grade,
    stands in it.
    """
    found = value_readings(text, family)
    sure = [reading for reading in found if reading.low == reading.high] or found
    grades = {(reading.low + reading.high) / 2 for reading in sure}
    return grades.pop() if len(grades) == 1 else None
