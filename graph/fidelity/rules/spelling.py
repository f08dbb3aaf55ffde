"""Plain spelling: lower case, short forms written out, numbers in digits.

The same thing is then written the same way wherever it stands.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

BELOW_TWENTY = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen
    """
TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
STEP = re.compile(rf"\b({'|'.join(ORDINALS)})(?= (?:step|rung|place|decile|group|level)\b)")
UNITS = {word: number for number, word in enumerate(BELOW_TWENTY.split())}
TENS = {word: 10 * number for number, word in enumerate(TENS_WORDS.split(), 2)}
NUMERAL = "|".join([*TENS, *sorted(UNITS, key=len, reverse=True)])
IN_WORDS = re.compile(rf"\b(?:{NUMERAL})(?: (?:and )?(?:{NUMERAL}|hundred|thousand))*\b")
NO_NUMBER = re.compile(
    r"\b("
    r"no|any|every|some|each|which|this|that|the other|another|only|not|member of|part of|"
    r"good|bad|new|same|right|wrong|important|great|big"
    r") one\b|"
    r"\bone ("
    r"of|an?other|can|cannot|must|should|has|is|needs?|ought|day|does|in|who|or (?:more|both)|"
    r"thing|party|single|answer|or two|wants?|knows?|time|year|by"
    r")\b"
)
"""Where "one" is a pronoun."""
SHORT_FORMS = (
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'(?:re|ve|ll|d|m)\b"), " "),
    (re.compile(r"'s\b|s'(?=\s)"), "s"),
    (re.compile(r"\(s\)"), "s"),
    (re.compile(r"(?<=[a-z])-(?=[a-z])|(?<=\d)-(?=[a-z])"), " "),
    (re.compile(r"(\d),(?=\d{3}\b)"), r"\1"),
    (re.compile(r"\b(behavi|neighb|col|lab|fav|hon|hum)our"), r"\1or"),
    (re.compile(r"\b([a-z]{3,})iz(e|es|ed|ing|ations?)\b"), r"\1is\2"),
)
"""Patterns, and what is written in their place."""
SHORT_ASIDE = re.compile(r" ?\(((?:[a-z]+ ){0,2}\d+(?: ?/ ?10| out of 10)?)\)")
"""A number in brackets, as in "never justifiable (1)"."""
SIGNS = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": " - ",
        "‑": "-",
        "−": "-",
        "\u00a0": " ",
        "*": "",
        "_": "",
    }
)


@lru_cache(maxsize=65536)
def plain_words_of(text: str) -> str:
    """Return a text in plain spelling, on one line."""
    plain = unicodedata.normalize("NFKC", text).translate(SIGNS).lower()
    for pattern, replacement in SHORT_FORMS:
        plain = pattern.sub(replacement, plain)
    plain = STEP.sub(_ordinal_in_digits, plain)
    plain = NO_NUMBER.sub(lambda found: found[0].replace("one", "oneself"), plain)
    plain = IN_WORDS.sub(_number_in_digits, plain)
    plain = SHORT_ASIDE.sub(r" \1 ", plain)
    return re.sub(r"\s+", " ", plain).strip()


def _ordinal_in_digits(found: re.Match[str]) -> str:
    """Return "3th" for "third"; the endings of all ordinals are alike."""
    return f"{ORDINALS.index(found[0]) + 1}th"


def _number_in_digits(found: re.Match[str]) -> str:
    """Return the digits of a number in words."""
    return str(_number(found[0].replace(" and ", " ").split()))


def _number(words: Sequence[str]) -> int:
    """Return the number that these words say, also a year said in pairs."""
    first, second = _below_hundred(words[:1]), _below_hundred(words[1:2])
    if len(words) > 1 and 13 <= first <= 20 and second >= 10:
        return 100 * first + _below_hundred(words[1:])  # nineteen eighty-six
    total = part = 0
    for word in words:
        if word == "hundred":
            part = max(part, 1) * 100
        elif word == "thousand":
            total, part = total + max(part, 1) * 1000, 0
        else:
            part += _below_hundred([word])
    return total + part


def _below_hundred(words: Sequence[str]) -> int:
    """Return the sum of the numbers below a hundred among these words."""
    return sum(TENS.get(word, 0) + UNITS.get(word, 0) for word in words)
