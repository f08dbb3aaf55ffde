"""Find the options that a text names, by number or by label."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from survey.profile import Option

SHORT = 300
"""Characters of the longest label; words of longer texts are not kept."""
LONGEST = 15
"""Digits of the longest number that is exact as a float, too."""
SCALE = re.compile(r"\b(?:on )?(?:a|the) scale (?:of|from) \d+ ?(?:to|-|–) ?\d+", re.IGNORECASE)

WORDS_OF_NUMBERS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}


def label_key(text: str) -> str:
    """Return the words alone, for comparing labels: case, punctuation and spacing do not count."""
    return _short_key(text) if len(text) <= SHORT else _key(text)


def _key(text: str) -> str:
    """As `label_key`."""
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


_short_key = lru_cache(maxsize=4096)(_key)
"""The labels of a question are compared with each of its replies."""


def labels_hold_numbers(options: Sequence[Option]) -> bool:
    """Whether a label holds a number in words, so that such a word need not be a code."""
    for option in options:
        if set(label_key(option["label"]).split()) & set(WORDS_OF_NUMBERS):
            return True
    return False


def opening_option(words: str, options: Sequence[Option]) -> Option | None:
    """Return the option with the longest label that opens these words, in any order of words."""
    told = words.split()
    for option in sorted(options, key=lambda option: -len(option["label"])):
        label = label_key(option["label"]).split()
        if (
            label
            and sorted(told[: len(label)]) == sorted(label)
            and _is_only_reading(label, told, options)
        ):
            return option
    return None


def _is_only_reading(label: Sequence[str], told: Sequence[str], options: Sequence[Option]) -> bool:
    """Whether these words, perhaps in another order, can only be this label."""
    if list(label) == list(told[: len(label)]):
        return True
    alike = [
        option for option in options if sorted(label_key(option["label"]).split()) == sorted(label)
    ]
    return len(alike) == 1


def labels_in(text: str, options: Sequence[Option]) -> set[int]:
    """Return the codes of the labels that stand in a text, in any order of their words.

    Labels that are bare numbers do not count. Longer labels come first, and no word is read twice.
    """
    words: list[str] = label_key(text).split()
    found = set()
    for option in sorted(options, key=lambda option: -len(option["label"])):
        label = label_key(option["label"]).split()
        if label and not "".join(label).isdecimal() and _take(label, words):
            found.add(option["code"])
    return found


def _take(label: Sequence[str], words: list[str]) -> bool:
    """Whether the words of a label stand side by side; the function crosses them out in `words`."""
    size, taken = len(label), False
    if not set(label) <= set(words):
        return False
    wanted = sorted(label)
    for at in range(len(words) - size + 1):
        if words[at] in label and sorted(words[at : at + size]) == wanted:
            words[at : at + size] = ["|"] * size
            taken = True
    return taken


def parse_integer(digits: str) -> int | None:
    """Return digits as a number; None where there are too many to be exact everywhere."""
    return int(digits) if len(digits) <= LONGEST else None


def integers_in(text: str) -> set[int | None]:
    """Return all numbers in a text, with None for those of too many digits."""
    return {parse_integer(digits) for digits in re.findall(r"\d+", text)}


def codes_in(text: str, options: Sequence[Option]) -> set[int]:
    """Return the codes of options that stand in a text as numbers."""
    return {option["code"] for option in options} & integers_in(text)
