"""How much a concept tells: the fewer items of the codebook speak of it, the more."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import chain
from math import log

from graph.fidelity.rules.spelling import plain_words_of
from graph.fidelity.rules.words import concepts_in
from survey.codebook import wvs7
from survey.item import Item

SCALE = re.compile(r"\bscale from \d+ \(.*?\) to \d+ \(.*?\)|\([^)]*\)")


def item_statement(item: Item) -> str:
    """What the statement of an item says whatever the answer is."""
    return without_scale_text(
        item.statement.format(topic=item.topic, phrase=" ", label=" ", code=" ")
    )


def without_scale_text(text: str) -> str:
    """A question or statement without brackets and without the description of its scale."""
    return SCALE.sub(" ", text)


@cache
def concept_weights() -> Mapping[str, float]:
    """How much each concept of the codebook tells: the fewer items speak of it, the more."""
    bags = [
        set(concepts_in(plain_words_of(f"{item.topic} . {item_statement(item)}")))
        for item in wvs7().items.values()
    ]
    counts = Counter(chain.from_iterable(bags))
    return {concept: log(1 + len(bags) / count) for concept, count in counts.items()}


@lru_cache(maxsize=65536)
def is_peculiar(name: str, most: int) -> bool:
    """Whether a concept names an option of one list of options alone, and stands in at most so many
    items besides.
    """
    sets, items = _spread().get(name, (0, 0))
    return sets <= 1 and items <= most


@cache
def _spread() -> Mapping[str, tuple[int, int]]:
    """In how many lists of options, and in how many items, each concept stands."""
    lists = {tuple(one.label for one in item.options) for item in wvs7().items.values()}
    sets = Counter(
        name for labels in lists for name in {*concepts_in(plain_words_of(" . ".join(labels)))}
    )
    items = Counter(
        name
        for item in wvs7().items.values()
        for name in {*concepts_in(plain_words_of(f"{item.topic} . {item_statement(item)}"))}
    )
    return {name: (sets[name], items[name]) for name in sets | items}
