"""Finds closed questions: messages with their options, line by line or in brackets at the end.

The rules are fixed and rather find too few than too many: an ordinary sentence with a slash or a
number in it, or a list that is not to be chosen from, is no closed question.
"""

import re
import unicodedata
from collections.abc import Sequence

from survey.profile import Option

ENTRY = re.compile(
    r"\s*(?:[-*•]\s+)?[(\[]?(?P<mark>\d{1,3}|[A-Za-z])"
    r"(?:[:)\]=](?:\s+|(?!\d))|\.\s+|\s[-–—]\s+)"
    r"(?P<label>\S.*?)\s*"
)
BRACKETS = re.compile(
    r"(?P<asked>.+?)\s*[(\[（](?P<list>[^()\[\]（）]+)[)\]）](?P<end>[\s?.!:？؟。]*)", re.DOTALL
)
OPEN_LIST = re.compile(
    r"(?P<asked>.*[?:？؟])\s*(?P<list>[^?:()\n]+? [/|] [^?:()\n]+?)[\s.!]*", re.DOTALL
)
ASKS = re.compile(r"[?？؟]")
CHOOSE = re.compile(
    r"\b(?:choose|pick|select|tick|which(?: one)?|please (?:answer|reply|respond)|"
    r"(?:answer|reply|respond) (?:with|by|in)|options?|wähle?n?|welche[rs]?|antworte|"
    r"choisi\w*|quelle?|réponde?z?|elige|elija|escoge|escolha|scegli|kies|"
    r"выбер\w*|какой|seç\w*|pilih\w*)\b|选|選|どれ|اختر|اختار|चुन",
    re.IGNORECASE,
)
COMMENT = re.compile(
    r"\b(?:what do you (?:think|make|say) (?:of|about|to) (?:my|our|this|these|the "
    r"following)|thoughts|comments?)\b",
    re.IGNORECASE,
)
"""Asks for a word on a list, and not to choose from it."""
POLAR = frozenset(
    """
    yes no agree disagree true false ja nein oui non sí si não sim да нет evet hayır نعم لا हाँ नहीं
    """.split()  # noqa: SIM905  # a list of words reads better than a list of strings
)
NO_CHOICE = frozenset(
    {"and/or", "he/she", "she/he", "him/her", "his/her", "her/his", "her/him", "s/he", "w/o", "n/a"}
)
MOST_WORDS, LONGEST, INSTRUCTION = 6, 150, 15
"""Words of an option in brackets, characters of one on a line, words of a line behind the list."""


def find_closed_question(text: str) -> tuple[str, list[Option]] | None:
    """The question and the options that a message holds; None where it is no closed question.

    Options keep the numbers they are written with; letters count from 1, and so do options in
    brackets that are not numbers themselves.
    """
    return _read_lines(text) or _read_brackets(text.strip()) or _read_open_list(text.strip())


def _read_lines(text: str) -> tuple[str, list[Option]] | None:
    """A question, then its options, one a line; behind them at most an instruction."""
    lines = [line for line in text.splitlines() if line.strip()]
    matches = list(map(ENTRY.fullmatch, lines))
    start, end = _last_run(matches)
    before, after = lines[:start], lines[end:]
    entries = [entry for entry in matches[start:end] if entry]
    if len(entries) < 2 or not before or not _asks_to_choose(before, entries):
        return None
    if after and not _is_instruction(after):
        return None
    codes = _codes([entry["mark"] for entry in entries])
    labels = [entry["label"] for entry in entries]
    if codes is None or any(len(label) > LONGEST or ASKS.search(label) for label in labels):
        return None
    return _question_with_options("\n".join(before), codes, labels)


def _last_run(matches: Sequence[re.Match[str] | None]) -> tuple[int, int]:
    """Where the last lines that are entries begin and end, one behind the other."""
    end = len(matches)
    while end and not matches[end - 1]:
        end -= 1
    start = end
    while start and matches[start - 1]:
        start -= 1
    return start, end


