"""The values in a sentence that may be a topic's: of its scale, in its sense, and said of the right
person.
"""

import re
from collections.abc import Mapping, Sequence

from graph.fidelity.rules.clauses import blank_questions, clause_around, holder_of, is_denied
from graph.fidelity.rules.expressions import families
from graph.fidelity.rules.idf import is_peculiar
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.topics import Topic
from graph.fidelity.rules.value_spans import ValueSpan, preferred_options, value_spans
from graph.fidelity.rules.values import BARE

ENOUGH = 0.55
"""So much of a topic must stand in a sentence that speaks of it."""
NAMED, CERTAIN = 0.6, 0.8
"""Of so much of an option's own words it is known that it is meant, and that no other is."""
ASSERTED = 0.6
"""A sentence that holds so much of a statement, and no word of agreeing, agrees with it."""
HEADLESS = frozenset(
    {"trust", "importance", "worry", "closeness", "interest", "respect", "proud", "frequency"}
)
"""Families of which words of degree alone may speak, once the family is named."""
STOPPED = re.compile(
    r"\b(?:avoid\w*|stop(?:ped|s)?|refrain\w*|keep(?:s|ing)? from|stay(?:s|ed|ing)? (?:in|home|at "
    r"home)|"
    r"leav(?:e|es|ing)|left|give up|gave up|lack\w*|without|hung(?:er|ry)|short "
    r"of|starv\w*|danger|unsafe|threaten\w*|"
    r"homeless|unable|fear\w*|forgo\w*|missed)\b"
)
"""Words that say of themselves that something is lacked or avoided."""


def candidate_values(topic: Topic, sentence: Sentence, around: frozenset[str]) -> list[ValueSpan]:
    """The values in a sentence that may be this topic's."""
    scale, plain, held = topic.scale, sentence.plain, sentence.concepts
    if scale.kind == "polar":
        found = value_spans(scale, plain, False) or _polar(topic, plain, held, around)
    else:
        heads = families()[scale.family].heads if scale.family in HEADLESS else ()
        bare = any(pattern.search(f"{sentence.heading} {plain}") for _, pattern, _ in heads)
        found = value_spans(scale, blank_questions(plain), bare) or value_spans(scale, plain, bare)
        if not found and sentence.heading:
            found = [
                sign._replace(start=0, end=len(plain))
                for sign in value_spans(scale, sentence.heading, False)
            ]
    if scale.family == "frequency" and topic.privation:
        found = [_turned(topic, plain, held, sign) for sign in found]
    if scale.family == "agreement" and not found and topic.spoken(held) >= ASSERTED:
        at = min(min(places) for name, places in held.items() if name in topic.weights)
        grade = -BARE if is_denied(plain, at) else BARE
        codes = frozenset(code for code, own in scale.grades.items() if own == grade)
        found = [ValueSpan(at, at + 1, codes, sure=False, asserted=True)]
    if scale.family == "agreement" and not topic.denial:
        found = [_reversed(topic, plain, held, sign) for sign in found]
    found = [_clearer(sign, found) for sign in found]
    if scale.kind == "words":
        certain = [sign for sign in found if sign.share >= CERTAIN]
        found = (
            preferred_options(certain or found, plain)
            if len(scale.named) <= 3
            else certain or found
        )
    return [
        sign
        for sign in found
        if not topic.holder or _holds(topic.holder, holder_of(plain, sign.start))
    ]


def _clearer(sign: ValueSpan, found: Sequence[ValueSpan]) -> ValueSpan:
    """A sign that leaves several options open, as another one in the sentence narrows it."""
    narrow = [other for other in found if other.codes < sign.codes and other.sure]
    return sign._replace(codes=narrow[0].codes) if len(narrow) == 1 else sign


def _holds(wanted: str, who: str) -> bool:
    """Whether the person spoken of is the one wanted."""
    return who == wanted or (who == "parent" and wanted in ("mother", "father"))


def _polar(
    topic: Topic, plain: str, held: Mapping[str, tuple[int, ...]], around: frozenset[str]
) -> list[ValueSpan]:
    """Whether the topic is said or denied, at each place where its most telling word stands."""
    weighed = [(topic.weights[name], name) for name in held if name in topic.weights]
    found = []
    for at in held[max(weighed)[1]] if weighed and topic.close({*held, *around}) >= ENOUGH else ():
        no = is_denied(plain, at)
        if topic.privation and not STOPPED.search(plain[slice(*clause_around(plain, at))]):
            no = not no
        codes = frozenset(code for code, grade in topic.scale.grades.items() if (grade < 0) == no)
        found.append(ValueSpan(at, at + 1, codes))
    return found


def _turned(
    topic: Topic, plain: str, held: Mapping[str, tuple[int, ...]], sign: ValueSpan
) -> ValueSpan:
    """How often something was lacked, where the sentence says how often it was there."""
    places = [at for name, some in held.items() if name in topic.core for at in some]
    at = min(places, key=lambda place: abs(place - sign.start), default=sign.start)
    between = plain[max(0, min(sign.start, at) - 4) : max(sign.end, at) + 16]
    if STOPPED.search(between) or re.search(r"\bno\b", between):
        return sign
    order = sorted(topic.scale.grades, key=lambda code: topic.scale.grades[code])
    return sign._replace(codes=frozenset(order[-1 - order.index(code)] for code in sign.codes))


def _reversed(
    topic: Topic, plain: str, held: Mapping[str, tuple[int, ...]], sign: ValueSpan
) -> ValueSpan:
    """Agreeing with a statement that the sentence denies, as in "you agree that men do not make
    better leaders".
    """
    last = max(
        (at for name, some in held.items() if name in topic.weights for at in some), default=0
    )
    behind = plain[sign.end : min(last, clause_around(plain, sign.start)[1])]
    if not re.match(r" (?:that|with)\b", behind) or not re.search(
        r"\b(?:not(?! enough)|no)\b", behind
    ):
        return sign
    order = sorted(topic.scale.grades, key=lambda code: topic.scale.grades[code])
    return sign._replace(codes=frozenset(order[-1 - order.index(code)] for code in sign.codes))


def is_implied(topic: Topic, sign: ValueSpan, held: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether the value alone tells the topic: nothing else in the codebook is called so."""
    if topic.scale.kind == "counted":
        return topic.scale.family in ("age", "household", "children")
    if topic.scale.family == "sex":
        return True
    return sign.share >= NAMED and any(
        name in held and is_peculiar(name, 3)
        for code in sign.codes
        for way in topic.scale.named[code]
        for name in way
    )
