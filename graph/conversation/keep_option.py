"""Keep the option that was decided: its label stands in what is said, and no other option's
does.
"""

import re
from collections.abc import Sequence

from graph.reply_reader.option_words import SCALE, labels_in
from survey.profile import Option, single_line

SENTENCE = re.compile(r"[^.!?…。！？؟।\n]*(?:[.!?…。！？؟।\n]+[\"”’»)\]]*\s*|\Z)")
UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
"""Letters of scripts that put no space between words."""


def keep_option(text: str, code: int, options: Sequence[Option]) -> str:
    """A reply that keeps the option: sentences that name another one are left out, and its label
    put in front.

    Where the reply names this option and no other one, it comes back as it is.
    """
    left = "".join(
        part for part in SENTENCE.findall(text) if not options_named(part, options) - {code}
    ).strip()
    if code in options_named(left, options) and not options_named(left, options) - {code}:
        return left
    label = next(
        single_line(option["label"]) for option in options if option["code"] == code
    ).rstrip(" .")
    return f"{label[:1].upper()}{label[1:]}. {left}".strip()


def options_named(text: str, options: Sequence[Option]) -> set[int]:
    """The codes of the options whose labels stand in a text, longer labels first and not read
    twice.
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
