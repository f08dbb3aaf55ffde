"""Inverse document frequency: the fewer items of the codebook hold a concept, the more it tells."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from math import log

from graph.fidelity.rules.spelling import plain_words_of
from graph.fidelity.rules.words import concepts_in
from survey.codebook import wvs7
from survey.item import Item

SCALE = re.compile(r"\bscale from \d+ \(.*?\) to \d+ \(.*?\)|\([^)]*\)")


def item_statement(item: Item) -> str:
    """Return what the statement of an item says whatever the answer is."""
    return without_scale_text(
        item.statement.format(topic=item.topic, phrase=" ", label=" ", code=" ")
    )


def without_scale_text(text: str) -> str:
    """Return a question or statement without brackets and the description of its scale."""
    return SCALE.sub(" ", text)


@cache
def concept_weights() -> Mapping[str, float]:
    """Return the weight of each concept of the codebook: log(1 + items / items that hold it)."""
    counts = _items_with_concept()
    items = len(wvs7().items)
    return {concept: log(1 + items / count) for concept, count in counts.items()}


@lru_cache(maxsize=65536)
def is_peculiar(concept: str, most: int) -> bool:
    """Whether a concept names an option of one list of options alone, and stands in at most `most`
    items besides.
    """
    lists, items = _lists_with_concept()[concept], _items_with_concept()[concept]
    return lists <= 1 and items <= most


@cache
def _items_with_concept() -> Counter[str]:
    """Count the items whose topic or statement holds each concept."""
    counts: Counter[str] = Counter()
    for item in wvs7().items.values():
        counts.update(set(concepts_in(plain_words_of(f"{item.topic} . {item_statement(item)}"))))
    return counts


@cache
def _lists_with_concept() -> Counter[str]:
    """Count the lists of options that hold each concept; equal lists count once."""
    lists: set[str] = set()
    for item in wvs7().items.values():
        lists.add(" . ".join(option.label for option in item.options))
    counts: Counter[str] = Counter()
    for labels in lists:
        counts.update(set(concepts_in(plain_words_of(labels))))
    return counts
