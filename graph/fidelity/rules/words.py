"""The words of a text as concepts: all forms of a word, and its synonyms, count as one."""

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
"""What is left of words such as "living", whose plain form ends in e."""
WORD = re.compile(r"\w+")
FORMS = ("ingly", "edly", "ing", "ed", "ly", "ment", "ness")


def concepts_in(plain: str) -> Mapping[str, tuple[int, ...]]:
    """The concepts of a text in plain spelling, each with its places; what stands in a phrase
    counts as that alone.
    """
    return _concepts(plain)


@lru_cache(maxsize=65536)
def _concepts(plain: str) -> Mapping[str, tuple[int, ...]]:
    """As `concepts`, kept for the next fact."""
    found: dict[str, tuple[int, ...]] = {}
    left = list(plain)
    for match in _pattern().finditer(plain):
        left[match.start() : match.end()] = " " * len(match[0])
        for concept in _phrases()[match[0]]:
            found[concept] = (*found.get(concept, ()), match.start())
    for match in re.finditer(r"[^\W\d_]+", "".join(left)):
        if match[0] not in EMPTY:
            for concept in _words().get(stem_of(match[0]), (stem_of(match[0]),)):
                found[concept] = (*found.get(concept, ()), match.start())
    return found


@lru_cache(maxsize=65536)
def phrase_end(plain: str, at: int) -> int:
    """Where the word or phrase that begins at a place ends."""
    match = _pattern().match(plain, at) or WORD.match(plain, at)
    return match.end() if match else at


@lru_cache(maxsize=65536)
def stem_of(word: str) -> str:
    """A word without the endings of its forms: rough, but the same for all words that are
    compared.
    """
    if len(word) <= 3:
        return word
    for ending, put in ENDINGS:
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + put
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
    """The list of synonyms: concepts, and the words and phrases that stand for them."""
    lines = (
        files("graph.fidelity.rules")
        .joinpath("synonyms.txt")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    rows = (line.partition(":") for line in lines if line.strip() and not line.startswith("#"))
    return tuple(
        (name.strip(), plain_words_of(word))
        for name, _, words in rows
        for word in words.split(",")
        if word.strip()
    )


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    """The concepts of single words, by stem."""
    found: dict[str, dict[str, None]] = {}
    for concept, word in _entries():
        if " " not in word:
            found.setdefault(stem_of(word), {})[concept] = None
    return {word: tuple(named) for word, named in found.items()}


@cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    """The concepts of phrases."""
    found: dict[str, dict[str, None]] = {}
    for concept, phrase in _entries():
        if " " in phrase:
            found.setdefault(phrase, {})[concept] = None
    return {phrase: tuple(named) for phrase, named in found.items()}


@cache
def _pattern() -> re.Pattern[str]:
    """Any phrase of the list, longest first."""
    return re.compile(
        r"\b(?:" + "|".join(sorted(map(re.escape, _phrases()), key=len, reverse=True)) + r")\b"
    )
