"""Find the sentences of a story that state what no known answer says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from graph.fidelity.rules.assignment import Assignment
from graph.fidelity.rules.certainty import is_certain, wording_of_item
from graph.fidelity.rules.clauses import any_between, clause_around
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
"""The least share of another item that must stand in a sentence that states it, beside the value;
the second where the sentence tells known facts too.
"""


@dataclass(frozen=True)
class Invention:
    """A sentence that states what no known answer says.

    `words` are the words in question, `item` the item that it states, "" where it states none.
    `certain`: the rules leave no other reading; else it only may be invented, unless a model has
    `verified` it.
    """

    evidence: str
    words: tuple[str, ...]
    item: str = ""
    certain: bool = True
    verified: bool = False


@dataclass
class _Said:
    """What one sentence says.

    `ties` are the positions that speak of known facts, `spoken` tells whether one is named without
    a value, and `others` are mentions of other items.
    """

    ties: frozenset[int] = frozenset()
    spoken: bool = False
    others: tuple[Mention, ...] = ()


def find_inventions(
    sentences: Sequence[Sentence],
    assignment: Assignment,
    reader: Reader,
    profile: Sequence[Answer],
) -> list[Invention]:
    """Return the sentences that state, or may state, what is not known, in their order."""
    known = frozenset[str]().union(*map(known_concepts, profile))
    numbers = frozenset[int]().union(*map(known_numbers, profile))
    by_sentence = _said_by_sentence(len(sentences), assignment, reader)
    found = []
    for sentence, said, here in zip(sentences, by_sentence, assignment.by_sentence, strict=True):
        words = tuple(unsupported_words(sentence, said.ties, said.spoken, known, numbers))
        other = _other_item(said)
        if other and SOMEBODY.search(sentence.plain):
            name, code = other.topic.name, next(iter(other.codes))
            certain = is_certain(other, sentence, here, wording_of_item(name, code))
            certain = certain and not _is_tied(other, said.ties, sentence)
            found.append(Invention(sentence.text, words, name, certain))
        elif words:
            apart = not said.spoken and is_apart(sentence, words, said.ties, known)
            found.append(Invention(sentence.text, words, "", apart))
    return found


def _said_by_sentence(count: int, assignment: Assignment, reader: Reader) -> list[_Said]:
    """Return what each of `count` sentences says of the topics."""
    by_sentence = [_Said() for _ in range(count)]
    for topic, mentions in assignment.by_topic.items():
        for mention in mentions:
            said = by_sentence[mention.sentence]
            if topic in reader.known and not mention.codes:
                said.spoken = True
            elif topic in reader.known:
                said.ties |= mention.positions | mention.value_positions
            elif _states(mention):
                said.others = (*said.others, mention)
    return by_sentence


def _other_item(said: _Said) -> Mention | None:
    """Return the first mention of another item that stands clear of what speaks of known facts."""
    least = SURE if said.ties else 0.0
    for mention in said.others:
        if mention.own_coverage >= least and not mention.positions & said.ties:
            return mention
    return None


def _states(mention: Mention) -> bool:
    """Whether enough stands there to say that another item is stated."""
    if not mention.codes or mention.coverage < CLEAR:
        return False
    if not mention.sure and mention.own_coverage < SURE:
        return False
    return mention.own_coverage >= OWN or mention.coverage == 1


def _is_tied(mention: Mention, ties: Collection[int], sentence: Sentence) -> bool:
    """Whether a clause in which another item is stated speaks of something known, too."""
    for position in mention.value_positions:
        start, end = clause_around(sentence.plain, position)
        if any_between(start, end, ties):
            return True
    return False
