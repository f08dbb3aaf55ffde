"""Whether what stands beside a number agrees with it, and names no other option."""

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
    r"(?:almost|nearly|mostly|close to|closer to|near|nearer to|leaning to|leaning "
    r"towards?|towards?)"
)
MORE = re.compile(
    r"\s*(?:\+|(?:or|and)\s+(?:more|less|above|higher|lower|fewer|over|under|up|down|below)\b)",
    re.I,
)


def check_agreement(code: int, rest: str, options: Sequence[Option]) -> None:
    """Raise Unreadable when what stands beside a number names another option, or leaves it open."""
    if MORE.match(rest):
        raise UnreadableError("several_answers", "more than one number is named")
    opening = opening_option(label_key(rest), options)
    if opening is not None and opening["code"] == code:
        _stands_alone(code, _behind(rest, opening), options, labelled=True)
        return
    if over := re.match(r"\W*(?:/|out of|of)\s*(\d+)\b(.*)", rest, re.IGNORECASE | re.DOTALL):
        if not options or parse_integer(over[1]) != max(option["code"] for option in options):
            raise UnreadableError("out_of_range", f"the answer is a fraction: {code} of {over[1]}")
        rest = over[2]
    rest = _nearly(code, THAN.sub(" ", rest), options)
    named = labels_in(re.split(r"[.;\n]", rest, maxsplit=1)[0], options)
    _stands_alone(code, rest, options)
    if (named and named != {code}) or _denied(code, rest, options):
        raise UnreadableError("contradiction", f"the label contradicts the number {code}")


def _denied(code: int, rest: str, options: Sequence[Option]) -> bool:
    """Whether the label of a number stands behind a "not"."""
    label = next((label_key(option["label"]) for option in options if option["code"] == code), "")
    return (
        bool(label)
        and re.search(rf"\b(?:not|never|cannot|t) {label}\b", label_key(rest)) is not None
    )


def _behind(rest: str, opening: Option) -> str:
    """What stands behind the label that opens a text."""
    words = list(re.finditer(r"[^\W_]+", rest))
    size = len(label_key(opening["label"]).split())
    return rest[words[size - 1].end() :] if 0 < size <= len(words) else ""


def _nearly(code: int, rest: str, options: Sequence[Option]) -> str:
    """The text without the label of the nearer end of a scale of bare numbers, where it says how
    near that is.
    """
    if not options or not any(
        option["code"] == code and option["label"].isdecimal() for option in options
    ):
        return rest
    ends = (options[0], options[-1])
    nearer = min(ends, key=lambda option: abs(option["code"] - code))
    words = r"\W+".join(map(re.escape, re.findall(r"[^\W_]+", nearer["label"])))
    return re.sub(rf"\b{NEARLY}\W+{words}\b", " ", rest, flags=re.IGNORECASE)


def _stands_alone(code: int, rest: str, options: Sequence[Option], labelled: bool = False) -> None:
    """Raise Unreadable when what follows an answer on its line names another number, or another
    option as possible.
    """
    several = UnreadableError("several_answers", "more than one number is named")
    if not options:
        first = re.split(r"[.\n]", rest, maxsplit=1)[0]
        if (integers_in(first) - {code}) or turns_to_another(rest, code, options):
            raise several
        return
    shown = re.sub(r"\bnot(?: \w+)? \d+", " ", rest, flags=re.IGNORECASE) if labelled else rest
    if choices_in(shown, options) - {code}:
        raise several
    if leaves_choice_open(without_asides(shown, options), code, options):
        raise UnreadableError("several_answers", "more than one option is named")
