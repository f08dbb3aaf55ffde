"""Rules for the templates that audit a story."""

import re
from collections.abc import Callable, Mapping, Sequence

from graph.standin.answering import asks
from graph.standin.words import facts_in, options_in, points_to, sentences_of, story_in, words_of


def _recalled(prompt: str, name: str) -> str:
    """The option that the sentence closest to the question points to; the last one, untold, where none is close."""
    options = options_in(prompt)
    asked = next((block for block in prompt.split("\n\n") if asks(block, options)), "").splitlines()
    words = words_of(" ".join(asked[1:] or asked).partition("Please answer")[0].partition("1: ")[0])
    shares = {
        sentence: len(words & words_of(sentence)) / max(min(len(words), len(words_of(sentence))), 1)
        for sentence in sentences_of(story_in(prompt))
    }
    closest = max(shares, key=lambda sentence: shares[sentence], default="")
    if not options or shares.get(closest, 0) < 0.6:
        return f"Answer: {options[-1][0] if options else 0}\nAnalysis: no sentence is close."
    said = _named(re.sub(r"scale from .*?\) to .*?\)|\(.*?\)", "", closest), options)
    return f"Answer: {said}\nAnalysis: the closest sentence is this. {closest}"


def _named(sentence: str, options: Sequence[tuple[int, str]]) -> str:
    """What a sentence answers: an option but the last, a number or name where there is no other; else the last."""
    *real, (untold, _) = options
    code = points_to(sentence, real)
    if code is None and len(real) == 2:
        code = real[1 if re.search(r"\b(not|no|never)\b", sentence) else 0][0]
    if code is None:
        every = set(re.findall(r"[a-z]+", sentence.lower()))
        held = [(len(label), code) for code, label in real if set(re.findall(r"[a-z]+", label.lower())) <= every]
        code = max(held, default=(0, None))[1]
    open_end = None if real else re.search(r"(\d+)\W*$|\bis ([A-Z][\w ]+)\W*$", sentence)
    return str(next(filter(None, open_end.groups()))) if open_end else str(untold if code is None else code)


def _repaired(prompt: str, name: str) -> str:
    """The story with the facts that it lacks behind it, as one paragraph."""
    return f"{story_in(prompt)}\n\n{' '.join(facts_in(prompt.split('</story>')[-1]))}"


RULES: Mapping[str, Callable[[str, str], str]] = {"audit/recall": _recalled, "audit/repair": _repaired}
