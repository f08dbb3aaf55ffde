"""Whether a message is a closed question: its options stand in it, line by line or in brackets at
its end.

Fixed rules, and rather too few than too many: an ordinary sentence with a slash or a number in it,
or a list that is not to be chosen from, is no closed question.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from survey.profile import Option

ENTRY = re.compile(
    r"\s*(?:[-*•]\s+)?[(\[]?(?P<mark>\d{1,3}|[A-Za-z])(?:[:)\]=](?:\s+|(?!\d))|\.\s+|\s[-–—]\s+)(?P<label>\S.*?)\s*"
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


def closed_question(text: str) -> tuple[str, list[Option]] | None:
    """The question and the options that a message holds; None where it is no closed question.

    Options keep the numbers they are written with; letters count from 1, and so do options in
    brackets that are not numbers themselves.
    """
    return _lines(text) or _brackets(text.strip()) or _open_list(text.strip())


def _lines(text: str) -> tuple[str, list[Option]] | None:
    """A question, then its options, one a line; behind them at most an instruction."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = [ENTRY.fullmatch(line) for line in lines]
    end = max((place + 1 for place, entry in enumerate(found) if entry), default=0)
    start = end
    while start and found[start - 1]:
        start -= 1
    before, after = lines[:start], lines[end:]
    entries = [entry for entry in found[start:end] if entry]
    if len(entries) < 2 or not before or len(after) > 1 or not _asks(before[-1], entries, before):
        return None
    if after and not (CHOOSE.search(after[0]) and len(after[0].split()) <= INSTRUCTION):
        return None
    codes = _codes([entry["mark"] for entry in entries])
    labels = [entry["label"] for entry in entries]
    if codes is None or any(len(label) > LONGEST or ASKS.search(label) for label in labels):
        return None
    return _made("\n".join(before), codes, labels)


def _asks(last: str, entries: Sequence[re.Match[str]], before: Sequence[str]) -> bool:
    """Whether what stands before a list asks to choose from it."""
    if COMMENT.search(last):
        return False
    if ASKS.search(last) or CHOOSE.search(last):
        return True
    colons = all(entry.group().strip()[len(entry["mark"])] == ":" for entry in entries)
    return colons and any(ASKS.search(line) for line in before)


def _codes(marks: Sequence[str]) -> list[int] | None:
    """Numbers that begin at 0 or 1 and rise, or letters from a on as numbers from 1; None for
    anything else.
    """
    if all(mark.isdecimal() for mark in marks):
        codes = [int(mark) for mark in marks]
        rises = all(one < other for one, other in pairwise(codes))
        return codes if codes[0] in (0, 1) and rises else None
    places = [ord(mark.lower()) - ord("a") + 1 for mark in marks if mark.isalpha()]
    return places if places == list(range(1, len(marks) + 1)) else None


def _brackets(text: str) -> tuple[str, list[Option]] | None:
    """A question with its options in brackets at the end: "... (agree / neutral / disagree)"."""
    found = BRACKETS.fullmatch(text)
    if not found:
        return None
    asked, parts = found["asked"], _parts(found["list"])
    behind = bool(ASKS.search(asked[-1])) or CHOOSE.search(asked) is not None
    spaced = re.search(r"\s[/|]\s", found["list"]) is not None
    sure = behind or spaced or len(parts) > 2 or {part.casefold() for part in parts} <= POLAR
    if not parts or not sure or not (behind or ASKS.search(asked + found["end"])):
        return None
    return _made(
        asked + (found["end"].strip() if not ASKS.search(asked[-1]) else ""), *_counted(parts)
    )


def _open_list(text: str) -> tuple[str, list[Option]] | None:
    """A question with its options behind it: "... ? agree / neutral / disagree"."""
    found = OPEN_LIST.fullmatch(text)
    if not found:
        return None
    parts = _parts(found["list"])
    short = max((len(part.split()) for part in parts), default=0)
    told = CHOOSE.search(found["asked"]) is not None
    asked = told or ASKS.search(found["asked"][-1]) is not None
    if not parts or not asked or not (told or (len(parts) > 2 and short <= 4) or short <= 2):
        return None
    return _made(found["asked"], *_counted(parts))


def _parts(listed: str) -> list[str]:
    """The options that slashes or bars divide; none where these are no options."""
    parts = [part.strip(" .\"'“”") for part in re.split(r"[/|]", listed)]
    odd = any(
        not part or len(part.split()) > MOST_WORDS or re.search(r"[:@\\=]", part) for part in parts
    )
    if len(parts) < 2 or odd or "".join(listed.split()).casefold() in NO_CHOICE:
        return []
    if any(part.isdecimal() for part in parts):
        numbers = [int(part) for part in parts if part.isdecimal()]
        if (
            len(numbers) < len(parts)
            or len(parts) < 3
            or numbers != list(range(numbers[0], numbers[0] + len(parts)))
        ):
            return []
    return parts


def _counted(parts: Sequence[str]) -> tuple[list[int], list[str]]:
    """Codes and labels: numbers are their own code."""
    numbers = all(part.isdecimal() for part in parts)
    return [int(part) for part in parts] if numbers else [*range(1, len(parts) + 1)], list(parts)


def _made(
    asked: str, codes: Sequence[int], labels: Sequence[str]
) -> tuple[str, list[Option]] | None:
    """The question and its options; None where two options are the same."""
    plain = [unicodedata.normalize("NFKC", label).casefold() for label in labels]
    if len(set(plain)) < len(plain):
        return None
    return asked.strip(), [
        Option(code=code, label=label) for code, label in zip(codes, labels, strict=True)
    ]
