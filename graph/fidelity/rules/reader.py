"""Find the topics that a sentence may speak of, so that not every fact is held against it."""

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
    """The topics of a profile, and the codebook's `others`, indexed by the concepts they hold.

    `by_concept` gives topic, number of the way to name it, and share of that way; `by_option` the
    topics of which an option is named by a concept; `always` are topics that values alone may tell.
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
            for way, weights in enumerate((*topic.cores, topic.statement)):
                whole = sum(weights.values())
                for name, weight in weights.items():
                    self.by_concept[name].append((topic, way, weight / whole))
            for name in topic.scale.option_words(topic.scale.named):
                self.by_option[name].add(topic)
            if topic.scale.kind == "counted" or topic.scale.family == "sex":
                self.always.append(topic)

    def read(self, index: int, sentence: Sentence, around: frozenset[str]) -> Iterator[Mention]:
        """Yield what the sentence of this index says of the topics whose concepts it holds.

        `around` are concepts of the sentence before, to which this one may refer.
        """
        near = self._near(sentence.concepts.keys() | around)
        near.update(self.always)
        for name in sentence.concepts:
            near |= self.by_option.get(name, set())
        for topic in (*self.topics, *self.others):
            if topic in near:
                yield from mentions_of(topic, index, sentence, around)

    def _near(self, concepts: set[str]) -> set[Topic]:
        """Return the topics of which these concepts hold enough."""
        shares: dict[tuple[Topic, int], float] = defaultdict(float)
        for name in sorted(concepts):
            for topic, way, share in self.by_concept.get(name, ()):
                shares[topic, way] += share
        return {topic for (topic, _), share in shares.items() if share >= ENOUGH - 0.001}


@lru_cache(maxsize=64)
def topic_index(topics: tuple[Topic, ...]) -> Reader:
    """Return the reader of a profile.

    The codebook's other items stand beside it where the profile holds any of them.
    """
    items = [item.id for item in wvs7().items.values() if item.shown]
    ours = {topic for topic in topics if topic.name in items and topic_of_item(topic.name) is topic}
    others: tuple[Topic, ...] = ()
    if ours:
        others = tuple(topic for topic in map(topic_of_item, items) if topic not in ours)
    return Reader(topics, others, frozenset(topics))
