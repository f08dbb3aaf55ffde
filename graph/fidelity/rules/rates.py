"""How often a year something happens, read from expressions of time."""

import re
from collections.abc import Iterator

EACH = "(?:a|per|each|every)"
FEW = "(?:several|a few|many|multiple|[2-6])"
TIMES_A_YEAR = (
    (rf"less (?:often )?than (?:once|1|oneself) {EACH} year|less than yearly", 0.5),
    (
        rf"less (?:often )?than (?:once {EACH} month|monthly)"
        r"|not even (?:once a month|monthly)"
        r"|every few months",
        5.0,
    ),
    (rf"less (?:often )?than (?:once {EACH} week|weekly)", 24.0),
    (rf"{FEW} times {EACH} day|more than once {EACH} day", 1500.0),
    (rf"{FEW} (?:times|days|evenings) {EACH} week|more than once {EACH} week", 150.0),
    (r"only when (?:attending|you attend|you go to|at) (?:religious )?services?", 40.0),
    (r"(?:special |high )?(?:holy days?|feast days?|religious holidays?)", 3.0),
    (r"daily(?! (?:news)?papers?\b| life\b| press\b)|day (?:in|after) day", 365.0),
    (rf"(?:every|each)(?: single)? (?:day|morning|evening|night)|once {EACH} day", 365.0),
    (
        r"weekly"
        r"|(?:every|each) (?:week|sunday|friday|saturday)"
        rf"|once {EACH} week"
        r"|on (?:sun|fri|satur)days",
        52.0,
    ),
    (rf"monthly|(?:every|each) month|once {EACH} month", 12.0),
    (rf"yearly|annually|(?:every|each) year|once {EACH} year", 1.0),
    (r"(?:practically |almost |virtually )?never(?: or practically never)?|not once", 0.0),
)
RATES = tuple((re.compile(rf"\b(?:{pattern})\b"), rate) for pattern, rate in TIMES_A_YEAR)


def rates_in(plain: str) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and times a year of each expression of time in a plainly spelled sentence.

    An expression that overlaps an earlier rule's match is passed over.
    """
    taken: list[tuple[int, int]] = []
    for pattern, rate in RATES:
        for match in pattern.finditer(plain):
            if not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                yield (*match.span(), rate)


def rate_of(plain: str) -> float | None:
    """Return the times a year that a label gives; None where it gives none."""
    for _, _, rate in rates_in(plain):
        return rate
    return None
