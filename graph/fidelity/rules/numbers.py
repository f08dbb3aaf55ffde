"""Numbers in a sentence: places on a scale, and how many or how old somebody is."""

import re
from collections.abc import Iterator
from functools import lru_cache

SCALE = re.compile(
    r"\bscale (?:where|on which|in which)[^;:]*|"
    r"(?:\b(?:on|of|from|along) )?(?:\b(?:a|the) )?(?:[a-z]+ "
    r")?\bscale\b[^.;]{0,90}?\b[01]\b[^.;0-9]{0,80}?"
    r"(?:\bto\b|-|\band\b)[^.;0-9]{0,60}\b10\b"
    r"(?: ?\([^)]*\)|,? (?:always|never|completely|fully|definitely) [a-z]+)?|"
    r"(?:\bfrom )?\b[01] ?(?:\([^)]*\) ?)?(?:to|-) ?10\b(?: ?\([^)]*\))?|"
    r"\([^()]*,[^()]*,[^()]*\)|\b(?:out )?of (?:a possible )?10\b|/ ?10\b|\b10 "
    r"(?:point|step|degree)s?\b|"
    r"\bscale of 10\b"
)
"""How a scale is described, which is not where somebody stands on it; lists of examples in brackets
likewise.
"""
NUMBER = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)?(?![\w%])(?<!\bof \d(?= [a-z]{3,}s\b))|"
    r"(?<![\w.])\d+(?=(?:st|nd|rd|th) (?:step|rung|place|decile|group|level)\b)"
)
MEASURED = {
    family: re.compile(pattern)
    for family, pattern in {
        "age": r"\b(?:you|i|she|he|who) (?:is|are|am)? ?(?:now |just |already |about |only "
        r")?(\d{1,3})\b"
        r"(?! (?:out|of|on|people|persons|hours|children))|\b(?:man|woman|person|lady|aged?)(?: "
        r"of)? (\d{1,3})\b|"
        r"\b(\d{1,3}) years? (?:of age|old)\b|^(\d{2}) years\b|^(?:at )?(\d{2})\b(?=[,. "
        r"]*(?:and|you|,|$))|"
        r"\bage[^.;\d]{0,24}(\d{1,3})\b|\b(?:turned|turning) (\d{2})\b",
        "year": r"\b(1[89]\d\d|20[0-2]\d)\b",
        "household": r"\b(\d{1,2})(?: of (?:you|us|them)| people| persons| heads| members| souls| "
        r"at (?:home|the table)| in (?:the house|the household|the "
        r"family|all))|\bhousehold[^.;\d]{0,60}(\d{1,2})\b|"
        r"\b(\d{1,2}) person household|\bhome of (\d{1,2})\b",
        "children": r"\b(\d{1,2}) (?:\w+ )?(?:children|kids|child|sons|daughters)\b|"
        r"\b(?:parent|mother|father|dad|mum|mom) (?:of|to) (\d{1,2})\b|(?<!any "
        r")\bchildren[^.;\d]{0,25}(\d{1,2})\b",
        "": r"\b(\d+)\b",
    }.items()
}
IN_WORDS = (
    (
        "household",
        1,
        re.compile(
            r"\b(?:lives? |living )?(?:all )?(?:alone|(?:by|on) (?:your|my|her|his)(?: "
            r"own|self))\b|\bnobody else\b"
        ),
    ),
    (
        "children",
        0,
        re.compile(r"\b(?:no|without|not have(?: any)?) (?:children|kids)\b|\bchildless\b"),
    ),
)


def scale_numbers(plain: str) -> Iterator[tuple[int, int, int]]:
    """The whole numbers in a sentence in plain spelling that describe no scale: from where to
    where, and which.
    """
    for match in NUMBER.finditer(blank_scales(plain)):
        if match[0].isdecimal():
            yield (*match.span(), int(match[0]))


@lru_cache(maxsize=16384)
def blank_scales(plain: str) -> str:
    """The sentence with blanks where a scale is described, or examples are listed in brackets."""
    return SCALE.sub(lambda match: " " * len(match[0]), plain)


def counting_numbers(plain: str, family: str) -> Iterator[tuple[int, int, int]]:
    """The numbers that count what `family` says (age, year, household, children, or "" for
    anything).
    """
    for match in MEASURED[family].finditer(plain):
        group = match.lastindex or 0
        yield (*match.span(group), int(match[group]))
    for name, number, pattern in IN_WORDS:
        if name == family:
            yield from ((*match.span(), number) for match in pattern.finditer(plain))
