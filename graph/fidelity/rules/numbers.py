"""Numbers in a sentence: places on a scale, and how many or how old somebody is."""

import re
from collections.abc import Iterator
from functools import lru_cache

SCALE = re.compile(
    r"\bscale (?:where|on which|in which)[^;:]*|"
    r"(?:\b(?:on|of|from|along) )?(?:\b(?:a|the) )?(?:[a-z]+ )?"
    r"\bscale\b[^.;]{0,90}?\b[01]\b[^.;0-9]{0,80}?"
    r"(?:\bto\b|-|\band\b)[^.;0-9]{0,60}\b10\b"
    r"(?: ?\([^)]*\)|,? (?:always|never|completely|fully|definitely) [a-z]+)?|"
    r"(?:\bfrom )?\b[01] ?(?:\([^)]*\) ?)?(?:to|-) ?10\b(?: ?\([^)]*\))?|"
    r"\([^()]*,[^()]*,[^()]*\)|"
    r"\b(?:out )?of (?:a possible )?10\b|"
    r"/ ?10\b|"
    r"\b10 (?:point|step|degree)s?\b|"
    r"\bscale of 10\b"
)
"""The description of a scale, which is not where somebody stands on it, or a list of examples in
brackets.
"""
NUMBER = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)?(?![\w%])(?<!\bof \d(?= [a-z]{3,}s\b))|"
    r"(?<![\w.])\d+(?=(?:st|nd|rd|th) (?:step|rung|place|decile|group|level)\b)"
)
AGE = re.compile(
    r"\b(?:you|i|she|he|who) (?:is|are|am)? ?(?:now |just |already |about |only )?(\d{1,3})\b"
    r"(?! (?:out|of|on|people|persons|hours|children))|"
    r"\b(?:man|woman|person|lady|aged?)(?: of)? (\d{1,3})\b|"
    r"\b(\d{1,3}) years? (?:of age|old)\b|"
    r"^(\d{2}) years\b|"
    r"^(?:at )?(\d{2})\b(?=[,. ]*(?:and|you|,|$))|"
    r"\bage[^.;\d]{0,24}(\d{1,3})\b|"
    r"\b(?:turned|turning) (\d{2})\b"
)
YEAR = re.compile(r"\b(1[89]\d\d|20[0-2]\d)\b")
HOUSEHOLD = re.compile(
    r"\b(\d{1,2})(?: of (?:you|us|them)| people| persons| heads| members| souls| "
    r"at (?:home|the table)| in (?:the house|the household|the family|all))|"
    r"\bhousehold[^.;\d]{0,60}(\d{1,2})\b|"
    r"\b(\d{1,2}) person household|"
    r"\bhome of (\d{1,2})\b"
)
CHILDREN = re.compile(
    r"\b(\d{1,2}) (?:\w+ )?(?:children|kids|child|sons|daughters)\b|"
    r"\b(?:parent|mother|father|dad|mum|mom) (?:of|to) (\d{1,2})\b|"
    r"(?<!any )\bchildren[^.;\d]{0,25}(\d{1,2})\b"
)
MEASURED = {
    "age": AGE,
    "year": YEAR,
    "household": HOUSEHOLD,
    "children": CHILDREN,
    "": re.compile(r"\b(\d+)\b"),
}
"""By what is counted, where its number stands; "" is any number."""
ALONE_AT_HOME = re.compile(
    r"\b(?:lives? |living )?(?:all )?"
    r"(?:alone|(?:by|on) (?:your|my|her|his)(?: own|self))\b|"
    r"\bnobody else\b"
)
CHILDLESS = re.compile(
    r"\b(?:no|without|not have(?: any)?) (?:children|kids)\b|"
    r"\bchildless\b"
)
IN_WORDS = (("household", 1, ALONE_AT_HOME), ("children", 0, CHILDLESS))
"""What is counted, the number, and the words that say it without a digit."""


def scale_numbers(plain: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and value of the whole numbers that do not describe a scale."""
    for match in NUMBER.finditer(blank_scales(plain)):
        if match[0].isdecimal():
            yield (*match.span(), int(match[0]))


@lru_cache(maxsize=16384)
def blank_scales(plain: str) -> str:
    """Return the sentence with blanks over descriptions of scales and lists in brackets."""
    return SCALE.sub(lambda match: " " * len(match[0]), plain)


def counting_numbers(plain: str, family: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and value of the numbers that count what `family` says.

    `family` is age, year, household, children, or "" for anything.
    """
    for match in MEASURED[family].finditer(plain):
        group = match.lastindex or 0
        yield (*match.span(group), int(match[group]))
    for name, number, pattern in IN_WORDS:
        if name == family:
            for match in pattern.finditer(plain):
                yield (*match.span(), number)
