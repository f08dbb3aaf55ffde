"""Whether a story tells a profile: each fact kept, altered or missing, and what was invented.

Fixed rules and no model: the same text gives the same verdicts, and each verdict shows the sentence
it rests on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from graph.fidelity.rules.assignment import Assignment, assign_sentences
from graph.fidelity.rules.certainty import is_certain, wording_of
from graph.fidelity.rules.mentions import Mention
from graph.fidelity.rules.reader import topic_index
from graph.fidelity.rules.sentences import Sentence, split_sentences, without_repeats
from graph.fidelity.rules.topics import Topic, topic_of
from graph.fidelity.rules.unsupported import Invention, find_inventions
from survey.profile import Answer

Verdict = Literal["kept", "altered", "missing", "unsure"]


@dataclass(frozen=True)
class Fact:
    """What became of one known answer. `item` is its id, or its question where it has none.

    `evidence` is the sentence that the verdict rests on, "" where no sentence speaks of it;
    `stated` the code of the option that the sentence states, None where it states none. `verified`:
    a model gave the verdict. `named`: a sentence names all that the fact is about, though no value
    could be read there.
    """

    item: str
    code: int
    verdict: Verdict
    evidence: str
    stated: int | None
    verified: bool = False
    named: bool = False


@dataclass(frozen=True)
class Fidelity:
    """How true a story is to a profile.

    `invented` are sentences that state what is not known, `possible` those that only may. `words`
    counts its words; `duplication` is the share of sentences that repeat an earlier one, or nearly
    so; `cut_off`: it does not end as a sentence does.
    """

    facts: tuple[Fact, ...]
    invented: tuple[Invention, ...]
    words: int
    duplication: float
    cut_off: bool
    possible: tuple[Invention, ...] = ()

    def share(self, verdict: Verdict) -> float:
        """The share of facts with this verdict. Raises ValueError where there are no facts."""
        if not self.facts:
            raise ValueError("shares of no facts")
        return sum(fact.verdict == verdict for fact in self.facts) / len(self.facts)


def check_story(story: str, profile: Sequence[Answer]) -> Fidelity:
    """Hold a story against a profile: O(facts x sentences), no model.

    A fact is kept where a sentence states its topic and its value, altered where one states another
    option's value so plainly that no other reading is left, unsure where one may state another's,
    and missing where none states a value. Headings are no sentences, and a sentence that is
    repeated counts once. Items of the codebook are read with its words, any other answer with those
    of its question, options and statement.
    """
    every = split_sentences(story)
    told = without_repeats(every)
    reader = topic_index(tuple(topic_of(answer) for answer in profile))
    heard = assign_sentences(told, reader)
    facts = tuple(
        _fact(answer, topic, heard, told)
        for answer, topic in zip(profile, reader.topics, strict=True)
    )
    words = len(re.findall(r"\w+(?:['’-]\w+)*", story))
    found = find_inventions(told, heard, reader, profile)
    invented, possible = (
        tuple(one for one in found if one.certain == certain) for certain in (True, False)
    )
    return Fidelity(facts, invented, words, repeated_share(every), ends_abruptly(story), possible)


def _fact(answer: Answer, topic: Topic, heard: Assignment, told: Sequence[Sentence]) -> Fact:
    """The verdict on one answer, from the sentence that says most of it, or from any that says it
    as it was given.
    """
    mentions = heard.of.get(topic, [])
    valued = [mention for mention in mentions if mention.codes]
    if not valued:
        return _without_value(answer, topic, [told[mention.sentence] for mention in mentions])
    best = _telling(answer, valued, heard, told)
    stated = min(best.codes) if len(best.codes) == 1 else None
    verdict = _verdict(answer, best, heard, told)
    return Fact(topic.name, answer["code"], verdict, told[best.sentence].text, stated)


def _telling(
    answer: Answer, valued: Sequence[Mention], heard: Assignment, told: Sequence[Sentence]
) -> Mention:
    """The mention that says most: one that says the fact as it was given, unless another plainly
    says more of it.
    """
    best = max(valued, key=lambda mention: mention.rank)
    agreeing = [mention for mention in valued if mention.codes == {answer["code"]}]
    if not agreeing:
        return best
    right = max(agreeing, key=lambda mention: mention.rank)
    return best if right.close < best.close and _is_plain(answer, best, heard, told) else right


def _without_value(answer: Answer, topic: Topic, spoken: Sequence[Sentence]) -> Fact:
    """The verdict where sentences speak of the topic without a value: missing, shown by one that
    names all of it.
    """
    whole = [sentence for sentence in spoken if topic.close(sentence.concepts) >= 1]
    evidence = next((sentence.text for sentence in (*whole, *spoken)), "")
    return Fact(topic.name, answer["code"], "missing", evidence, None, named=bool(whole))


def _verdict(answer: Answer, best: Mention, heard: Assignment, told: Sequence[Sentence]) -> Verdict:
    """What one mention makes of an answer, in view of all that may be read elsewhere."""
    if answer["code"] in best.codes:
        return "kept" if len(best.codes) == 1 else "missing"
    readings = [one for here in heard.read for one in here if one.topic is best.topic and one.codes]
    if any(one.codes != best.codes for one in readings):
        return "unsure"
    return "altered" if _is_plain(answer, best, heard, told) else "unsure"


def _is_plain(
    answer: Answer, mention: Mention, heard: Assignment, told: Sequence[Sentence]
) -> bool:
    """Whether a mention leaves no other reading of its own sentence."""
    wording = wording_of(answer, min(mention.codes))
    return is_certain(mention, told[mention.sentence], heard.read[mention.sentence], wording)


def repeated_share(told: Sequence[Sentence]) -> float:
    """The share of sentences of which nearly all words stand in an earlier sentence, and of that
    nearly all here.
    """
    seen: list[frozenset[str]] = []
    again = 0
    for sentence in told:
        words = frozenset(re.findall(r"\w+", sentence.plain))
        again += any(len(words & other) >= 0.9 * len(words | other) for other in seen if words)
        seen.append(words)
    return again / len(told) if told else 0.0


def ends_abruptly(story: str) -> bool:
    """Whether a text does not end as a sentence does."""
    return re.search(r"[.!?…][\"”’')\]*_]*\s*\Z", story) is None
