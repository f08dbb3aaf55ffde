"""What a fact is about: the concepts by which a sentence is known to speak of it, and how much each
tells.
"""

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

HOLDER = re.compile(
    r"\b(?:your|their) (?:(?P<mother>mother)|(?P<father>father)|"
    r"(?P<spouse>spouse or partner|spouse|partner|wife|husband))s?\b"
)
PRIVATION = re.compile(r"\b(?:lack(?:ed)?|without|danger|avoid(?:ed)?)\b")
DENIAL = re.compile(r"\b(?:no|not(?! enough))\b")
RELATIVES = frozenset({"mother", "father", "spouse", "parent"})
FRAME = frozenset(
    stem_of(word)
    for word in """
    scale place rate view answer consider position opinion many ask thought mind year past month
    today nowadays
    present time question often far how much degree extent self main usual favourite last other
    property order find
    member ideological end thing using
    """.split()  # noqa: SIM905  # a list of words reads better than a list of strings
)
"""Concepts of questions that do not tell what they are about."""
LEAST = 2.5
"""Concepts that weigh less than this together do not make a topic."""
HEAVY = 8.0
"""What weighs so much makes a topic wherever it stands."""
BATTERY, CHARGED = 3.45, 4.0
"""What weighs no more is said of a whole battery of topics, and is wanted beside a light one."""
UNKNOWN = 1.5
"""How much more a word tells that the codebook lacks than the rarest that it has."""
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


@dataclass(frozen=True, eq=False)
class Topic:
    """What a fact is about.

    Each of `cores`, and `told`, weighs concepts: enough of one of them must stand in a sentence.
    `frame` are all concepts of question and statement, `beside` those of which one must be there
    too. `holder` says of whom the fact is (self, mother, father, spouse), "" where no other person
    can be meant. `privation`: of something that is lacked; `denial`: its statement itself denies
    something.
    """

    name: str
    cores: tuple[Mapping[str, float], ...]
    told: Mapping[str, float]
    frame: frozenset[str]
    beside: frozenset[str]
    holder: str
    privation: bool
    denial: bool
    scale: Scale

    @property
    def core(self) -> Mapping[str, float]:
        """The whole topic."""
        return self.cores[0] if self.cores else {}

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """How much each of its concepts tells."""
        return {name: weight for core in (*self.cores, self.told) for name, weight in core.items()}

    @cached_property
    def totals(self) -> tuple[tuple[Mapping[str, float], float], ...]:
        """Each way to name it, with its whole weight."""
        return tuple((core, sum(core.values())) for core in (*self.cores, self.told) if core)

    def spoken(self, held: Collection[str]) -> float:
        """How much of the whole statement stands among these concepts, from 0 to 1."""
        return sum(weight for name, weight in self.told.items() if name in held) / (
            sum(self.told.values()) or 1.0
        )

    def close(self, held: Collection[str]) -> float:
        """How much of the topic, or of the statement, stands among these concepts, from 0 to 1."""
        best = 0.0
        for core, whole in self.totals:
            said = 0.0
            for name, weight in core.items():
                if name in held:
                    said += weight
            best = max(best, said / whole)
        return best


def topic_of(answer: Answer) -> Topic:
    """The topic of a known answer: the codebook's where it is one of its items, else from its own
    words.
    """
    item = wvs7().items.get(answer.get("item", ""))
    if item is not None and item.question == answer["question"]:
        return topic_of_item(item.id)
    labels = {option["code"]: option["label"] for option in answer["options"]}
    scale = scale_of(answer["question"], answer["options"], {}, list(labels))
    chosen = set(concepts_in(plain_words_of(labels.get(answer["code"], str(answer["code"])))))
    values = (
        chosen
        if scale.kind in ("words", "country")
        else set(concepts_in(plain_words_of(" . ".join(labels.values()))))
    )
    asked = set(concepts_in(plain_words_of(without_scale_text(answer["question"]))))
    told = (
        set(concepts_in(plain_words_of(statement_of(answer)))) if answer.get("statement") else asked
    )
    name = answer.get("item") or answer["question"]
    return Topic(
        name,
        (_weigh(asked - values),),
        _weigh(told - values),
        frozenset(asked),
        frozenset(),
        "",
        False,
        True,
        scale,
    )


@cache
def topic_of_item(name: str) -> Topic:
    """The topic of an item of the codebook."""
    item = wvs7().items[name]
    scale = _scale(item)
    personal = item.dimension == "demographics"
    whose = HOLDER.search(plain_words_of(f"{item.topic} . {item.question}")) if personal else None
    without = RELATIVES if whose else frozenset[str]()
    core, told = (
        set(concepts_in(plain_words_of(item.topic))),
        set(concepts_in(plain_words_of(item_statement(item)))),
    )
    parts = (
        re.split(r", | or | and ", item.topic)
        if {scale.kind, scale.family} & IN_PARTS
        else [item.topic]
    )
    cores = [
        _weigh(set(concepts_in(plain_words_of(one))) - without) for one in (item.topic, *parts)
    ]
    full = [weights for weights in cores[1:] if sum(weights.values()) >= LEAST]
    full += [_weigh(set(concepts_in(plain_words_of(one)))) for one in _names().get(name, ())]
    weighed = _weigh(told - without)
    if len(weighed) < 2 or (cores[0] and not cores[0].keys() & weighed.keys()):
        weighed = {}  # it says the same of several topics
    asked = frozenset(concepts_in(plain_words_of(item.question))) | told
    light = (scale.kind == "polar" and sum(cores[0].values()) < HEAVY) or scale.family == "share"
    most = CHARGED if scale.family == "share" else BATTERY
    beside = {name for name, weight in _weigh(told - core).items() if LEAST <= weight <= most}
    holder = next(who for who, found in whose.groupdict().items() if found) if whose else ""
    return Topic(
        name,
        (cores[0] or _weigh(core - without, frozenset()), *full),
        weighed,
        asked,
        frozenset(beside) if light and not personal else frozenset(),
        holder or "self" * (personal and not RELATIVES & core),
        PRIVATION.search(plain_words_of(f"{item.topic} . {item_statement(item)}")) is not None,
        DENIAL.search(plain_words_of(item_statement(item))) is not None,
        scale,
    )


def _scale(item: Item) -> Scale:
    """The scale of an item of the codebook."""
    shown = (
        []
        if item.kind == "numeric"
        else [Option(code=one.code, label=one.label) for one in item.options]
    )
    ranked = [one.code for one in item.options if one.rank is not None] or [
        one.code for one in item.options
    ]
    return scale_of(item.question, shown, {one.code: one.phrase for one in item.options}, ranked)


def _weigh(names: Set[str], without: frozenset[str] = FRAME) -> dict[str, float]:
    """The weights of these concepts."""
    known = concept_weights()
    return {one: known.get(one, UNKNOWN * max(known.values())) for one in names - without}


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Short names that facts go by, by item."""
    found: dict[str, tuple[str, ...]] = {}
    with files("graph.fidelity.rules").joinpath("names.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["item"]] = (*found.get(row["item"], ()), row["name"])
    return found
