"""Rules for the templates that audit a story."""

import re
from collections.abc import Callable, Mapping, Sequence

from graph.llm.offline_rules.answering import is_question
from graph.llm.offline_rules.words import (
    option_pointed_to,
    prompt_facts,
    prompt_options,
    prompt_sentences,
    prompt_story,
    rare_words,
)

POINT = re.compile(r"^(\d+)\. (Fact|Sentence): (.*)$", re.MULTILINE)


def _recalled(prompt: str, name: str) -> str:
    """The option that the sentence closest to the question points to; the last one, untold, where
    none is close.
    """
    options = prompt_options(prompt)
    asked = next(
        (block for block in prompt.split("\n\n") if is_question(block, options)), ""
    ).splitlines()
    words = rare_words(
        " ".join(asked[1:] or asked).partition("Please answer")[0].partition("1: ")[0]
    )
    shares = {
        sentence: len(words & rare_words(sentence))
        / max(min(len(words), len(rare_words(sentence))), 1)
        for sentence in prompt_sentences(prompt_story(prompt))
    }
    closest = max(shares, key=lambda sentence: shares[sentence], default="")
    if not options or shares.get(closest, 0) < 0.6:
        return f"Answer: {options[-1][0] if options else 0}\nAnalysis: no sentence is close."
    said = _named(re.sub(r"scale from .*?\) to .*?\)|\(.*?\)", "", closest), options)
    return f"Answer: {said}\nAnalysis: the closest sentence is this. {closest}"


def _named(sentence: str, options: Sequence[tuple[int, str]]) -> str:
    """What a sentence answers: an option but the last, a number or name where there is no other;
    else the last.
    """
    *real, (untold, _) = options
    code = option_pointed_to(sentence, real)
    if code is None and len(real) == 2:
        code = real[1 if re.search(r"\b(not|no|never)\b", sentence) else 0][0]
    if code is None:
        every = set(re.findall(r"[a-z]+", sentence.lower()))
        held = [
            (len(label), code)
            for code, label in real
            if set(re.findall(r"[a-z]+", label.lower())) <= every
        ]
        code = max(held, default=(0, None))[1]
    open_end = None if real else re.search(r"(\d+)\W*$|\bis ([A-Z][\w ]+)\W*$", sentence)
    return (
        str(next(filter(None, open_end.groups())))
        if open_end
        else str(untold if code is None else code)
    )


def _repaired(prompt: str, name: str) -> str:
    """The story with the facts that it lacks behind it, as one paragraph."""
    return f"{prompt_story(prompt)}\n\n{' '.join(prompt_facts(prompt.split('</story>')[-1]))}"


def _verified(prompt: str, name: str) -> str:
    """A line for each point: facts by the option named in the sentence looked at, sentences by
    their words.
    """
    story, known = (
        prompt_story(prompt),
        rare_words(" ".join(prompt_facts(prompt.partition("<story>")[0]))),
    )
    lines = []
    for number, kind, text in POINT.findall(prompt.rpartition("</story>")[2]):
        if kind == "Sentence":
            invented = bool(rare_words(text)) and not rare_words(text) & known
            lines.append(f'{number}: {"invented" if invented else "unsure"} "{text}"')
        else:
            lines.append(f"{number}: {_judged(text, story)}")
    return "\n".join(lines)


def _judged(point: str, story: str) -> str:
    """What the stand-in makes of one fact: told word for word, or another option named in the
    sentence looked at.
    """
    fact, _, sentence = point.partition(" - Looked at: ")
    statement, _, listed = fact.partition(" [options: ")
    if statement in story:
        return f'kept "{statement}"'
    options = list(enumerate(listed.rstrip("]").split(" | ")))
    told, said = (option_pointed_to(text, options) for text in (statement, sentence))
    if told is None or said is None:
        return "unsure"
    return f'{"kept" if told == said else "altered"} "{sentence}"'


RULES: Mapping[str, Callable[[str, str], str]] = {
    "audit/recall": _recalled,
    "audit/repair": _repaired,
    "audit/verify": _verified,
}
