"""Mentions: the places where a sentence speaks of a fact, and the options that they leave open."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graph.fidelity.rules.candidates import (
    ENOUGH,
    NAMED,
    Concepts,
    candidate_values,
    is_implied,
)
from graph.fidelity.rules.clauses import distance, leaning_distance
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.topics import Topic
from graph.fidelity.rules.value_spans import ALONE, NEAR, ValueSpan

CLEAR = 0.75
"""The least share of a topic that must stand in a sentence where the value itself is not clear."""
FAR = 1.6
"""How many times the share of a topic may grow by words elsewhere in the sentence, or before it."""
PARTLY = 0.3
"""The share of a topic that is enough where an option is named in full."""
UNSURE = 25
"""Characters by which an unsure span counts as standing farther away."""


@dataclass(frozen=True, eq=False)
class Mention:
    """A sentence that speaks of a topic, and the options that it leaves open.

    `sentence` is its index; `codes` is empty where it names no value. `coverage` is how much of the
    topic stands there, from 0 to 1, and `own_coverage` how much beside the value itself. `weight`
    is what the words at `positions` weigh; those at `core_positions` name the topic, and values
    stand at `value_positions`, `distance` characters away. `implied`: the value alone tells the
    topic. `sure`: the value names an option, and not only a direction. `strong`: other topics give
    way to it. `fit` is the share of the sentence's concepts that the topic or its question holds.
    """

    topic: Topic
    sentence: int
    coverage: float
    codes: frozenset[int] = frozenset()
    own_coverage: float = 0.0
    weight: float = 0.0
    positions: frozenset[int] = frozenset()
    core_positions: frozenset[int] = frozenset()
    value_positions: frozenset[int] = frozenset()
    implied: bool = False
    distance: float = 0.0
    sure: bool = False
    strong: bool = False
    fit: float = 0.0

    @property
    def rank(self) -> tuple[float, bool, float, float]:
        """The key by which the best of several mentions is chosen."""
        return (round(self.coverage, 2), self.sure, round(self.weight, 2), -self.distance)


class Placed(NamedTuple):
    """A span of a value, and the positions of the topic's words that belong to it.

    `distances` gives the characters between them, by position.
    """

    span: ValueSpan
    distances: Mapping[int, float]


def mentions_of(
    topic: Topic, index: int, sentence: Sentence, around: frozenset[str]
) -> Iterator[Mention]:
    """Yield what the sentence of this index says of a topic.

    There is a mention for each set of options that its values leave open. `around` are concepts of
    the sentence before, which may name a part of the topic.
    """
    concepts = sentence.concepts
    words = {name: places for name, places in concepts.items() if name in topic.weights}
    if topic.required and not topic.required & (concepts.keys() | around):
        return
    spans = candidate_values(topic, sentence, around)
    if not words and not any(is_implied(topic, span, concepts) for span in spans):
        return
    if not spans:
        positions = frozenset[int]().union(*words.values())
        yield Mention(topic, index, topic.coverage({*words, *around}), positions=positions)
    placed = _place(words, spans, sentence.plain)
    for codes in dict.fromkeys(span.codes for span in spans):
        same = [one for one in placed if one.span.codes == codes]
        mention = _mention(topic, index, same, words, sentence, around)
        if mention.coverage < ENOUGH:
            continue
        if mention.own_coverage >= CLEAR or (
            mention.strong and not _names_topic(topic, same, concepts)
        ):
            yield mention


def _mention(
    topic: Topic,
    index: int,
    placed: Sequence[Placed],
    words: Concepts,
    sentence: Sentence,
    around: frozenset[str],
) -> Mention:
    """Return the mention that spans of the same options make."""
    concepts = sentence.concepts
    near = frozenset[int]().union(*(one.distances for one in placed))
    names = {name for name, positions in words.items() if near.intersection(positions)}
    share = max(one.span.share for one in placed)
    implied = any(is_implied(topic, one.span, concepts) for one in placed)
    value_positions = frozenset(one.span.start for one in placed)
    positions = near | _option_positions(topic, placed, concepts)
    if not positions and topic.scale.kind not in ("graded", "polar", "rate"):
        positions = value_positions
    own = topic.coverage(names)
    coverage = own
    if near:
        coverage = max(own, min(topic.coverage({*concepts, *around}), FAR * own))
    if share >= ALONE and _names_part(topic, placed, names):
        coverage = max(coverage, (own + share) / 2)
    return Mention(
        topic=topic,
        sentence=index,
        coverage=1.0 if implied else coverage,
        codes=placed[0].span.codes,
        own_coverage=own,
        weight=sum(topic.weights[name] for name in sorted(names)),
        positions=positions,
        core_positions=near & _core_positions(topic, names, words),
        value_positions=value_positions,
        implied=implied,
        distance=_distance(placed),
        sure=any(one.span.sure for one in placed),
        strong=_is_strong(topic, placed, share),
        fit=_fit(topic, concepts),
    )


def _names_part(topic: Topic, placed: Sequence[Placed], names: set[str]) -> bool:
    """Whether words beside those of the option name a part of the topic."""
    option_words = topic.scale.option_words(placed[0].span.codes)
    return topic.coverage(names - option_words) >= PARTLY


def _is_strong(topic: Topic, placed: Sequence[Placed], share: float) -> bool:
    """Whether other topics give way: an option is named, or the value is not merely asserted."""
    if topic.scale.kind == "words":
        return share >= NAMED
    return not all(one.span.asserted for one in placed)


def _core_positions(topic: Topic, names: set[str], words: Concepts) -> set[int]:
    """Return the positions of those of these words that name the topic."""
    found: set[int] = set()
    for name in names:
        if any(name in core for core in topic.cores):
            found.update(words[name])
    return found


def _distance(placed: Sequence[Placed]) -> float:
    """Return the least mean distance between a span and its words; 0 where none belong to any."""
    found = []
    for one in placed:
        if one.distances:
            found.append(sum(one.distances.values()) / len(one.distances))
    return min(found, default=0.0)


def _fit(topic: Topic, concepts: Concepts) -> float:
    """Return the share of a sentence's concepts that the topic or its question holds."""
    held = sum(name in topic.frame or name in topic.weights for name in concepts)
    return held / max(len(concepts), 1)


