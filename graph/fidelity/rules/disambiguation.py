"""Decide to which of several topics a sentence belongs that could speak of each."""

from collections.abc import Collection, Iterable

from graph.fidelity.rules.clauses import distance, is_split_off
from graph.fidelity.rules.mentions import Mention

HEAVY_ENOUGH, BESIDE = 5.0, 25
"""A topic of this weight takes a value that stands within this many characters of it, and has no
topic of its own.
"""


def is_dominated(mention: Mention, others: Iterable[Mention], plain: str) -> bool:
    """Whether a mention belongs rather to another topic, which takes the same words and tells more.

    `others` are the mentions in the same sentence, `plain` is that sentence.
    """
    return any(_dominates(other, mention, plain) for other in others)


def _dominates(other: Mention, mention: Mention, plain: str) -> bool:
    """Whether one mention takes another's words away."""
    if not _competes(other, mention) or _has_other_value(other, mention, plain):
        return False
    if not mention.weight and other.own_coverage >= 0.9 and other.weight >= HEAVY_ENOUGH:
        return _stands_beside(other, mention, plain)
    alone = mention.implied and mention.topic.scale.kind == "words"
    if alone and not mention.value_positions <= other.positions:
        return False
    return _takes_more(other, mention)


def _competes(other: Mention, mention: Mention) -> bool:
    """Whether a mention is of another topic, clear enough, and of the same person."""
    if other.topic is mention.topic or not other.codes or not other.strong:
        return False
    if other.weight < mention.weight - 0.01 or other.own_coverage < 0.5:
        return False
    people = {mention.topic.person, other.topic.person} - {""}
    return len(people) < 2


def _has_other_value(other: Mention, mention: Mention, plain: str) -> bool:
    """Whether two topics have their values in different places, so that both can be meant."""
    if other.topic.person and mention.topic.person:
        return bool(mention.weight) and not other.value_positions & mention.value_positions
    return any(
        _is_cut_off(plain, position, other.value_positions)
        and not _is_cut_off(plain, position, mention.value_positions)
        for position in mention.positions
    )


def _is_cut_off(plain: str, position: int, values: Collection[int]) -> bool:
    """Whether a semicolon, or a word such as "but", parts all these values from a word."""
    return all(is_split_off(plain, position, value, value) for value in values)


def _stands_beside(other: Mention, mention: Mention, plain: str) -> bool:
    """Whether a value of one mention stands close to a word of the other."""
    for value in mention.value_positions:
        for position in other.positions:
            if distance(plain, position, value, value) < BESIDE:
                return True
    return False


def _takes_more(other: Mention, mention: Mention) -> bool:
    """Whether a mention takes the same words and fits its topic better."""
    if mention.positions <= other.positions:
        if other.own_coverage > mention.own_coverage + 0.01:
            return True
        if abs(other.own_coverage - mention.own_coverage) < 0.01 and other.fit > mention.fit:
            return True
    if mention.positions < other.positions:
        if other.own_coverage >= mention.own_coverage - 0.1:
            return True
        if other.weight >= 1.5 * mention.weight and other.own_coverage >= 0.65:
            return True
    shared = len(mention.core_positions & other.core_positions)
    half = shared * 2 >= max(len(mention.core_positions), 1)
    return half and other.sure and other.own_coverage >= mention.own_coverage + 0.25
