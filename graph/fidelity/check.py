"""Check whether a story tells a profile: each fact kept, altered or missing, and what is invented.

The check follows fixed rules and asks no model: the same text gives the same verdicts, and each
verdict shows the sentence it rests on.
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

WORD = re.compile(r"\w+(?:['’-]\w+)*")

Verdict = Literal["kept", "altered", "missing", "unsure"]


@dataclass(frozen=True)
class Fact:
    """The verdict on one known answer.

    `item` is its id, or its question where it has none. `evidence` is the sentence that the verdict
    rests on, "" where no sentence speaks of the answer; `stated` is the code of the option that the
    sentence states, None where it states none. `verified`: a model gave the verdict. `named`: a
    sentence names all that the fact is about, though no value could be read there.
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
        """Return the share of facts with this verdict. Raises ValueError where there are none."""
        if not self.facts:
            raise ValueError("shares of no facts")
        return sum(fact.verdict == verdict for fact in self.facts) / len(self.facts)


def check_story(story: str, profile: Sequence[Answer]) -> Fidelity:
    """Hold a story against a profile. The time it takes grows with facts times sentences.

    A fact is kept where a sentence states its topic and its value; altered where one states another
    option's value so plainly that no other reading is left; unsure where one may state another's;
    and missing where none states a value. Headings are no sentences, and a sentence that is
    repeated counts once. Items of the codebook are read with its words, any other answer with those
    of its question, options and statement.
    """
    every = split_sentences(story)
    sentences = without_repeats(every)
    reader = topic_index(tuple(map(topic_of, profile)))
    assignment = assign_sentences(sentences, reader)
    facts = []
    for answer, topic in zip(profile, reader.topics, strict=True):
        facts.append(_fact(answer, topic, assignment, sentences))
    found: dict[bool, list[Invention]] = {True: [], False: []}
    for invention in find_inventions(sentences, assignment, reader, profile):
        found[invention.certain].append(invention)
    return Fidelity(
        facts=tuple(facts),
        invented=tuple(found[True]),
        words=len(WORD.findall(story)),
        duplication=repeated_share(every),
        cut_off=ends_abruptly(story),
        possible=tuple(found[False]),
    )


def _fact(
    answer: Answer, topic: Topic, assignment: Assignment, sentences: Sequence[Sentence]
) -> Fact:
    """Return the verdict on one answer, from the mention that says most of it."""
    mentions = assignment.by_topic.get(topic, [])
    valued = [mention for mention in mentions if mention.codes]
    if not valued:
        return _without_value(answer, topic, [sentences[one.sentence] for one in mentions])
    best = _best(answer, valued, assignment, sentences)
    stated = min(best.codes) if len(best.codes) == 1 else None
    verdict = _verdict(answer, best, assignment, sentences)
    return Fact(topic.name, answer["code"], verdict, sentences[best.sentence].text, stated)


def _best(
    answer: Answer,
    valued: Sequence[Mention],
    assignment: Assignment,
    sentences: Sequence[Sentence],
) -> Mention:
    """Return the mention that says most: one that says the fact as it was given, unless another
    plainly says more of it.
    """
    best = max(valued, key=lambda mention: mention.rank)
    agreeing = [mention for mention in valued if mention.codes == {answer["code"]}]
    if not agreeing:
        return best
    right = max(agreeing, key=lambda mention: mention.rank)
    if right.coverage < best.coverage and _is_plain(answer, best, assignment, sentences):
        return best
    return right


def _without_value(answer: Answer, topic: Topic, spoken: Sequence[Sentence]) -> Fact:
    """Return a missing fact, shown by a sentence that names all of its topic, or else a part."""
    whole = [sentence for sentence in spoken if topic.coverage(sentence.concepts) >= 1]
    shown = [*whole, *spoken]
    evidence = shown[0].text if shown else ""
    return Fact(topic.name, answer["code"], "missing", evidence, None, named=bool(whole))


def _verdict(
    answer: Answer, best: Mention, assignment: Assignment, sentences: Sequence[Sentence]
) -> Verdict:
    """Return what one mention makes of an answer, in view of all that may be read elsewhere."""
    if answer["code"] in best.codes:
        return "kept" if len(best.codes) == 1 else "missing"
    for here in assignment.by_sentence:
        for mention in here:
            if mention.topic is best.topic and mention.codes and mention.codes != best.codes:
                return "unsure"
    return "altered" if _is_plain(answer, best, assignment, sentences) else "unsure"


def _is_plain(
    answer: Answer, mention: Mention, assignment: Assignment, sentences: Sequence[Sentence]
) -> bool:
    """Whether a mention leaves no other reading of its own sentence."""
    wording = wording_of(answer, min(mention.codes))
    here = assignment.by_sentence[mention.sentence]
    return is_certain(mention, sentences[mention.sentence], here, wording)


def repeated_share(sentences: Sequence[Sentence]) -> float:
    """Return the share of sentences that have nearly all words in common with an earlier one."""
    seen: list[frozenset[str]] = []
    repeated = 0
    for sentence in sentences:
        words = frozenset(re.findall(r"\w+", sentence.plain))
        repeated += any(len(words & other) >= 0.9 * len(words | other) for other in seen if words)
        seen.append(words)
    return repeated / len(sentences) if sentences else 0.0


def ends_abruptly(story: str) -> bool:
    """Whether a text does not end as a sentence does."""
    return re.search(r"[.!?…][\"”’')\]*_]*\s*\Z", story) is None
