"""What the stand-in goes by: the words that sentences share, and the options that sentences
name.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from math import sqrt

from graph.stop_words import PROMPT_STOP_WORDS
from prompts import template, template_names

OPTION = re.compile(r"^(\d+): (.+)$", re.MULTILINE)
DENIES = re.compile(r"\b(?:not|never|no|none|nobody|nothing)\b|n't\b", re.IGNORECASE)
WORD = re.compile(r"[\w'-]+")
SIZE = 256


def closest_statements(
    words: frozenset[str], blocks: tuple[str, ...], name: str, many: int
) -> list[str]:
    """The known statements that share most rare words with these, best first; ties as they stand.

    `blocks` are parts of a prompt made with the template `name`.
    """
    known, held_by = _known(blocks, name)
    closeness: dict[int, float] = defaultdict(float)
    for word in sorted(words & held_by.keys()):
        for place in held_by[word]:
            closeness[place] += 1 / len(held_by[word])
    best = sorted(
        closeness,
        key=lambda place: (-closeness[place] / sqrt(len(rare_words(known[place]))), place),
    )
    return [known[place] for place in best[:many]]


@lru_cache(maxsize=64)
def _known(blocks: tuple[str, ...], name: str) -> tuple[list[str], dict[str, list[int]]]:
    """The statements about `you` that are not the template's own, and by word the places of those
    that hold it.
    """
    own = set(prompt_sentences(template(name, None))) if name in set(template_names()) else set()
    known = [
        sentence
        for block in blocks
        for sentence in prompt_sentences(block)
        if sentence not in own and re.search(r"\byour?\b", sentence, re.IGNORECASE)
    ]
    held_by: dict[str, list[int]] = defaultdict(list)
    for place, sentence in enumerate(known):
        for word in rare_words(sentence):
            held_by[word].append(place)
    return known, dict(held_by)


def prompt_sentences(text: str) -> list[str]:
    """The sentences of a text, one or more a line."""
    return re.split(r"(?<=[.!?])\s+|\n", text)


@lru_cache(maxsize=8192)
def rare_words(text: str) -> frozenset[str]:
    """The words that tell what a text is about."""
    return frozenset(
        word for word in re.findall(r"[a-z]{2,}", text.lower()) if word not in PROMPT_STOP_WORDS
    )


def option_pointed_to(sentence: str, options: Sequence[tuple[int, str]]) -> int | None:
    """The option whose label stands in a sentence, or whose number ends it; None when there is
    none.

    Of yes and no, a sentence that denies points to no, and any other one to yes.
    """
    plain = _spaced(sentence)
    named = [
        (len(label), code)
        for code, label in options
        if _spaced(label) in plain and not label.isdecimal()
    ]
    if named:
        return max(named)[1]
    polar = {_spaced(label).strip(): code for code, label in options}
    if polar.keys() == {"yes", "no"}:
        return polar["no" if DENIES.search(sentence) else "yes"]
    number = re.search(r"(\d+)\D*$", sentence.split(" [options: ")[0])
    return int(number[1]) if number and int(number[1]) in {code for code, _ in options} else None


@lru_cache(maxsize=8192)
def _spaced(text: str) -> str:
    """The words of a text with one space before and behind each, so that no word is found within
    another.
    """
    return f" {' '.join(WORD.findall(text.lower()))} "


def prompt_options(prompt: str) -> list[tuple[int, str]]:
    """The options that a prompt offers, code and label."""
    return [(int(code), label) for code, label in OPTION.findall(prompt)]


def prompt_story(prompt: str) -> str:
    """The story that a prompt holds between its marks."""
    found = re.search(r"<story>\n(.*)\n</story>", prompt, re.DOTALL)
    return found[1] if found else ""


def prompt_facts(prompt: str) -> list[str]:
    """The facts that a prompt lists, a dash before each, without their options."""
    return [
        line.removeprefix("- ").split(" [options: ")[0]
        for line in prompt.splitlines()
        if line.startswith("- ")
    ]


def vector_of(text: str) -> list[float]:
    """A unit vector of hashed words; a text without words points along the first axis."""
    vector = [0.0] * SIZE
    for word in re.findall(r"[^\W_]{2,}", text.lower()):
        if word not in PROMPT_STOP_WORDS:
            digest = blake2b(word.encode(), digest_size=4).digest()
            vector[int.from_bytes(digest[:2]) % SIZE] += 1 if digest[2] % 2 else -1
    length = sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else [1.0] + [0.0] * (SIZE - 1)
