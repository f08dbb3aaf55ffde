"""Which topics a sentence may speak of, found by its words, so that not every fact is held against
every sentence.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from graph.fidelity.rules.candidates import ENOUGH
from graph.fidelity.rules.mentions import Mention, mentions_of
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.topics import Topic, topic_of_item
from survey.codebook import wvs7


@dataclass(frozen=True, eq=False)
class Reader:
    """The topics of a profile, and those of the codebook beside them, by the concepts that they
    hold.
    """

    topics: tuple[Topic, ...]
    others: tuple[Topic, ...]
    known: frozenset[Topic]
    by_concept: dict[str, list[tuple[Topic, int, float]]] = field(
        default_factory=lambda: defaultdict(list), repr=False
    )
    by_option: dict[str, set[Topic]] = field(default_factory=lambda: defaultdict(set), repr=False)
    always: list[Topic] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        for topic in (*self.topics, *self.others):
            for way, weights in enumerate((*topic.cores, topic.told)):
                whole = sum(weights.values())
                for name, weight in weights.items():
                    self.by_concept[name].append((topic, way, weight / whole))
            for ways in topic.scale.named.values():
                for name in frozenset().union(*ways):
                    self.by_option[name].add(topic)
            if topic.scale.kind == "counted" or topic.scale.family == "sex":
                self.always.append(topic)

    def read(self, place: int, sentence: Sentence, around: frozenset[str]) -> Iterator[Mention]:
        """What a sentence says of the topics whose words it holds."""
        shares: dict[tuple[Topic, int], float] = defaultdict(float)
        for name in sentence.concepts.keys() | around:
            for topic, way, share in self.by_concept.get(name, ()):
                shares[topic, way] += share
        near = {topic for (topic, _), share in shares.items() if share >= ENOUGH - 0.001}
        named = {topic for name in sentence.concepts for topic in self.by_option.get(name, ())}
        for topic in (*self.topics, *self.others):
            if topic in near or topic in named or topic in self.always:
                yield from mentions_of(topic, place, sentence, around)


@lru_cache(maxsize=64)
def topic_index(topics: tuple[Topic, ...]) -> Reader:
    """The reader of a profile; the codebook's other items stand beside it where it holds any of
    them.
    """
    items = [item.id for item in wvs7().items.values() if item.shown]
    ours = {topic for topic in topics if topic.name in items and topic_of_item(topic.name) is topic}
    others = (
        tuple(topic for item in items if (topic := topic_of_item(item)) not in ours) if ours else ()
    )
    return Reader(topics, others, frozenset(topics))
