"""Decide whether a sentence says a fact so plainly that no other reading is left."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from graph.fidelity.rules.clauses import DENIED, HARD, PERSON, any_between, clause_around
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
    """How an option is worded (`own`), and how the others are (`others`), plainly spelled."""

    own: tuple[str, ...]
    others: tuple[str, ...]


def is_certain(
    mention: Mention, sentence: Sentence, here: Sequence[Mention], wording: Wording
) -> bool:
    """Whether one clause says the whole topic and one value, in an option's own words, and no more.

    A list shares its value where each of its parts is a topic of the same scale and takes the same
    option. `here` holds all that may be read in the sentence, of any topic.
    """
    plain = sentence.plain
    if plain in wording.own:
        return True
    clauses = {clause_around(plain, position) for position in mention.value_positions}
    if len(mention.codes) != 1 or not mention.sure or len(clauses) != 1:
        return False
    [(start, end)] = clauses
    said = plain[start:end]
    if start and not HARD.match(plain, start) and not SPEAKER.search(said):
        return False  # the rest of a list, whose beginning may be denied
    if not _says_topic(mention, said):
        return False
    option = _worded(mention, said, wording.own)
    beside = _beside(mention, here, start, end)
    if option is None or not all(_shares_value(mention, other) for other in beside):
        return False
    rest = said.replace(option, " ", 1)
    if FIRST.search(rest) or DENIED.search(rest) or _has_other_values(mention, said, rest, wording):
        return False
    # what denies one part of a list need not deny the next
    alone = not beside or mention.topic.scale.kind == "polar"
    if alone and _is_joined(rest, mention.topic.name):
        return False
    return _says_no_more(rest, option, mention, beside)


def _says_topic(mention: Mention, said: str) -> bool:
    """Whether a clause says the whole topic, and of the person of whom the fact is.

    "Married to someone who never had a job" is said of somebody else.
    """
    if mention.topic.coverage(concepts_in(blank_scales(said))) < 1:
        return False
    return not mention.topic.person or PERSON.search(said) is not None


def wording_of(answer: Answer, code: int) -> Wording:
    """Return how an option of a known answer is worded: by its label, and as the codebook words it
    where the answer is to an item.
    """
    item = wvs7().items.get(answer.get("item", ""))
    if item is not None and item.question == answer["question"]:
        return wording_of_item(item.id, code)
    labels = {option["code"]: [plain_words_of(option["label"])] for option in answer["options"]}
    return _wording(labels, code, ())


def wording_of_item(name: str, code: int) -> Wording:
    """Return how an option of an item is worded: by label, phrase, and statement."""
    item = wvs7().items[name]
    texts = {}
    for option in item.options:
        texts[option.code] = [plain_words_of(option.label)]
        if option.phrase:
            texts[option.code].append(plain_words_of(option.phrase))
    statement = [plain_words_of(item.tell(code))] if item.valid(code) else []
    return _wording(texts, code, statement)


def _wording(texts: Mapping[int, Sequence[str]], code: int, statement: Sequence[str]) -> Wording:
    """Return the wording of one option, given the texts of all options of its scale."""
    others: list[str] = []
    for other, some in texts.items():
        if other != code:
            others += some
    return Wording((*texts.get(code, ()), *statement), tuple(others))


def _worded(mention: Mention, said: str, wordings: Collection[str]) -> str | None:
    """Return the longest of an option's own wordings that a clause holds; None for none.

    It is "" on a scale where a number or name says the option.
    """
    if mention.topic.scale.kind not in WORDED or mention.topic.scale.family == "sex":
        return ""
    found = [words for words in wordings if _stands_in(words, said)]
    return max(found, key=len, default=None)


def _beside(mention: Mention, here: Sequence[Mention], start: int, end: int) -> list[Mention]:
    """Return what a clause may say of other topics by words that are not this topic's alone."""
    found = []
    for other in here:
        if other.topic is mention.topic or not other.codes:
            continue
        if other.positions <= mention.positions:
            continue
        same_value = other.value_positions & mention.value_positions
        if same_value or any_between(start, end, other.positions):
            found.append(other)
    return found


def _shares_value(mention: Mention, other: Mention) -> bool:
    """Whether another topic has its value in common with this one, as in a list of things trusted
    alike.
    """
    scale, other_scale = mention.topic.scale, other.topic.scale
    same_scale = (scale.kind, scale.family) == (other_scale.kind, other_scale.family)
    return same_scale and other.codes == mention.codes


def _is_joined(rest: str, name: str) -> bool:
    """Whether a clause joins more things than the topic itself does."""
    item = wvs7().items.get(name)
    joined = len(JOINS.findall(plain_words_of(item.topic))) if item else 0
    return len(JOINS.findall(rest)) > joined


def _says_no_more(rest: str, option: str, mention: Mention, beside: Sequence[Mention]) -> bool:
    """Whether what a clause says besides the option all belongs to its topics, or states nothing by
    itself.
    """
    own = set(common_concepts())
    own.update(concepts_in(option))
    for one in (mention, *beside):
        own.update(one.topic.frame, one.topic.weights)
    return concepts_in(blank_scales(rest)).keys() <= own


def _has_other_values(mention: Mention, said: str, rest: str, wording: Wording) -> bool:
    """Whether a clause holds another value than this one, or holds none.

    `rest` is the clause without the option's own words.
    """
    kind = mention.topic.scale.kind
    if kind == "polar":
        return False
    if kind in WORDED and any(_stands_in(words, rest) for words in wording.others):
        return True
    return {span.codes for span in value_spans(mention.topic.scale, said, True)} != {mention.codes}


def _stands_in(words: str, text: str) -> bool:
    """Whether these words stand in a text, and are not part of longer words."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None
