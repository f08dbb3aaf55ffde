"""Keeps a reply to the decided option: it holds that option's label, and no other one."""

import re
from collections.abc import Sequence

from graph.reply_reader.option_words import SCALE, labels_in
from survey.profile import Option, single_line

SENTENCE = re.compile(r"[^.!?…。！？؟।\n]*(?:[.!?…。！？؟।\n]+[\"”’»)\]]*\s*|\Z)")
UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
"""Letters of scripts without spaces between words."""


def keep_option(text: str, code: int, options: Sequence[Option]) -> str:
    """The reply without sentences that name another option, its label in front where it lacks it.

    A reply that names this option and no other one comes back as it is.
    """
    sentences = SENTENCE.findall(text)
    kept = [part for part in sentences if find_named_options(part, options) <= {code}]
    reply = "".join(kept).strip()
    if find_named_options(reply, options) == {code}:
        return reply
    labels = {option["code"]: option["label"] for option in options}
    label = single_line(labels[code]).rstrip(" .")
    return f"{label[:1].upper()}{label[1:]}. {reply}".strip()


def find_named_options(text: str, options: Sequence[Option]) -> set[int]:
    """The codes of the options whose labels stand in a text.

    Longer labels come first, and what belongs to one label belongs to no other.
    """
    found = labels_in(text, options)
    left = re.sub(r"(?:\bout of|\bof|/)\s*\d+", " ", SCALE.sub(" ", text.casefold()))
    for option in sorted(options, key=lambda option: -len(option["label"])):
        label = option["label"].strip().casefold()
        if label.isdecimal():
            held = re.search(rf"(?<![\d.,]){re.escape(label)}(?!\d|[.,]\d)", left)
        else:
            held = re.search(re.escape(label), left) if UNSPACED.search(label) else None
        if held:
            found.add(option["code"])
            left = left.replace(label, "|")
    return found