def _option_positions(topic: Topic, placed: Sequence[Placed], concepts: Concepts) -> set[int]:
    """Return the positions close to the spans of words by which their options are named."""
    found: set[int] = set()
    for positions in _named(topic, placed, concepts).values():
        found |= positions
    return found


def _named(topic: Topic, placed: Sequence[Placed], concepts: Concepts) -> dict[str, set[int]]:
    """Return the words by which the spans' options are named, with positions close to the spans."""
    found: dict[str, set[int]] = {}
    for name in topic.scale.option_words(placed[0].span.codes):
        for position in concepts.get(name, ()):
            if any(abs(position - one.span.start) <= NEAR for one in placed):
                found.setdefault(name, set()).add(position)
    return found


def _names_topic(topic: Topic, placed: Sequence[Placed], concepts: Concepts) -> bool:
    """Whether all words that name the option are words that name the topic."""
    named = _named(topic, placed, concepts).keys()
    return bool(named) and named <= topic.weights.keys()


def _place(words: Concepts, spans: Sequence[ValueSpan], plain: str) -> list[Placed]:
    """Give each position of the topic's words to the nearest span, and to those as near.

    Of a word that stands more than once, a span takes the nearest position.
    """
    belongs: list[dict[int, float]] = [{} for _ in spans]
    for positions in words.values() if spans else ():
        nearest: dict[int, tuple[float, int]] = {}
        for position in positions:
            away = [_span_distance(span, position, plain) for span in spans]
            for number, far in enumerate(away):
                if far < min(away) + 0.5:
                    nearest[number] = min(nearest.get(number, (far, position)), (far, position))
        for number, (far, position) in nearest.items():
            belongs[number][position] = far
    return [Placed(span, distances) for span, distances in zip(spans, belongs, strict=True)]


def _span_distance(span: ValueSpan, position: int, plain: str) -> float:
    """Return how far a span counts as standing from a word."""
    far = distance(plain, position, span.start, span.end)
    far += leaning_distance(plain, position, span.start, span.end)
    return far if span.sure else far + UNSURE
