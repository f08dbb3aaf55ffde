"""The concepts of a text: all forms of a word, and its synonyms, count as one concept."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from graph.fidelity.rules.spelling import plain_words_of
from graph.stop_words import STOP_WORDS

ENDINGS = (("ically", "ic"), ("ies", "y"), ("sses", "ss"), ("ied", "y"), ("s", ""))
SILENT_E = re.compile(r"[^aeiou][aeiou][^aeiouwxy]")
"""The rest of a word such as "living" without its ending, where the plain form ends in e."""
WORD = re.compile(r"\w+")
LETTERS = re.compile(r"[^\W\d_]+")
FORMS = ("ingly", "edly", "ing", "ed", "ly", "ment", "ness")


def concepts_in(plain: str) -> Mapping[str, tuple[int, ...]]:
    """Return the concepts of a text in plain spelling, each with the positions where it stands.

    The words of a phrase of the list of synonyms count as that phrase alone.
    """
    return _concepts(plain)


@lru_cache(maxsize=65536)
def _concepts(plain: str) -> Mapping[str, tuple[int, ...]]:
    """Do the work of `concepts_in`; many facts are held against the same sentence."""
    found: dict[str, tuple[int, ...]] = {}
    left = list(plain)
    for match in _phrase_pattern().finditer(plain):
        left[match.start() : match.end()] = " " * len(match[0])
        for concept in _phrases()[match[0]]:
            found[concept] = (*found.get(concept, ()), match.start())
    for match in LETTERS.finditer("".join(left)):
        if match[0] in STOP_WORDS:
            continue
        stem = stem_of(match[0])
        for concept in _words().get(stem, (stem,)):
            found[concept] = (*found.get(concept, ()), match.start())
    return found


@lru_cache(maxsize=65536)
def phrase_end(plain: str, position: int) -> int:
    """Return where the word or phrase that begins at this position ends."""
    match = _phrase_pattern().match(plain, position) or WORD.match(plain, position)
    return match.end() if match else position


@lru_cache(maxsize=65536)
def stem_of(word: str) -> str:
    """Return a word without its endings: rough, but the same for all words that are compared."""
    if len(word) <= 3:
        return word
    for ending, replacement in ENDINGS:
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + replacement
            break
    for ending in FORMS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            word += "e" if ending in ("ing", "ed") and SILENT_E.fullmatch(word) else ""
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "sle":
        word = word[:-1]
    return word.rstrip("e") if len(word) > 4 else word


@cache
def _entries() -> tuple[tuple[str, str], ...]:
    """Read the list of synonyms: each word or phrase after the concept that it stands for."""
    table = files("graph.fidelity.rules").joinpath("synonyms.txt").read_text(encoding="utf-8")
    entries = []
    for line in table.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        concept, _, words = line.partition(":")
        for word in words.split(","):
            if word.strip():
                entries.append((concept.strip(), plain_words_of(word)))
    return tuple(entries)


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    """Return the concepts of single words, by stem."""
    found: dict[str, dict[str, None]] = {}
    for concept, word in _entries():
        if " " not in word:
            found.setdefault(stem_of(word), {})[concept] = None
    return {word: tuple(concepts) for word, concepts in found.items()}


@cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    """Return the concepts of phrases, by phrase."""
    found: dict[str, dict[str, None]] = {}
    for concept, phrase in _entries():
        if " " in phrase:
            found.setdefault(phrase, {})[concept] = None
    return {phrase: tuple(concepts) for phrase, concepts in found.items()}


@cache
def _phrase_pattern() -> re.Pattern[str]:
    """Return a pattern of any phrase of the list, longest first."""
    longest_first = sorted(map(re.escape, _phrases()), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(longest_first) + r")\b")
