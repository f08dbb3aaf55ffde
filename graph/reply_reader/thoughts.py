"""Tell what a model said from what it thought: one function for every text that a model writes."""

import re

from survey.special_tokens import BARE_CHANNEL, CHANNEL, OTHER_TURN, SPECIAL, THOUGHT_MARK

ENDED = re.compile(r"<\|(?:start|end|return|call)\|>")
BARE_START = re.compile(
    r"\A\s*(?:(analysis|commentary)(?![ \t]*[:=*_\"'.,)\]}–—-]|[ \t])|(final)(?=[A-Z*\[{\d<]))"
)
"""A reply in the harmony format whose special tokens the server left out: its first word is a
channel's name.
"""
SPACED_CHANNEL = re.compile(r"assistant\s*(analysis|commentary|final)(?!ly\b)")
BARE_THOUGHT = re.compile(r"\A\s*thought\n")
"""Thoughts whose marks the server left out: where they end cannot be told."""
END_OF_TEXT = re.compile(r"(?:\s*</s>)+\s*\Z")
BLOCK = re.compile(
    r"^```(?:think(?:ing)?|thoughts?|reasoning)\n.*?(?:^```\s*$|\Z)|"
    r"<details type=\W?reasoning\b.*?(?:</details>|\Z)",
    re.DOTALL | re.MULTILINE,
)
"""Thoughts in a block that pages show folded."""


def without_thoughts(text: str) -> str:
    """What was said, without thoughts in any of the marks known, and without special tokens.

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
    """What was said in the final channel of the harmony format; the text itself where it has no
    channels.
    """
    marks = list(CHANNEL.finditer(text))
    if marks:
        ends = [mark.start() for mark in marks[1:]] + [len(text)]
        parts = [
            ENDED.split(text[mark.end() : end])[0]
            for mark, end in zip(marks, ends, strict=True)
            if mark[1] == "final"
        ]
        return "\n".join(parts)
    start = BARE_START.match(text)
    marks = list((SPACED_CHANNEL if start else BARE_CHANNEL).finditer(text))
    if start:
        marks.insert(0, start)
    if not marks:
        return text
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return "\n".join(
        text[mark.end() : end]
        for mark, end in zip(marks, ends, strict=True)
        if "final" in mark.groups()
    )


def _outside(text: str) -> str:
    """The text outside the marks of thoughts, up to where another one's turn begins."""
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


def _name(mark: str) -> str:
    """By what the two ends of a thought are known to belong together."""
    words = re.findall(r"[a-z]+", mark.casefold())
    return next((word for word in words if word not in {"start", "begin", "end", "of"}), "")
