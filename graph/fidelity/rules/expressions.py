"""The table of expressions of value, `expressions.csv`, by family.

Fixed expressions have a grade of their own, between -1 and 1, a little beyond for "always" and
"never"; `low~high` is a range. Heads, marked `+` or `-`, take their grade from the words around
them; `+?` and `-?` mark weak heads, which say nothing without such words.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import itemgetter

ORDER = (
    "unwanted", "act", "member", "right", "trust", "importance", "closeness", "worry",
    "interest", "proud", "happy", "satisfied", "secure", "respect", "comparison", "good",
    "share", "frequency", "likely", "agreement",
)  # fmt: skip
"""The families in the order in which the options of an item are tried on them."""


@dataclass(frozen=True)
class Family:
    """The expressions of one kind of value.

    `fixed`: lowest and highest grade, and pattern. `heads`: sign, pattern, and whether it is weak.
    """

    fixed: tuple[tuple[float, float, re.Pattern[str]], ...]
    heads: tuple[tuple[int, re.Pattern[str], bool], ...]


@cache
def families() -> dict[str, Family]:
    """Return the expressions that ship with the package, by family."""
    fixed: dict[str, list[tuple[float, float, re.Pattern[str]]]] = {}
    heads: dict[str, list[tuple[int, re.Pattern[str], bool]]] = {}
    for family, grade, pattern in _rows():
        compiled = _whole_words(pattern)
        if grade[0] in "+-" and not grade[1:2].isdecimal():
            sign = 1 if grade[0] == "+" else -1
            heads.setdefault(family, []).append((sign, compiled, grade[1:] == "?"))
        elif family != "degree":
            low, _, high = grade.partition("~")
            fixed.setdefault(family, []).append((float(low), float(high or low), compiled))
    names = dict.fromkeys([*heads, *fixed])
    return {name: Family(tuple(fixed.get(name, ())), tuple(heads.get(name, ()))) for name in names}


@cache
def degrees() -> dict[str, re.Pattern[str]]:
    """Return the words of degree, by strength."""
    found = {}
    for family, grade, pattern in _rows():
        if family == "degree":
            found[grade] = _whole_words(pattern)
    return found


def words_of_value() -> str:
    """Return all words in the expressions of value, sorted, on one line."""
    words: set[str] = set()
    for _, _, pattern in _rows():
        words.update(re.findall(r"[a-z]{3,}", pattern))
    return " ".join(sorted(words))


def _whole_words(pattern: str) -> re.Pattern[str]:
    """Compile a pattern so that it matches no part of a word."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    """Read family, grade and pattern of each line of the table."""
    with files("graph.fidelity.rules").joinpath("expressions.csv").open(encoding="utf-8") as file:
        lines = csv.DictReader(line for line in file if not line.startswith("#"))
        return tuple(map(itemgetter("family", "grade", "pattern"), lines))
