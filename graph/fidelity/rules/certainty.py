"""Whether a sentence says so plainly what it says of a fact that no other reading is left."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from graph.fidelity.rules.clauses import DENIED, HARD, PERSON, clause_around
from graph.fidelity.rules.inventions import common_concepts
from graph.fidelity.rules.mentions import Mention
from graph.fidelity.rules.numbers import blank_scales
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.spelling import plain_words_of
from graph.fidelity.rules.value_spans import FIRST, value_spans
from graph.fidelity.rules.words import concepts_in
from survey.codebook import wvs7
from survey.profile import Answer

JOINS = re.compile(r",|/|\b(?:and|or|nor)\b")
"""What joins the parts of a list, of which several share one value."""
SPEAKER = re.compile(r"\b(?:you|i|she|he)\b")
WORDED = ("graded", "polar", "rate", "words")
"""Kinds of scale whose options are told apart by their words; others by a number or a name."""


@dataclass(frozen=True)
class Wording:
    """How an option is worded (`own`), and how the other options of its scale are (`others`), in
    plain spelling.
    """

    own: tuple[str, ...]
    others: tuple[str, ...]


def is_certain(
    mention: Mention, sentence: Sentence, here: Sequence[Mention], wording: Wording
) -> bool:
    """Whether one clause says the whole topic and one value, in an option's own words, and nothing
    besides.

    A list shares its value where each of its parts is a topic of the same scale, and takes the same
    option. `here` is all that may be read in the sentence, of any topic; `wording` says how the
    option is worded, and how the others are.
    """
    plain = sentence.plain
    if plain in wording.own:
        return True
    clauses = {clause_around(plain, at) for at in mention.values}
    if len(mention.codes) != 1 or not mention.sure or len(clauses) != 1:
        return False
    start, end = clauses.pop()
    said = plain[start:end]
    if start and not HARD.match(plain, start) and not SPEAKER.search(said):
        return False  # the rest of a list, whose beginning may be denied
    if mention.topic.close(concepts_in(blank_scales(said))) < 1:
        return False
    if mention.topic.holder and not PERSON.search(said):
        return False  # "married to someone who never had a job" is said of somebody else
    option = _worded(mention, said, wording.own)
    beside = _beside(mention, here, start, end)
    if option is None or not all(_shares(mention, other) for other in beside):
        return False
    rest = said.replace(option, " ", 1)
    if FIRST.search(rest) or DENIED.search(rest) or _has_other_values(mention, said, rest, wording):
        return False
    alone = (
        not beside or mention.topic.scale.kind == "polar"
    )  # what denies one part need not deny the next
    if alone and _is_joined(rest, mention.topic.name):
        return False
    return _is_all(rest, option, mention, beside)


def wording_of(answer: Answer, code: int) -> Wording:
    """How an option of a known answer is worded: by its label, and as the codebook words it where
    it is an item's.
    """
    item = wvs7().items.get(answer.get("item", ""))
    if item is not None and item.question == answer["question"]:
        return wording_of_item(item.id, code)
    labels = {option["code"]: (plain_words_of(option["label"]),) for option in answer["options"]}
    return _wording(labels, code, ())


def wording_of_item(name: str, code: int) -> Wording:
    """How an option of an item of the codebook is worded: by label, by phrase, and as a whole
    statement.
    """
    item = wvs7().items[name]
    texts = {
        option.code: tuple(plain_words_of(text) for text in (option.label, option.phrase) if text)
        for option in item.options
    }
    return _wording(texts, code, (plain_words_of(item.tell(code)),) if item.valid(code) else ())


def _wording(texts: Mapping[int, Sequence[str]], code: int, statement: Sequence[str]) -> Wording:
    """The wording of one option, of those of a whole scale."""
    others = (text for other, some in texts.items() if other != code for text in some)
    return Wording((*texts.get(code, ()), *statement), tuple(others))


def _worded(mention: Mention, said: str, wordings: Collection[str]) -> str | None:
    """The words of the clause that are the option's own; "" where a number or name says it, None
    where none are.
    """
    if mention.topic.scale.kind not in WORDED or mention.topic.scale.family == "sex":
        return ""
    found = [words for words in wordings if _stands_in(words, said)]
    return max(found, key=len, default=None)


def _beside(mention: Mention, here: Sequence[Mention], start: int, end: int) -> list[Mention]:
    """What may be said in this clause of other topics, by words that are not this topic's alone."""
    return [
        other
        for other in here
        if other.topic is not mention.topic
        and other.codes
        and (other.values & mention.values or any(start <= at < end for at in other.places))
        and not other.places <= mention.places
    ]


def _shares(mention: Mention, other: Mention) -> bool:
    """Whether another topic has its value in common with this one, as in a list of things that are
    trusted alike.
    """
    return other.topic.scale.rivalry == mention.topic.scale.rivalry and other.codes == mention.codes


def _is_joined(rest: str, name: str) -> bool:
    """Whether a clause joins more things than the topic itself does."""
    item = wvs7().items.get(name)
    return len(JOINS.findall(rest)) > (
        len(JOINS.findall(plain_words_of(item.topic))) if item else 0
    )


def _is_all(rest: str, option: str, mention: Mention, beside: Sequence[Mention]) -> bool:
    """Whether what a clause says besides the option all belongs to the topic, or states nothing by
    itself.
    """
    own = (
        mention.topic.frame
        | mention.topic.weights.keys()
        | concepts_in(option).keys()
        | common_concepts()
    )
    for other in beside:
        own |= other.topic.frame | other.topic.weights.keys()
    return concepts_in(blank_scales(rest)).keys() <= own


def _has_other_values(mention: Mention, said: str, rest: str, wording: Wording) -> bool:
    """Whether a clause holds another value than this one, also beside the option's own words, or
    holds none itself.
    """
    kind = mention.topic.scale.kind
    if kind == "polar":
        return False
    if kind in WORDED and any(_stands_in(words, rest) for words in wording.others):
        return True
    return {sign.codes for sign in value_spans(mention.topic.scale, said, True)} != {mention.codes}


def _stands_in(words: str, text: str) -> bool:
    """Whether these words stand in a text, and not within others."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None
