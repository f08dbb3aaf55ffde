"""Assign what the sentences of a story say to the topics of a profile."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.fidelity.rules.disambiguation import is_dominated
from graph.fidelity.rules.mentions import Mention
from graph.fidelity.rules.reader import Reader
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.topics import Topic

REFERS = re.compile(r"\b(?:it|its|they|them|this|that|these|those|both|here|there)\b")
"""Words that may refer back to the sentence before."""


@dataclass(frozen=True)
class Assignment:
    """What sentences say of topics.

    `by_topic` holds the mentions that belong to no other topic; `by_sentence` holds all that may be
    read in each sentence, in the order of the story.
    """

    by_topic: Mapping[Topic, list[Mention]]
    by_sentence: Sequence[Sequence[Mention]]


def assign_sentences(sentences: Sequence[Sentence], reader: Reader) -> Assignment:
    """Read each sentence for every topic, and drop what belongs rather to another topic."""
    by_topic: dict[Topic, list[Mention]] = {}
    by_sentence = []
    for index, sentence in enumerate(sentences):
        around = _concepts_before(sentences, index)
        here = list(reader.read(index, sentence, around))
        by_sentence.append(here)
        for mention in here:
            if not is_dominated(mention, here, sentence.plain):
                by_topic.setdefault(mention.topic, []).append(mention)
    return Assignment(by_topic, by_sentence)


def _concepts_before(sentences: Sequence[Sentence], index: int) -> frozenset[str]:
    """Return the concepts of the sentence before, where this one may refer to it."""
    sentence = sentences[index]
    if not index or not REFERS.search(sentence.plain):
        return frozenset()
    before = sentences[index - 1]
    return frozenset(before.concepts) if before.paragraph == sentence.paragraph else frozenset()
