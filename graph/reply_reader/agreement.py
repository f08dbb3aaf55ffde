"""Check that what stands beside a number agrees with it, and names no other option."""

import re
from collections.abc import Sequence

from graph.reply_reader.open_choice import (
    THAN,
    choices_in,
    leaves_choice_open,
    turns_to_another,
    without_asides,
)
from graph.reply_reader.option_words import (
    integers_in,
    label_key,
    labels_in,
    opening_option,
    parse_integer,
)
from graph.reply_reader.unreadable import UnreadableError
from survey.profile import Option

NEARLY = (
    r"(?:almost|nearly|mostly|close to|closer to|near|nearer to|leaning to|"
    r"leaning towards?|towards?)"
)
MORE = re.compile(
    r"\s*(?:\+|(?:or|and)\s+(?:more|less|above|higher|lower|fewer|over|under|up|down|below)\b)",
    re.I,
)
NOT_NUMBER = re.compile(r"\bnot(?: \w+)? \d+", re.IGNORECASE)


def check_agreement(code: int, rest: str, options: Sequence[Option]) -> None:
    """Raise UnreadableError where the rest of a line does not go with the number it follows."""
    if MORE.match(rest):
        raise UnreadableError("several_answers", "more than one number is named")
    opening = opening_option(label_key(rest), options)
    if opening is not None and opening["code"] == code:
        _check_alone(code, NOT_NUMBER.sub(" ", _behind(rest, opening)), options)
        return
    if over := re.match(r"\W*(?:/|out of|of)\s*(\d+)\b(.*)", rest, re.IGNORECASE | re.DOTALL):
        if not options or parse_integer(over[1]) != max(option["code"] for option in options):
            raise UnreadableError("out_of_range", f"the answer is a fraction: {code} of {over[1]}")
        rest = over[2]
    rest = _without_nearer_end(code, THAN.sub(" ", rest), options)
    named = labels_in(re.split(r"[.;\n]", rest, maxsplit=1)[0], options)
    _check_alone(code, rest, options)
    if (named and named != {code}) or _denied(code, rest, options):
        raise UnreadableError("contradiction", f"the label contradicts the number {code}")


def _denied(code: int, rest: str, options: Sequence[Option]) -> bool:
    """Whether the label of a number stands behind a "not"."""
    label = next((label_key(option["label"]) for option in options if option["code"] == code), "")
    if not label:
        return False
    return re.search(rf"\b(?:not|never|cannot|t) {label}\b", label_key(rest)) is not None


def _behind(rest: str, opening: Option) -> str:
    """Return what stands behind the label that opens a text."""
    words = list(re.finditer(r"[^\W_]+", rest))
    size = len(label_key(opening["label"]).split())
    return rest[words[size - 1].end() :] if 0 < size <= len(words) else ""


def _without_nearer_end(code: int, rest: str, options: Sequence[Option]) -> str:
    """Return the text without words such as "close to (the label of the nearer end)".

    They agree with a number on a scale of which only the ends have words.
    """
    labels = {option["code"]: option["label"] for option in options}
    if not labels.get(code, "").isdecimal():
        return rest
    ends = (options[0], options[-1])
    nearer = min(ends, key=lambda option: abs(option["code"] - code))
    words = r"\W+".join(map(re.escape, re.findall(r"[^\W_]+", nearer["label"])))
    return re.sub(rf"\b{NEARLY}\W+{words}\b", " ", rest, flags=re.IGNORECASE)


def _check_alone(code: int, rest: str, options: Sequence[Option]) -> None:
    """Raise UnreadableError where the rest of the line names another number or another option."""
    several = UnreadableError("several_answers", "more than one number is named")
    if not options:
        first = re.split(r"[.\n]", rest, maxsplit=1)[0]
        if (integers_in(first) - {code}) or turns_to_another(rest, code, options):
            raise several
        return
    if choices_in(rest, options) - {code}:
        raise several
    if leaves_choice_open(without_asides(rest, options), code, options):
        raise UnreadableError("several_answers", "more than one option is named")
