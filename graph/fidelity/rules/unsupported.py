"""The sentences of a story that state what no known answer says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from graph.fidelity.rules.assignment import Assignment
from graph.fidelity.rules.certainty import is_certain, wording_of_item
from graph.fidelity.rules.clauses import clause_around
from graph.fidelity.rules.inventions import (
    SOMEBODY,
    is_apart,
    known_concepts,
    known_numbers,
    unsupported_words,
)
from graph.fidelity.rules.mentions import CLEAR, Mention
from graph.fidelity.rules.reader import Reader
from graph.fidelity.rules.sentences import Sentence
from survey.profile import Answer

OWN, SURE = 0.6, 0.9
"""So much of another item must stand in a sentence that states it, beside the value; more where it
tells facts too.
"""


@dataclass(frozen=True)
class Invention:
    """A sentence that states what no known answer says: the words in question, and the item where
    it is one's.

    `certain`: the rules leave no other reading; else it only may be invented, unless a model has
    `verified` it.
    """

    evidence: str
    words: tuple[str, ...]
    item: str = ""
    certain: bool = True
    verified: bool = False


@dataclass
class Place:
    """What one sentence says: places that speak of known facts, whether one is named, and mentions
    of other items.
    """

    ties: frozenset[int] = frozenset()
    spoken: bool = False
    others: tuple[Mention, ...] = ()


def find_inventions(
    told: Sequence[Sentence], heard: Assignment, reader: Reader, profile: Sequence[Answer]
) -> list[Invention]:
    """The sentences that state, or may state, what is not known."""
    known = frozenset().union(*map(known_concepts, profile))
    numbers = frozenset().union(*map(known_numbers, profile))
    places = _places(len(told), heard, reader)
    found = []
    for sentence, place, here in zip(told, places, heard.read, strict=True):
        least = SURE if place.ties else 0.0
        other = next(
            (one for one in place.others if one.own >= least and not one.places & place.ties), None
        )
        words = unsupported_words(sentence, place.ties, place.spoken, known, numbers)
        if other and SOMEBODY.search(sentence.plain):
            [code] = list(other.codes)[:1]
            plainly = is_certain(other, sentence, here, wording_of_item(other.topic.name, code))
            plainly = plainly and not _beside(other, place.ties, sentence)
            found.append(Invention(sentence.text, tuple(words), other.topic.name, plainly))
        elif words:
            alien = not place.spoken and is_apart(sentence, words, place.ties, known)
            found.append(Invention(sentence.text, tuple(words), "", alien))
    return found


def _places(many: int, heard: Assignment, reader: Reader) -> list[Place]:
    """What each of so many sentences says of the topics."""
    places = [Place() for _ in range(many)]
    for topic, mentions in heard.of.items():
        for mention in mentions:
            place = places[mention.sentence]
            if topic in reader.known and not mention.codes:
                place.spoken = True
            elif topic in reader.known:
                place.ties |= mention.places | mention.values
            elif _states(mention):
                place.others = (*place.others, mention)
    return places


def _states(mention: Mention) -> bool:
    """Whether enough stands there to say that another item is stated."""
    if not mention.codes or not (mention.sure or mention.own >= SURE) or mention.close < CLEAR:
        return False
    return mention.own >= OWN or mention.close == 1


def _beside(mention: Mention, ties: Collection[int], sentence: Sentence) -> bool:
    """Whether the clause in which another item is stated speaks of something known, too."""
    clauses = {clause_around(sentence.plain, at) for at in mention.values}
    return any(start <= tie < end for start, end in clauses for tie in ties)
