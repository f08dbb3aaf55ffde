"""Topics of facts: the concepts by which a sentence is known to speak of one, with weights."""

import csv
import re
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from graph.fidelity.rules.idf import concept_weights, item_statement, without_scale_text
from graph.fidelity.rules.scales import Scale, scale_of
from graph.fidelity.rules.spelling import plain_words_of
from graph.fidelity.rules.words import concepts_in, stem_of
from survey.codebook import wvs7
from survey.item import Item
from survey.profile import Answer, Option, statement_of

WHOSE = re.compile(
    r"\b(?:your|their) (?:"
    r"(?P<mother>mother)|"
    r"(?P<father>father)|"
    r"(?P<spouse>spouse or partner|spouse|partner|wife|husband)"
    r")s?\b"
)
PRIVATION = re.compile(r"\b(?:lack(?:ed)?|without|danger|avoid(?:ed)?)\b")
DENIAL = re.compile(r"\b(?:no|not(?! enough))\b")
RELATIVES = frozenset({"mother", "father", "spouse", "parent"})
FRAME_WORDS = """
    scale place rate view answer consider position opinion many ask thought mind year past month
    today nowadays present time question often far how much degree extent self main usual favourite
    last other property order find member ideological end thing using
    """
FRAME = frozenset(map(stem_of, FRAME_WORDS.split()))
"""Concepts of questions that do not tell what they are about."""
LEAST = 2.5
"""Concepts that weigh less than this together do not make a topic."""
HEAVY = 8.0
"""Concepts of this weight make a topic wherever they stand."""
BATTERY, CHARGED = 3.45, 4.0
"""A concept of at most this weight is said of a whole battery of items, and a sentence must hold it
beside a light topic; the second is for shares.
"""
UNKNOWN = 1.5
"""The weight of a word that the codebook lacks, as a multiple of the rarest that it has."""
IN_PARTS = frozenset(
    {
        "trust",
        "member",
        "share",
        "importance",
        "worry",
        "unwanted",
        "closeness",
        "frequency",
        "polar",
    }
)
"""Kinds of fact whose topic may be named by one of the things that "or" or "and" joins in it."""

Weights = Mapping[str, float]
"""Concepts with their weights."""


@dataclass(frozen=True, eq=False)
class Topic:
    """What a fact is about.

    A sentence speaks of it that holds enough of one of `cores`, or of `statement`, which weigh
    concepts. `frame` holds all concepts of question and statement; the sentence must hold one of
    `required`, if there are any. `person` is of whom the fact is (self, mother, father, spouse), ""
    where no other person can be meant. `privation`: it is of something that is lacked; `denial`:
    its statement itself denies something.
    """

    name: str
    cores: tuple[Weights, ...]
    statement: Weights
    frame: frozenset[str]
    required: frozenset[str]
    person: str
    privation: bool
    denial: bool
    scale: Scale

    @property
    def core(self) -> Weights:
        """The concepts of the whole topic, and not of a part or a short name."""
        return self.cores[0] if self.cores else {}

    @cached_property
    def weights(self) -> Weights:
        """All concepts that tell the topic."""
        found: dict[str, float] = {}
        for weights in (*self.cores, self.statement):
            found |= weights
        return found

    @cached_property
    def totals(self) -> tuple[tuple[Weights, float], ...]:
        """Each way to name the topic, with the sum of its weights."""
        return tuple((way, sum(way.values())) for way in (*self.cores, self.statement) if way)

    def statement_share(self, concepts: Collection[str]) -> float:
        """Return how much of the statement stands among these concepts, from 0 to 1."""
        return _share(self.statement, sum(self.statement.values()) or 1.0, concepts)

    def coverage(self, concepts: Collection[str]) -> float:
        """Return how much of the topic, or of its statement, these concepts hold, from 0 to 1."""
        best = 0.0
        for way, whole in self.totals:
            best = max(best, _share(way, whole, concepts))
        return best


def _share(weights: Weights, whole: float, concepts: Collection[str]) -> float:
    """Return the share of a whole weight that these concepts hold."""
    said = 0.0
    for name, weight in weights.items():
        if name in concepts:
            said += weight
    return said / whole


