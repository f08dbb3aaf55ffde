"""Candidate values of a topic: values in a sentence of its scale, its sense and its person."""

import re
from collections.abc import Iterator, Mapping

from graph.fidelity.rules.clauses import blank_questions, clause_around, is_denied, person_at
from graph.fidelity.rules.expressions import families
from graph.fidelity.rules.idf import is_peculiar
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.topics import DENIAL, Topic
from graph.fidelity.rules.value_spans import ValueSpan, preferred_options, value_spans
from graph.fidelity.rules.values import BARE

Concepts = Mapping[str, tuple[int, ...]]
"""The concepts of a sentence, each with its positions."""

ENOUGH = 0.55
"""The least share of a topic that must stand in a sentence that speaks of it."""
NAMED, CERTAIN = 0.6, 0.8
"""Of this share of an option's own words it is known that it is meant, and that no other is."""
ASSERTED = 0.6
"""A sentence that holds this share of a statement, and no word of agreeing, agrees with it."""
HEADLESS = frozenset(
    {"trust", "importance", "worry", "closeness", "interest", "respect", "proud", "frequency"}
)
"""Families of which words of degree alone may speak, once the family is named."""
STOPPED = re.compile(
    r"\b(?:"
    r"avoid\w*|stop(?:ped|s)?|refrain\w*|keep(?:s|ing)? from|"
    r"stay(?:s|ed|ing)? (?:in|home|at home)|"
    r"leav(?:e|es|ing)|left|give up|gave up|lack\w*|without|hung(?:er|ry)|short of|starv\w*|"
    r"danger|unsafe|threaten\w*|homeless|unable|fear\w*|forgo\w*|missed"
    r")\b"
)
"""Words that say of themselves that something is lacked or avoided."""
AGREED_WITH = re.compile(r" (?:that|with)\b")


def candidate_values(topic: Topic, sentence: Sentence, around: frozenset[str]) -> list[ValueSpan]:
    """Return the values in a sentence that may be this topic's.

    `around` are concepts that stand just before the sentence.
    """
    scale, plain, concepts = topic.scale, sentence.plain, sentence.concepts
    if scale.kind == "polar":
        found = value_spans(scale, plain, False) or list(_polar(topic, sentence, around))
    else:
        found = _values_or_heading(topic, sentence)
    if scale.family == "frequency" and topic.privation:
        found = [_turned(topic, plain, concepts, span) for span in found]
    if scale.family == "agreement" and not found and topic.statement_share(concepts) >= ASSERTED:
        found = [_asserted(topic, plain, concepts)]
    if scale.family == "agreement" and not topic.denial:
        found = [_reversed(topic, plain, concepts, span) for span in found]
    found = [_narrowed(span, found) for span in found]
    if scale.kind == "words":
        found = [span for span in found if span.share >= CERTAIN] or found
        if len(scale.named) <= 3:
            found = preferred_options(found, plain)
    if not topic.person:
        return found
    return [span for span in found if _is_person(topic.person, person_at(plain, span.start))]


def _values_or_heading(topic: Topic, sentence: Sentence) -> list[ValueSpan]:
    """Return the values in what the sentence answers, else in all of it, else in its heading."""
    scale, plain = topic.scale, sentence.plain
    heads = families()[scale.family].heads if scale.family in HEADLESS else ()
    bare = any(pattern.search(f"{sentence.heading} {plain}") for _, pattern, _ in heads)
    found = value_spans(scale, blank_questions(plain), bare) or value_spans(scale, plain, bare)
    if found or not sentence.heading:
        return found
    above = value_spans(scale, sentence.heading, False)
    return [span._replace(start=0, end=len(plain)) for span in above]


def _asserted(topic: Topic, plain: str, concepts: Concepts) -> ValueSpan:
    """Return the value of a sentence that makes a statement, or denies it, as its own."""
    position = min(_positions(topic.weights, concepts))
    grade = -BARE if is_denied(plain, position) else BARE
    codes = frozenset(code for code, own in topic.scale.grades.items() if own == grade)
    return ValueSpan(position, position + 1, codes, sure=False, asserted=True)


def _positions(names: Mapping[str, float], concepts: Concepts) -> list[int]:
    """Return all positions of those of these concepts that stand in the sentence."""
    found: list[int] = []
    for name, positions in concepts.items():
        if name in names:
            found += positions
    return found


def _narrowed(span: ValueSpan, found: list[ValueSpan]) -> ValueSpan:
    """Return a span of several options with those that another span in the sentence leaves."""
    narrow = [other for other in found if other.codes < span.codes and other.sure]
    return span._replace(codes=narrow[0].codes) if len(narrow) == 1 else span


def _is_person(wanted: str, person: str) -> bool:
    """Whether the person spoken of is the one wanted."""
    return person == wanted or (person == "parent" and wanted in ("mother", "father"))


def _polar(topic: Topic, sentence: Sentence, around: frozenset[str]) -> Iterator[ValueSpan]:
    """Yield whether the topic is said or denied wherever its most telling concept stands."""
    plain, concepts = sentence.plain, sentence.concepts
    weighed = [(topic.weights[name], name) for name in concepts if name in topic.weights]
    if not weighed or topic.coverage({*concepts, *around}) < ENOUGH:
        return
    for position in concepts[max(weighed)[1]]:
        denied = is_denied(plain, position)
        clause = plain[slice(*clause_around(plain, position))]
        if topic.privation and not STOPPED.search(clause):
            denied = not denied
        grades = topic.scale.grades.items()
        codes = frozenset(code for code, grade in grades if (grade < 0) == denied)
        yield ValueSpan(position, position + 1, codes)


def _turned(topic: Topic, plain: str, concepts: Concepts, span: ValueSpan) -> ValueSpan:
    """Return how often something was lacked, where the sentence says how often it was there."""
    positions = _positions(topic.core, concepts)
    nearest = min(positions, key=lambda place: abs(place - span.start), default=span.start)
    between = plain[max(0, min(span.start, nearest) - 4) : max(span.end, nearest) + 16]
    if STOPPED.search(between) or re.search(r"\bno\b", between):
        return span
    return _mirrored(topic, span)


def _reversed(topic: Topic, plain: str, concepts: Concepts, span: ValueSpan) -> ValueSpan:
    """Return the opposite of agreeing with a statement that the sentence denies.

    An example is "you agree that men do not make better leaders".
    """
    last = max(_positions(topic.weights, concepts), default=0)
    behind = plain[span.end : min(last, clause_around(plain, span.start)[1])]
    if AGREED_WITH.match(behind) and DENIAL.search(behind):
        return _mirrored(topic, span)
    return span


def _mirrored(topic: Topic, span: ValueSpan) -> ValueSpan:
    """Return the span with the options that lie as far from the other end of the scale."""
    order = sorted(topic.scale.grades, key=lambda code: topic.scale.grades[code])
    return span._replace(codes=frozenset(order[-1 - order.index(code)] for code in span.codes))


def is_implied(topic: Topic, span: ValueSpan, concepts: Concepts) -> bool:
    """Whether the value alone tells the topic: nothing else in the codebook is called so."""
    if topic.scale.kind == "counted":
        return topic.scale.family in ("age", "household", "children")
    if topic.scale.family == "sex":
        return True
    if span.share < NAMED:
        return False
    return any(
        name in concepts and is_peculiar(name, 3) for name in topic.scale.option_words(span.codes)
    )
