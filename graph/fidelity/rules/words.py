"""The concepts of a text: all forms of a word, and its synonyms, count as one concept."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from graph.fidelity.rules.spelling import plain_words_of

EMPTY = frozenset(
    """
    a an and any are as at be been being between but by can could did do does doing for from had
    has have he her
    hers him his how i if in into is it its itself me might more most much my myself no nor not of
    off on ones or
    our ours out over own she should so some such than that the their theirs them then there these
    they this those
    to too very was we were what when where whether which while who whom whose will with would you
    your yours
    yourself also all among about above after again against am because before below both during
    each few further
    here just once only same until up through under why like even still yet rather quite well may
    shall must upon
    per within without toward towards come comes came coming go goes going went gone get gets got
    take takes took
    taken taking make makes made making give gives gave given giving put puts having let lets
    oneself none ever
    """.split()  # noqa: SIM905  # a list of words reads better than a list of strings
)
"""Words that do not tell what a text is about."""
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
        if match[0] in EMPTY:
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
