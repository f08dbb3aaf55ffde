"""To which of several topics a sentence belongs that could speak of each."""

from collections.abc import Collection, Iterable

from graph.fidelity.rules.clauses import distance, is_split_off
from graph.fidelity.rules.mentions import Mention

HEAVY_ENOUGH, BESIDE = 5.0, 25
"""A topic of so much weight takes a value that stands within so many characters of it, and has no
topic of its own.
"""


def is_dominated(mention: Mention, others: Iterable[Mention], plain: str) -> bool:
    """Whether what a sentence says belongs rather to another topic, which takes the same words and
    tells more.
    """
    return any(_beats(other, mention, plain) for other in others)


def _beats(other: Mention, mention: Mention, plain: str) -> bool:
    """Whether one mention takes another's words away."""
    if (
        other.topic is mention.topic
        or not other.codes
        or not other.strong
        or other.mass < mention.mass - 0.01
    ):
        return False
    if mention.topic.holder and other.topic.holder and mention.topic.holder != other.topic.holder:
        return False
    if other.own < 0.5 or _elsewhere(other, mention, plain):
        return False
    if not mention.mass and other.own >= 0.9 and other.mass >= HEAVY_ENOUGH:
        return any(
            distance(plain, at, value, value) < BESIDE
            for value in mention.values
            for at in other.places
        )
    if (
        mention.implied
        and mention.topic.scale.kind == "words"
        and not mention.values <= other.places
    ):
        return False
    within = mention.places <= other.places
    closer = within and other.own > mention.own + 0.01
    fuller = mention.places < other.places and other.own >= mention.own - 0.1
    fitter = within and abs(other.own - mention.own) < 0.01 and other.fit > mention.fit
    shared = len(mention.heart & other.heart) * 2 >= max(len(mention.heart), 1)
    heavier = (
        mention.places < other.places and other.mass >= 1.5 * mention.mass and other.own >= 0.65
    )
    return (
        closer
        or fuller
        or fitter
        or heavier
        or (shared and other.sure and other.own >= mention.own + 0.25)
    )


def _elsewhere(other: Mention, mention: Mention, plain: str) -> bool:
    """Whether two topics have their values in different places, so that both can be meant."""
    if other.topic.holder and mention.topic.holder:
        return bool(mention.mass) and not other.values & mention.values
    return any(
        _cut(plain, at, other.values) and not _cut(plain, at, mention.values)
        for at in mention.places
    )


def _cut(plain: str, place: int, values: Collection[int]) -> bool:
    """Whether all these values are held apart from a word by a semicolon, or by a word such as
    "but".
    """
    return all(is_split_off(plain, place, value, value) for value in values)
