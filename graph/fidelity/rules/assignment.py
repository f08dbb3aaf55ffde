"""What the sentences of a story say of each topic."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.fidelity.rules.disambiguation import is_dominated
from graph.fidelity.rules.mentions import Mention
from graph.fidelity.rules.reader import Reader
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.topics import Topic

REFERS = re.compile(r"\b(?:it|its|they|them|this|that|these|those|both|here|there)\b")
"""What may refer back to the sentence before."""


@dataclass(frozen=True)
class Assignment:
    """What sentences say of topics.

    `of` holds, by topic, what belongs to no other one; `read` all that may be read, sentence by
    sentence.
    """

    of: Mapping[Topic, list[Mention]]
    read: Sequence[Sequence[Mention]]


def assign_sentences(told: Sequence[Sentence], reader: Reader) -> Assignment:
    """What each sentence says of each topic, and what of that belongs rather to another one."""
    heard: dict[Topic, list[Mention]] = {}
    read = []
    for place, sentence in enumerate(told):
        around = frozenset[str]()
        if (
            place
            and told[place - 1].paragraph == sentence.paragraph
            and REFERS.search(sentence.plain)
        ):
            around = frozenset(told[place - 1].concepts)
        here = list(reader.read(place, sentence, around))
        read.append(here)
        for mention in here:
            if not is_dominated(mention, here, sentence.plain):
                heard.setdefault(mention.topic, []).append(mention)
    return Assignment(heard, read)
