"""Read prompts for the offline rules: statements, options, and the rare words they share."""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from math import sqrt

from graph.stop_words import PROMPT_STOP_WORDS
from prompts import template, template_names

OPTION = re.compile(r"^(\d+): (.+)$", re.MULTILINE)
ABOUT_YOU = re.compile(r"\byour?\b", re.IGNORECASE)
DENIES = re.compile(r"\b(?:not|never|no|none|nobody|nothing)\b|n't\b", re.IGNORECASE)
DENIED_NEXT = re.compile(
    r"(?:\b(?:not|never|no)|n't)(?: at all| very| too| so| that| quite| really)*$"
)
"""The end of a text whose next words are denied."""
WORD = re.compile(r"[\w'-]+")
SIZE = 256
"""Numbers in a vector."""


def closest_statements(
    words: frozenset[str], blocks: tuple[str, ...], name: str, count: int
) -> list[str]:
    """Return the `count` known statements that share most with these rare words, best first.

    A word counts the more, the fewer statements hold it. Equal statements keep their order.
    `blocks` are parts of a prompt made with the template `name`.
    """
    known, by_word = _known_statements(blocks, name)
    shared: dict[int, float] = defaultdict(float)
    for word in sorted(words & by_word.keys()):
        for index in by_word[word]:
            shared[index] += 1 / len(by_word[word])

    def order(index: int) -> tuple[float, int]:
        return -shared[index] / sqrt(len(rare_words(known[index]))), index

    return [known[index] for index in sorted(shared, key=order)[:count]]


@lru_cache(maxsize=64)
def _known_statements(blocks: tuple[str, ...], name: str) -> tuple[list[str], dict[str, list[int]]]:
    """Return the statements about `you` that the template does not hold itself, and by rare word
    the indexes of those that hold it.
    """
    own = set(prompt_sentences(template(name, None))) if name in set(template_names()) else set()
    known = []
    for sentence in chain.from_iterable(map(prompt_sentences, blocks)):
        if sentence not in own and ABOUT_YOU.search(sentence):
            known.append(sentence)
    by_word: dict[str, list[int]] = defaultdict(list)
    for index, sentence in enumerate(known):
        for word in rare_words(sentence):
            by_word[word].append(index)
    return known, dict(by_word)


def prompt_sentences(text: str) -> list[str]:
    """Split a text into sentences, at stops and at the ends of lines; an answer stays with what was
    asked.
    """
    return re.split(r"(?<=[.!?])\s+(?!Your answer: )|\n", text)


@lru_cache(maxsize=8192)
def rare_words(text: str) -> frozenset[str]:
    """Return the words that tell what a text is about."""
    return frozenset(
        word for word in re.findall(r"[a-z]{2,}", text.lower()) if word not in PROMPT_STOP_WORDS
    )


def option_pointed_to(sentence: str, options: Sequence[tuple[int, str]]) -> int | None:
    """Return the option whose label stands in a sentence, or whose number ends it; None for none.

    A label that the sentence denies ("not very important") does not count; an option that denies
    the same ("Not important") does. Of the options yes and no, a sentence that denies points to no,
    and any other one to yes.
    """
    plain = _spaced(sentence)
    named = []
    for code, label in options:
        before, found, _ = plain.partition(_spaced(label))
        if found and not label.isdecimal() and not DENIED_NEXT.search(before):
            named.append((len(label), code))
    if named:
        return max(named)[1]
    polar = {_spaced(label).strip(): code for code, label in options}
    if polar.keys() == {"yes", "no"}:
        return polar["no" if DENIES.search(sentence) else "yes"]
    if DENIES.search(sentence):
        for code, label in options:
            words = rare_words(label)
            if words and DENIES.search(label) and words <= rare_words(sentence):
                return code
    number = re.search(r"(\d+)\D*$", sentence.split(" [options: ")[0])
    if number is None or int(number[1]) not in polar.values():
        return None
    return int(number[1])


@lru_cache(maxsize=8192)
def _spaced(text: str) -> str:
    """Return the words of a text with spaces around each, so that no word is found in another."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def prompt_options(prompt: str) -> list[tuple[int, str]]:
    """Return the options that a prompt offers, code and label."""
    return [(int(code), label) for code, label in OPTION.findall(prompt)]


def prompt_story(prompt: str) -> str:
    """Return the story between the marks `<story>` and `</story>`; "" where there is none."""
    found = re.search(r"<story>\n(.*)\n</story>", prompt, re.DOTALL)
    return found[1] if found else ""


def prompt_facts(prompt: str) -> list[str]:
    """Return the facts that a prompt lists, a dash before each, without their options."""
    lines = re.findall(r"^- (.*)$", "\n".join(prompt.splitlines()), re.MULTILINE)
    return [line.split(" [options: ")[0] for line in lines]


def vector_of(text: str) -> list[float]:
    """Return a unit vector of hashed words; a text without words points along the first axis."""
    vector = [0.0] * SIZE
    for word in re.findall(r"[^\W_]{2,}", text.lower()):
        if word not in PROMPT_STOP_WORDS:
            digest = blake2b(word.encode(), digest_size=4).digest()
            vector[int.from_bytes(digest[:2]) % SIZE] += 1 if digest[2] % 2 else -1
    length = sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else [1.0] + [0.0] * (SIZE - 1)
