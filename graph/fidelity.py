"""Whether a story tells a profile: each fact kept, altered or missing, and what was invented.

Fixed rules and no model: the same text gives the same verdicts, and each verdict shows the sentence it rests on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from graph.facts.inventions import SOMEBODY, numbers_in, untold, vocabulary
from graph.facts.mentions import CLEAR, Mention
from graph.facts.reader import Reader, topic_index
from graph.facts.rivals import beaten
from graph.facts.sentences import Sentence, sentences
from graph.facts.topics import Topic, topic_of
from survey.profile import Answer

Verdict = Literal["kept", "altered", "missing"]

REFERS = re.compile(r"\b(?:it|its|they|them|this|that|these|those|both|here|there)\b")
"""What may refer back to the sentence before."""
OWN, SURE = 0.6, 0.9
"""So much of another item must stand in a sentence that states it, beside the value; more where it tells facts too."""


@dataclass(frozen=True)
class Fact:
    """What became of one known answer. `item` is its id, or its question where it has none.

    `evidence` is the sentence that the verdict rests on, "" where no sentence speaks of it; `stated` the code of the
    option that the sentence states, None where it states none.
    """

    item: str
    code: int
    verdict: Verdict
    evidence: str
    stated: int | None


@dataclass(frozen=True)
class Invention:
    """A sentence that states what no known answer says: the words in question, and the item where it is one's."""

    evidence: str
    words: tuple[str, ...]
    item: str = ""


@dataclass(frozen=True)
class Fidelity:
    """How true a story is to a profile.

    `words` counts its words; `duplication` is the share of sentences that repeat an earlier one, or nearly so;
    `cut_off`: it does not end as a sentence does.
    """

    facts: tuple[Fact, ...]
    invented: tuple[Invention, ...]
    words: int
    duplication: float
    cut_off: bool

    def share(self, verdict: Verdict) -> float:
        """The share of facts with this verdict. Raises ValueError where there are no facts."""
        if not self.facts:
            raise ValueError("shares of no facts")
        return sum(fact.verdict == verdict for fact in self.facts) / len(self.facts)


def check(story: str, profile: Sequence[Answer]) -> Fidelity:
    """Hold a story against a profile: O(facts x sentences), no model.

    A fact is kept where a sentence states its topic and its value, altered where it states another option's value,
    and missing where no sentence states a value. Items of the codebook are read with its words, any other answer
    with those of its question, options and statement.
    """
    told = sentences(story)
    reader = topic_index(tuple(topic_of(answer) for answer in profile))
    heard = hear(told, reader)
    facts = tuple(_fact(answer, topic, heard, told) for answer, topic in zip(profile, reader.topics, strict=True))
    words = len(re.findall(r"\w+(?:['’-]\w+)*", story))
    return Fidelity(facts, tuple(_invented(told, heard, reader, profile)), words, duplication(told), cut_off(story))


def hear(told: Sequence[Sentence], reader: Reader) -> Mapping[Topic, list[Mention]]:
    """What each sentence says of each topic, but for what belongs rather to another one."""
    heard: dict[Topic, list[Mention]] = {}
    for place, sentence in enumerate(told):
        around = frozenset[str]()
        if place and told[place - 1].paragraph == sentence.paragraph and REFERS.search(sentence.plain):
            around = frozenset(told[place - 1].concepts)
        here = list(reader.read(place, sentence, around))
        for mention in here:
            if not beaten(mention, here, sentence.plain):
                heard.setdefault(mention.topic, []).append(mention)
    return heard


def _fact(answer: Answer, topic: Topic, heard: Mapping[Topic, list[Mention]], told: Sequence[Sentence]) -> Fact:
    """The verdict on one answer, from the sentence that says most of it."""
    mentions = heard.get(topic, [])
    valued = [mention for mention in mentions if mention.codes]
    if not valued:
        evidence = told[mentions[0].sentence].text if mentions else ""
        return Fact(topic.name, answer["code"], "missing", evidence, None)
    best = max(valued, key=lambda mention: mention.rank)
    verdict: Verdict = "altered" if answer["code"] not in best.codes else "kept" if len(best.codes) == 1 else "missing"
    stated = min(best.codes) if len(best.codes) == 1 else None
    return Fact(topic.name, answer["code"], verdict, told[best.sentence].text, stated)


def _invented(
    told: Sequence[Sentence], heard: Mapping[Topic, list[Mention]], reader: Reader, profile: Sequence[Answer]
) -> list[Invention]:
    """The sentences that state what is not known."""
    known = frozenset().union(*map(vocabulary, profile))
    numbers = frozenset().union(*map(numbers_in, profile))
    ties: dict[int, set[int]] = {}
    spoken = set()
    others: dict[int, list[Mention]] = {}
    for topic, mentions in heard.items():
        for mention in mentions:
            if topic in reader.known and not mention.codes:
                spoken.add(mention.sentence)
            elif topic in reader.known:
                ties.setdefault(mention.sentence, set()).update(mention.places | mention.values)
            elif (
                mention.codes
                and (mention.sure or mention.own >= SURE)
                and mention.close >= CLEAR
                and (mention.own >= OWN or mention.close == 1)
            ):
                others.setdefault(mention.sentence, []).append(mention)
    found = []
    for place, sentence in enumerate(told):
        tied = ties.get(place, set())
        least = SURE if tied else 0.0
        other = next((one for one in others.get(place, ()) if one.own >= least and not one.places & tied), None)
        words = untold(sentence, tied, place in spoken, known, numbers)
        if other and SOMEBODY.search(sentence.plain):
            found.append(Invention(sentence.text, tuple(words), other.topic.name))
        elif words:
            found.append(Invention(sentence.text, tuple(words)))
    return found


def duplication(told: Sequence[Sentence]) -> float:
    """The share of sentences of which nearly all words stand in an earlier sentence, and of that nearly all here."""
    seen: list[frozenset[str]] = []
    again = 0
    for sentence in told:
        words = frozenset(re.findall(r"\w+", sentence.plain))
        again += any(len(words & other) >= 0.9 * len(words | other) for other in seen if words)
        seen.append(words)
    return again / len(told) if told else 0.0


def cut_off(story: str) -> bool:
    """Whether a text does not end as a sentence does."""
    return re.search(r"[.!?…][\"”’')\]*_]*\s*\Z", story) is None
