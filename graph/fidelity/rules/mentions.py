"""Where a sentence speaks of a fact, and which options it leaves open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.fidelity.rules.candidates import ENOUGH, NAMED, candidate_values, is_implied
from graph.fidelity.rules.clauses import distance, leaning_distance
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.topics import Topic
from graph.fidelity.rules.value_spans import ALONE, NEAR, ValueSpan

CLEAR = 0.75
"""So much of it must stand there where the value itself is not clear."""
FAR = 1.6
"""How much more of a topic counts when its further words stand elsewhere in the sentence, or just
before it.
"""
PARTLY = 0.3
"""So much of it is enough where an option is named in full."""
UNSURE = 25
"""How much farther an unsure sign counts as standing, in characters."""


@dataclass(frozen=True, eq=False)
class Mention:
    """A sentence that speaks of a topic, and the options that it leaves open: none where it names
    no value.

    `close` is how much of the topic stands there, from 0 to 1, and `own` how much beside the value
    itself; `mass` is what the words at `places` weigh, of which those at `heart` name the topic.
    `apart` is how far the value stands from them. `sure`: the value names an option, and not only a
    direction; `strong`: other topics give way to it.
    """

    topic: Topic
    sentence: int
    close: float
    codes: frozenset[int] = frozenset()
    own: float = 0.0
    mass: float = 0.0
    places: frozenset[int] = frozenset()
    heart: frozenset[int] = frozenset()
    values: frozenset[int] = frozenset()
    implied: bool = False
    apart: float = 0.0
    sure: bool = False
    strong: bool = False
    fit: float = 0.0

    @property
    def rank(self) -> tuple[float, bool, float, float]:
        """By what the best of several mentions is chosen."""
        return (round(self.close, 2), self.sure, round(self.mass, 2), -self.apart)


def mentions_of(
    topic: Topic, number: int, sentence: Sentence, around: frozenset[str]
) -> Iterator[Mention]:
    """What a sentence says of a topic: a mention for each set of options that its values leave
    open.

    `around` are the concepts of what stands just before, which may name a part of the topic.
    """
    held = sentence.concepts
    words = {name: places for name, places in held.items() if name in topic.weights}
    if topic.beside and not topic.beside & (held.keys() | around):
        return
    found = candidate_values(topic, sentence, around)
    if not words and not any(is_implied(topic, sign, held) for sign in found):
        return
    if not found:
        yield Mention(topic, number, topic.close({*words, *around}), places=_all(words.values()))
    belongs = _belonging(words, found, sentence.plain)
    for codes in dict.fromkeys(sign.codes for sign in found):
        own = [
            (sign, belongs.get(index, {}))
            for index, sign in enumerate(found)
            if sign.codes == codes
        ]
        mention = _mention(topic, number, own, words, sentence, around)
        if mention.close >= ENOUGH and (
            mention.own >= CLEAR or (mention.strong and not _twofold(topic, own, held))
        ):
            yield mention


def _mention(
    topic: Topic,
    number: int,
    signs: Sequence[tuple[ValueSpan, Mapping[int, float]]],
    words: Mapping[str, tuple[int, ...]],
    sentence: Sentence,
    around: frozenset[str],
) -> Mention:
    """The mention that these signs of the same options make, each with the places of words that
    belong to it.
    """
    held, near = sentence.concepts, frozenset(at for _, some in signs for at in some)
    names = {name for name, places in words.items() if near & set(places)}
    own = close = topic.close(names)
    share = max(sign.share for sign, _ in signs)
    if near:
        close = max(close, min(topic.close({*held, *around}), FAR * close))
    alone = any(is_implied(topic, sign, held) for sign, _ in signs)
    if alone:
        close = 1.0
    elif share >= ALONE and topic.close(names - _option_words(topic, signs[0][0])) >= PARTLY:
        close = max(close, (own + share) / 2)
    values = {
        sign.start for sign, _ in signs if topic.scale.kind not in ("graded", "polar", "rate")
    }
    named = _named(topic, signs, held)
    return Mention(
        topic,
        number,
        close,
        signs[0][0].codes,
        own,
        sum(topic.weights[name] for name in names),
        (near | _all(named.values())) or frozenset(values),
        _all(
            set(words[name]) & near for name in names if any(name in core for core in topic.cores)
        ),
        frozenset(sign.start for sign, _ in signs),
        alone,
        min((sum(some.values()) / len(some) for _, some in signs if some), default=0.0),
        any(sign.sure for sign, _ in signs),
        share >= NAMED
        if topic.scale.kind == "words"
        else not all(sign.asserted for sign, _ in signs),
        sum(name in topic.frame or name in topic.weights for name in held) / max(len(held), 1),
    )


def _named(
    topic: Topic,
    signs: Sequence[tuple[ValueSpan, Mapping[int, float]]],
    held: Mapping[str, tuple[int, ...]],
) -> dict[str, set[int]]:
    """The words by which the signs' options are named, with their places close to the signs."""
    words = _option_words(topic, signs[0][0])
    near = {
        name: {at for at in held.get(name, ()) for sign, _ in signs if abs(at - sign.start) <= NEAR}
        for name in words
    }
    return {name: places for name, places in near.items() if places}


def _twofold(
    topic: Topic,
    signs: Sequence[tuple[ValueSpan, Mapping[int, float]]],
    held: Mapping[str, tuple[int, ...]],
) -> bool:
    """Whether the words that name the option are but those that name the topic."""
    named = _named(topic, signs, held).keys()
    return bool(named) and named <= topic.weights.keys()


def _option_words(topic: Topic, sign: ValueSpan) -> frozenset[str]:
    """The words that name the options of a sign."""
    return frozenset(
        name for code in sign.codes for way in topic.scale.named.get(code, ()) for name in way
    )


def _belonging(
    words: Mapping[str, tuple[int, ...]], found: Sequence[ValueSpan], plain: str
) -> dict[int, dict[int, float]]:
    """Which places of words belong to which sign, and how far they stand: each to its nearest.

    Of a word that stands more than once, the nearest place counts.
    """
    belongs: dict[int, dict[int, float]] = {}
    for places in words.values() if found else ():
        nearest: dict[int, tuple[float, int]] = {}
        for at in places:
            away = [
                distance(plain, at, sign.start, sign.end)
                + leaning_distance(plain, at, sign.start, sign.end)
                + (0 if sign.sure else UNSURE)
                for sign in found
            ]
            for index, far in enumerate(away):
                if far < min(away) + 0.5:
                    nearest[index] = min(nearest.get(index, (far, at)), (far, at))
        for index, (far, at) in nearest.items():
            belongs.setdefault(index, {})[at] = far
    return belongs


def _all(places: Iterable[Iterable[int]]) -> frozenset[int]:
    """All these places."""
    return frozenset(at for some in places for at in some)
