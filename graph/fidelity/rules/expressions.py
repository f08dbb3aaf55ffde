"""The table of expressions of value, `expressions.csv`: by family, words with a grade of their own,
and heads.

A grade lies between -1 and 1, a little beyond for "always" and "never". `+` and `-` mark heads, `?`
weak ones.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ORDER = (
    "unwanted", "act", "member", "right", "trust", "importance", "closeness", "worry",
    "interest", "proud",
    "happy", "satisfied", "secure", "respect", "comparison", "good", "share", "frequency",
    "likely", "agreement",
)  # fmt: skip
"""The families in the order in which the options of an item are tried on them."""


@dataclass(frozen=True)
class Family:
    """Expressions of one kind of value: `fixed` ones, each with the grades between which it lies,
    and heads.

    A head has a sign, and is graded by the words around it; a weak one says nothing without them.
    """

    fixed: tuple[tuple[float, float, re.Pattern[str]], ...]
    heads: tuple[tuple[int, re.Pattern[str], bool], ...]


@cache
def families() -> dict[str, Family]:
    """The expressions that ship with the package, by family."""
    fixed: dict[str, list[tuple[float, float, re.Pattern[str]]]] = {}
    heads: dict[str, list[tuple[int, re.Pattern[str], bool]]] = {}
    for family, grade, pattern in _rows():
        compiled = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
        if grade[0] in "+-" and not grade[1:2].isdecimal():
            heads.setdefault(family, []).append(
                (1 if grade[0] == "+" else -1, compiled, grade[1:] == "?")
            )
        elif family != "degree":
            low, _, high = grade.partition("~")
            fixed.setdefault(family, []).append((float(low), float(high or low), compiled))
    names = dict.fromkeys([*heads, *fixed])
    return {name: Family(tuple(fixed.get(name, ())), tuple(heads.get(name, ()))) for name in names}


@cache
def degrees() -> dict[str, re.Pattern[str]]:
    """The words of degree, by strength."""
    return {
        grade: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
        for family, grade, pattern in _rows()
        if family == "degree"
    }


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    """The lines of the table of expressions."""
    with files("graph.fidelity.rules").joinpath("expressions.csv").open(encoding="utf-8") as file:
        lines = csv.DictReader(line for line in file if not line.startswith("#"))
        return tuple((line["family"], line["grade"], line["pattern"]) for line in lines)


def words_of_value() -> str:
    """All words in the expressions of value."""
    return " ".join(
        sorted({word for _, _, pattern in _rows() for word in re.findall(r"[a-z]{3,}", pattern)})
    )
