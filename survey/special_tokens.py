"""The special tokens and tags that models write around their thoughts and turns.

One list for both: for reading replies, and for texts that a prompt quotes.
"""

import re

NAMES = (
    r"think(?:ing)?|thoughts?|reason(?:ing)?|scratch_?pad|reflect(?:ion)?|ant_?thinking|"
    r"inner_?(?:monologue|thoughts?)|monologue|chain_of_thought|cot|deliberation"
)
"""What a tag round thoughts is called."""

OPENING = "|".join(
    (
        rf"<(?:[\w-]+:)?(?:{NAMES})(?:\s[^<>]*)?>",
        rf"\[(?:{NAMES})\]",
        rf"◁(?:{NAMES})▷",
        rf"<[|｜](?:(?:start|begin)[_▁](?:of[_▁])?)?(?:{NAMES})[|｜]>",
        r"<\|channel>[ \t]*(?:thought|thinking|analysis)s?\b",
        r"<unused94>(?:thought\b)?",
        r"<\|inner_prefix\|>",
        r"^here(?: is|'s) my thought process:",
    )
)
CLOSING = "|".join(
    (
        rf"</(?:[\w-]+:)?(?:{NAMES})>",
        rf"\[/(?:{NAMES})\]",
        rf"◁/(?:{NAMES})▷",
        rf"<[|｜](?:/|end[_▁](?:of[_▁])?)(?:{NAMES})[|｜]>",
        r"<channel\|>",
        r"<unused95>",
        r"<\|inner_suffix\|>",
    )
)
FINAL = r"<\|start_(?:response|text)\|>|<\|begin_of_solution\|>|^here(?: is|'s) my response:"
"""Marks after which the answer follows, whatever stood before."""

THOUGHT_MARK = re.compile(
    rf"(?P<opening>{OPENING})|(?P<closing>{CLOSING})|(?P<final>{FINAL})",
    re.IGNORECASE | re.MULTILINE,
)
CHANNEL = re.compile(
    r"<\|channel\|>\s*(analysis|commentary|final|\w+)"
    r"(?:[^<\n]*(?:<\|constrain\|>\s*\w*\s*)?<\|message\|>)?"
)
"""Where a message of the harmony format begins, and which channel it is said in."""
BARE_CHANNEL = re.compile(r"assistant(analysis|commentary|final)(?!ly\b)")
"""The same where the server leaves special tokens out."""

HEADER = (
    r"(?:<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>|<\|turn>|<\|start\|>|"
    r"<\|start_of_role\|>)\s*"
)
OTHER_TURN = re.compile(
    rf"{HEADER}(?:user|system|human|tool)\b|"
    r"<[|｜](?:user|system|human|observation|user_token)[|｜]>|"
    r"\[INST\]",
    re.IGNORECASE,
)
"""The turn of somebody else, which a model that does not stop writes as well."""
SPECIAL = re.compile(
    rf"{HEADER}(?:assistant|model|chatbot)?\b|<[|｜][^<>|｜\s]{{1,40}}[|｜]>|<turn\|>|<\|channel>\w*|"
    r"\A\s*<s>|<(?:bos|eos|pad|unk|end_of_turn|end_of_utterance)>|\[/INST\]|\[EOS\]|"
    r"</?(?:response|output|final|solution)>",
    re.IGNORECASE,
)

QUOTED = re.compile(
    "|".join(mark.pattern for mark in (THOUGHT_MARK, CHANNEL, BARE_CHANNEL, OTHER_TURN, SPECIAL)),
    re.IGNORECASE,
)
SIGNS = ("<", "[", "◁", "assistant")
"""One of these stands in every mark that a text on one line can hold."""


def without_special_tokens(text: str) -> str:
    """The text with a space in place of every special token.

    A reply that quotes it then hides none of its own words.
    """
    if not any(sign in text for sign in SIGNS):
        return text
    return QUOTED.sub(" ", text)
