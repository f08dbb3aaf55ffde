"""Rules for the templates of `audit/`: a story is recalled, repaired and verified."""

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

LEAST_SHARE = 0.6
"""The least share of rare words that a question and a sentence close to it have in common."""
POINT = re.compile(r"^(\d+)\. (Fact|Sentence): (.*)$", re.MULTILINE)


def _recalled(prompt: str, name: str) -> str:
    """The option that the sentence closest to the question points to; the last option, which stands
    for "not told", where no sentence is close.
    """
    options = prompt_options(prompt)
    words = _words_of_question(prompt, options)
    shares = {}
    for sentence in prompt_sentences(prompt_story(prompt)):
        own = rare_words(sentence)
        shares[sentence] = len(words & own) / max(min(len(words), len(own)), 1)
    closest = max(shares, key=lambda sentence: shares[sentence], default="")
    if not options or shares.get(closest, 0) < LEAST_SHARE:
        return f"Answer: {options[-1][0] if options else 0}\nAnalysis: no sentence is close."
    said = _named(re.sub(r"scale from .*?\) to .*?\)|\(.*?\)", "", closest), options)
    return f"Answer: {said}\nAnalysis: the closest sentence is this. {closest}"


def _words_of_question(prompt: str, options: Sequence[tuple[int, str]]) -> frozenset[str]:
    """The rare words of the question of a prompt, without its heading and options."""
    blocks = prompt.split("\n\n")
    asked = next((block for block in blocks if is_question(block, options)), "").splitlines()
    text = " ".join(asked[1:] or asked)
    return rare_words(text.partition("Please answer")[0].partition("1: ")[0])


def _named(sentence: str, options: Sequence[tuple[int, str]]) -> str:
    """The answer that a sentence gives: an option but the last, or a number or name where there is
    no other option; else the last.
    """
    *real, (untold, _) = options
    if not real:
        open_end = re.search(r"(\d+)\W*$|\bis ([A-Z][\w ]+)\W*$", sentence)
        if open_end:
            return str(next(filter(None, open_end.groups())))
    code = option_pointed_to(sentence, real)
    if code is None and len(real) == 2:
        code = real[1 if re.search(r"\b(not|no|never)\b", sentence) else 0][0]
    if code is None:
        code = _longest_label_in(sentence, real)
    return str(untold if code is None else code)


def _longest_label_in(sentence: str, options: Sequence[tuple[int, str]]) -> int | None:
    """The option with the longest label of which all words stand in a sentence; None for none."""
    words = set(re.findall(r"[a-z]+", sentence.lower()))
    best: tuple[int, int | None] = (0, None)
    for code, label in options:
        if set(re.findall(r"[a-z]+", label.lower())) <= words:
            best = max(best, (len(label), code))
    return best[1]


def _repaired(prompt: str, name: str) -> str:
    """The story, and the facts that it lacks as one more paragraph."""
    return f"{prompt_story(prompt)}\n\n{' '.join(prompt_facts(prompt.split('</story>')[-1]))}"


def _verified(prompt: str, name: str) -> str:
    """A line for each point: facts are judged by the option that the quoted sentence names,
    sentences by the words that they share with the known facts.
    """
    story = prompt_story(prompt)
    known = rare_words(" ".join(prompt_facts(prompt.partition("<story>")[0])))
    lines = []
    for number, kind, text in POINT.findall(prompt.rpartition("</story>")[2]):
        if kind == "Sentence":
            words = rare_words(text)
            verdict = "invented" if words and not words & known else "unsure"
            lines.append(f'{number}: {verdict} "{text}"')
        else:
            lines.append(f"{number}: {_judged(text, story)}")
    return "\n".join(lines)


def _judged(point: str, story: str) -> str:
    """The verdict on one fact: kept where it is told word for word, else by the option that the
    quoted sentence names.
    """
    fact, _, sentence = point.partition(" - Looked at: ")
    statement, _, listed = fact.partition(" [options: ")
    if statement in story:
        return f'kept "{statement}"'
    options = list(enumerate(listed.rstrip("]").split(" | ")))
    told = option_pointed_to(statement, options)
    said = option_pointed_to(sentence, options)
    if told is None or said is None:
        return "unsure"
    return f'{"kept" if told == said else "altered"} "{sentence}"'


RULES: Mapping[str, Callable[[str, str], str]] = {
    "audit/recall": _recalled,
    "audit/repair": _repaired,
    "audit/verify": _verified,
}