def _is_instruction(lines: Sequence[str]) -> bool:
    """Whether what stands behind a list is one short line that says how to choose."""
    if len(lines) > 1:
        return False
    return CHOOSE.search(lines[0]) is not None and len(lines[0].split()) <= INSTRUCTION


def _asks_to_choose(before: Sequence[str], entries: Sequence[re.Match[str]]) -> bool:
    """Whether the lines before a list ask to choose from it."""
    last = before[-1]
    if COMMENT.search(last):
        return False
    if ASKS.search(last) or CHOOSE.search(last):
        return True
    has_colons = all(entry.group().strip()[len(entry["mark"])] == ":" for entry in entries)
    return has_colons and any(map(ASKS.search, before))


def _codes(marks: Sequence[str]) -> list[int] | None:
    """Numbers that begin at 0 or 1 and rise, or letters from a on as numbers from 1.

    None for anything else.
    """
    if all(map(str.isdecimal, marks)):
        numbers = list(map(int, marks))
        rises = numbers == sorted(set(numbers))
        return numbers if numbers[0] in (0, 1) and rises else None
    letters = [ord(mark.lower()) - ord("a") + 1 for mark in marks if mark.isalpha()]
    return letters if letters == list(range(1, len(marks) + 1)) else None


def _read_brackets(text: str) -> tuple[str, list[Option]] | None:
    """A question with its options in brackets at the end: "... (agree / neutral / disagree)"."""
    found = BRACKETS.fullmatch(text)
    parts = _split_options(found["list"]) if found else []
    if not found or not parts:
        return None
    asked, end = found["asked"], found["end"]
    question_ends = ASKS.search(asked[-1]) is not None
    asks_before = question_ends or CHOOSE.search(asked) is not None
    is_spaced = re.search(r"\s[/|]\s", found["list"]) is not None
    is_list = is_spaced or len(parts) > 2 or POLAR.issuperset(map(str.casefold, parts))
    if not asks_before and not (is_list and ASKS.search(asked + end)):
        return None
    question = asked if question_ends else asked + end.strip()
    return _question_with_options(question, _counted_codes(parts), parts)


def _read_open_list(text: str) -> tuple[str, list[Option]] | None:
    """A question with its options behind it: "... ? agree / neutral / disagree"."""
    found = OPEN_LIST.fullmatch(text)
    parts = _split_options(found["list"]) if found else []
    if not found or not parts:
        return None
    asked = found["asked"]
    words = max(len(part.split()) for part in parts)
    if not CHOOSE.search(asked):
        is_short = words <= 2 or (words <= 4 and len(parts) > 2)
        if not is_short or not ASKS.search(asked[-1]):
            return None
    return _question_with_options(asked, _counted_codes(parts), parts)


def _split_options(listed: str) -> list[str]:
    """The options that slashes or bars divide; none where these are no options."""
    parts = [part.strip(" .\"'“”") for part in re.split(r"[/|]", listed)]
    if len(parts) < 2 or "".join(listed.split()).casefold() in NO_CHOICE:
        return []
    if not all(map(_is_option, parts)):
        return []
    numbers = [int(part) for part in parts if part.isdecimal()]
    if numbers:
        row = list(range(numbers[0], numbers[0] + len(parts)))
        if len(parts) < 3 or numbers != row:
            return []
    return parts


def _is_option(part: str) -> bool:
    """Whether a part of a list may be an option: a few words, no address and no path."""
    return bool(part) and len(part.split()) <= MOST_WORDS and not re.search(r"[:@\\=]", part)


def _counted_codes(parts: Sequence[str]) -> list[int]:
    """The codes of options in a row: numbers are their own code, words count from 1."""
    if all(map(str.isdecimal, parts)):
        return list(map(int, parts))
    return list(range(1, len(parts) + 1))


def _question_with_options(
    question: str, codes: Sequence[int], labels: Sequence[str]
) -> tuple[str, list[Option]] | None:
    """The question and its options; None where two options are the same."""
    different = {unicodedata.normalize("NFKC", label).casefold() for label in labels}
    if len(different) < len(labels):
        return None
    options = [Option(code=code, label=label) for code, label in zip(codes, labels, strict=True)]
    return question.strip(), options