def topic_of(answer: Answer) -> Topic:
    """Return the topic of a known answer.

    An item of the codebook has the codebook's topic; any other answer is read by its own words.
    """
    item = wvs7().items.get(answer.get("item", ""))
    if item is not None and item.question == answer["question"]:
        return topic_of_item(item.id)
    labels = {option["code"]: option["label"] for option in answer["options"]}
    scale = scale_of(answer["question"], answer["options"], {}, list(labels))
    if scale.kind in ("words", "country"):
        values = _concepts(labels.get(answer["code"], str(answer["code"])))
    else:
        values = _concepts(" . ".join(labels.values()))
    asked = _concepts(without_scale_text(answer["question"]))
    told = _concepts(statement_of(answer)) if answer.get("statement") else asked
    return Topic(
        name=answer.get("item") or answer["question"],
        cores=(_weigh(asked - values),),
        statement=_weigh(told - values),
        frame=asked,
        required=frozenset(),
        person="",
        privation=False,
        denial=True,
        scale=scale,
    )


@cache
def topic_of_item(name: str) -> Topic:
    """Return the topic of an item of the codebook."""
    item = wvs7().items[name]
    scale = _scale(item)
    personal = item.dimension == "demographics"
    person = _person_asked_about(item) if personal else ""
    without = RELATIVES if person else frozenset[str]()
    topic, told = _concepts(item.topic), _concepts(item_statement(item))
    core, *parts = _topic_and_parts(item, scale, without)
    statement = _weigh(told - without)
    if len(statement) < 2 or (core and not core.keys() & statement.keys()):
        statement = {}  # it says the same of several topics
    if not person and personal and not RELATIVES & topic:
        person = "self"
    text = plain_words_of(f"{item.topic} . {item_statement(item)}")
    return Topic(
        name=name,
        cores=(core or _weigh(topic - without, frozenset()), *parts),
        statement=statement,
        frame=_concepts(item.question) | told,
        required=frozenset() if personal else _required(scale, core, told - topic),
        person=person,
        privation=PRIVATION.search(text) is not None,
        denial=DENIAL.search(plain_words_of(item_statement(item))) is not None,
        scale=scale,
    )


def _topic_and_parts(item: Item, scale: Scale, without: frozenset[str]) -> list[Weights]:
    """Return the weights of an item's whole topic, of its parts, and of its short names."""
    parts = [item.topic]
    if {scale.kind, scale.family} & IN_PARTS:
        parts = re.split(r", | or | and ", item.topic)
    found: list[Weights] = [_weigh(_concepts(item.topic) - without)]
    for part in parts:
        weights = _weigh(_concepts(part) - without)
        if sum(weights.values()) >= LEAST:
            found.append(weights)
    for name in _short_names().get(item.id, ()):
        found.append(_weigh(_concepts(name)))
    return found


def _required(scale: Scale, core: Weights, around: Set[str]) -> frozenset[str]:
    """Return the concepts of which a sentence must hold one, so that a light topic is meant.

    `around` are the concepts of the statement beside the topic.
    """
    light = scale.kind == "polar" and sum(core.values()) < HEAVY
    if not light and scale.family != "share":
        return frozenset()
    most = CHARGED if scale.family == "share" else BATTERY
    weights = _weigh(around)
    return frozenset(name for name, weight in weights.items() if LEAST <= weight <= most)


def _person_asked_about(item: Item) -> str:
    """Return the relative whom an item asks about: mother, father or spouse; "" for none."""
    found = WHOSE.search(plain_words_of(f"{item.topic} . {item.question}"))
    return str(found.lastgroup) if found else ""


def _concepts(text: str) -> frozenset[str]:
    """Return the concepts of a text."""
    return frozenset(concepts_in(plain_words_of(text)))


def _scale(item: Item) -> Scale:
    """Return the scale of an item of the codebook."""
    shown = []
    if item.kind != "numeric":
        shown = [Option(code=option.code, label=option.label) for option in item.options]
    phrases = {option.code: option.phrase for option in item.options}
    ranked = [option.code for option in item.options if option.rank is not None]
    return scale_of(item.question, shown, phrases, ranked or list(phrases))


def _weigh(concepts: Set[str], without: frozenset[str] = FRAME) -> dict[str, float]:
    """Return the weights of concepts, in a fixed order, so that sums of them never differ."""
    known = concept_weights()
    unknown = UNKNOWN * max(known.values())
    return {name: known.get(name, unknown) for name in sorted(concepts - without)}


@cache
def _short_names() -> Mapping[str, tuple[str, ...]]:
    """Read the short names that facts go by, by item."""
    found: dict[str, tuple[str, ...]] = {}
    with files("graph.fidelity.rules").joinpath("names.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["item"]] = (*found.get(row["item"], ()), row["name"])
    return found
