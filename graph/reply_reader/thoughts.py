"""Remove what a model thought from what it said; used for every text that a model writes."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from survey.special_tokens import BARE_CHANNEL, CHANNEL, OTHER_TURN, SPECIAL, THOUGHT_MARK

ENDED = re.compile(r"<\|(?:start|end|return|call)\|>")
BARE_START = re.compile(
    r"\A\s*(?:(analysis|commentary)(?![ \t]*[:=*_\"'.,)\]}–—-]|[ \t])|(final)(?=[A-Z*\[{\d<]))"
)
"""The channel's name that opens a reply in the harmony format without its special tokens."""
SPACED_CHANNEL = re.compile(r"assistant\s*(analysis|commentary|final)(?!ly\b)")
BARE_THOUGHT = re.compile(r"\A\s*thought\n")
"""Thoughts whose marks the server left out, so that their end is unknown."""
SIGNS = ("<", "[", "\N{WHITE LEFT-POINTING TRIANGLE}")
ANNOUNCED = ("process:", "response:")
"""How sentences end that stand for a mark."""
END_OF_TEXT = re.compile(r"(?:\s*</s>)+\s*\Z")
BLOCK = re.compile(
    r"^```(?:think(?:ing)?|thoughts?|reasoning)\n.*?(?:^```\s*$|\Z)|"
    r"<details type=\W?reasoning\b.*?(?:</details>|\Z)",
    re.DOTALL | re.MULTILINE,
)
"""Thoughts in a block that web pages show folded."""


def without_thoughts(text: str) -> str:
    """Return what was said, without thoughts in any known marks, and without special tokens.

    Thoughts without an end take the rest of the text with them, and an end without a beginning all
    that stands before it. Where a reply has channels, the final one alone was said. A text without
    marks comes back as it is.
    """
    shown = _outside(_final_channel(BLOCK.sub("", text)))
    if shown == text and "<" not in text and "[" not in text:
        return text
    if "<s>" not in shown.lstrip()[3:]:  # else it is struck out text
        shown = re.sub(r"</s>(?=.*\S)", "\n", END_OF_TEXT.sub("", shown))
    return SPECIAL.sub("\n", shown)


def _final_channel(text: str) -> str:
    """Return what was said in the final channel of the harmony format.

    A text without channels comes back as it is.
    """
    marks = list(CHANNEL.finditer(text))
    if marks:
        parts = _parts_behind(marks, text)
        return "\n".join(ENDED.split(part)[0] for mark, part in parts if mark[1] == "final")
    start = BARE_START.match(text)
    marks = list((SPACED_CHANNEL if start else BARE_CHANNEL).finditer(text))
    if start:
        marks.insert(0, start)
    if not marks:
        return text
    parts = _parts_behind(marks, text)
    return "\n".join(part for mark, part in parts if "final" in mark.groups())


def _parts_behind(marks: Sequence[re.Match[str]], text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each mark with the text between it and the next one."""
    for mark, following in zip_longest(marks, marks[1:]):
        end = following.start() if following else len(text)
        yield mark, text[mark.end() : end]


def _outside(text: str) -> str:
    """Return the text outside the marks of thoughts, up to the turn of another speaker."""
    if not _may_hold_marks(text):
        return "" if BARE_THOUGHT.match(text) else text
    if turn := OTHER_TURN.search(text):
        text = text[: turn.start()]
    shown: list[str] = []
    within: list[str] = []
    at = 0
    for mark in THOUGHT_MARK.finditer(text):
        if not within:
            shown.append(text[at : mark.start()])
        at = mark.end()
        name = _name(mark[0])
        if mark["opening"]:
            within += [] if name in within else [name]
        elif mark["final"]:
            shown, within = [], []
        elif within:
            within = within[: within.index(name)] if name in within else within[:-1]
        else:
            shown = []
    if not at and BARE_THOUGHT.match(text):
        return ""
    return "".join([*shown, "" if within else text[at:]])


def _may_hold_marks(text: str) -> bool:
    """Whether a text may hold a mark of thoughts or of another turn: one of their signs, or the end
    of a sentence that announces them.
    """
    if any(sign in text for sign in SIGNS):
        return True
    small = text.casefold()
    return any(end in small for end in ANNOUNCED)


def _name(mark: str) -> str:
    """Return the word in a mark by which the two ends of a thought belong together."""
    for word in re.findall(r"[a-z]+", mark.casefold()):
        if word not in {"start", "begin", "end", "of"}:
            return str(word)
    return ""
