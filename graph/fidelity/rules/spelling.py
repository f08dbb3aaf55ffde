"""Plain spelling: lower case, short forms written out, numbers in digits, so that the same things
look the same.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

SMALL = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen
    eighteen nineteen
    """
ROUND = """
    twenty thirty forty fifty sixty seventy eighty ninety
    """
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
UNITS = {word: number for number, word in enumerate(SMALL.split())}
TENS = {word: 10 * number for number, word in enumerate(ROUND.split(), 2)}
NUMERAL = "|".join([*TENS, *sorted(UNITS, key=len, reverse=True)])
IN_WORDS = re.compile(rf"\b(?:{NUMERAL})(?: (?:and )?(?:{NUMERAL}|hundred|thousand))*\b")
NO_NUMBER = re.compile(
    r"\b(no|any|every|some|each|which|this|that|the other|another|only|not|member of|part "
    r"of|good|bad|new|same|right|"
    r"wrong|important|great|big) one\b|"
    r"\bone (of|an?other|can|cannot|must|should|has|is|needs?|ought|day|does|in|who|or "
    r"(?:more|both)|thing|party|"
    r"single|answer|or two|wants?|knows?|time|year|by)\b"
)
"""Where "one" is a pronoun."""
SHORT_FORMS = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"\bcan't\b|\bcannot\b", "can not"),
        (r"\bwon't\b", "will not"),
        (r"n't\b", " not"),
        (r"'(?:re|ve|ll|d|m)\b", " "),
        (r"'s\b|s'(?=\s)", "s"),
        (r"\(s\)", "s"),
        (r"(?<=[a-z])-(?=[a-z])|(?<=\d)-(?=[a-z])", " "),
        (r"(\d),(?=\d{3}\b)", r"\1"),
        (r"\b(behavi|neighb|col|lab|fav|hon|hum)our", r"\1or"),
        (r"\b([a-z]{3,})iz(e|es|ed|ing|ations?)\b", r"\1is\2"),
    )
)
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
    """A text in plain spelling, on one line."""
    plain = unicodedata.normalize("NFKC", text).translate(SIGNS).lower()
    for pattern, put in SHORT_FORMS:
        plain = pattern.sub(put, plain)
    plain = STEP.sub(lambda found: f"{ORDINALS.index(found[0]) + 1}th", plain)
    plain = NO_NUMBER.sub(lambda found: found[0].replace("one", "oneself"), plain)
    plain = IN_WORDS.sub(lambda found: str(_number(found[0].replace(" and ", " ").split())), plain)
    plain = SHORT_ASIDE.sub(r" \1 ", plain)
    return re.sub(r"\s+", " ", plain).strip()


def _number(words: Sequence[str]) -> int:
    """The number that these words say, years in pairs among them."""
    if len(words) > 1 and 13 <= _small(words[:1]) <= 20 and _small(words[1:2]) >= 10:
        return 100 * _small(words[:1]) + _small(words[1:])  # nineteen eighty-six
    total = part = 0
    for word in words:
        if word == "hundred":
            part = max(part, 1) * 100
        elif word == "thousand":
            total, part = total + max(part, 1) * 1000, 0
        else:
            part += _small([word])
    return total + part


def _small(words: Sequence[str]) -> int:
    """The sum of numbers below a hundred."""
    return sum(TENS.get(word, 0) + UNITS.get(word, 0) for word in words)
