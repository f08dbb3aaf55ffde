"""What a story states that no known answer says: facts of other items, and names, numbers and
things of its own.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files

from graph.fidelity.rules.clauses import clause_around, pieces_of
from graph.fidelity.rules.expressions import words_of_value
from graph.fidelity.rules.numbers import blank_scales
from graph.fidelity.rules.sentences import Sentence
from graph.fidelity.rules.spelling import plain_words_of
from graph.fidelity.rules.words import concepts_in
from survey.codebook import wvs7
from survey.profile import Answer, statement_of

NAME = re.compile(r"(?<=[a-z,;:] )[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)*")
"""Words with capitals that do not begin a sentence."""
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w%])")
SOMEBODY = re.compile(r"\b(?:you|your|i|my|me|he|his|she|her|they|their|we|our|respondent)\b")
LIFE = re.compile(
    r"\b(?:own|owns|wears?|holds?|have|has|had|keeps?|bought|sold|won|lost|grew|raised|stud(?:y|ies|ied)|travel\w*|moved|met|collects?|"
    r"play(?:s|ed)?|speaks?|drives?|ran|runs?|wrote|writes?|built|visit\w*|graduat\w*|trained|served|sail\w*|dreams?|"
    r"learn(?:ed|t)?|suffer\w*|named|called|once|ago|last (?:year|summer|winter)|(?:every|each) "
    r"(?:summer|winter|june)|"
    r"brother|sister|son|daughter|uncle|aunt|cousin|grand\w+|wife|husband|dogs?|cats?|house|garden|hobb(?:y|ies))\b"
)
"""Words of lives rather than of views."""
SMALL = 10
"""Numbers up to this are also grades, counts and turns of phrase."""


def unsupported_words(
    sentence: Sentence,
    ties: Collection[int],
    spoken: bool,
    known: Collection[str],
    numbers: Collection[int],
) -> list[str]:
    """The words of a sentence that state something which is not known; none where it states nothing
    of the kind.

    `ties` are the places in it that speak of known facts, `known` the concepts and `numbers` that
    these hold. `spoken`: it speaks of a known fact without a value.
    """
    values = tuple(sentence.plain[at:] for at in ties)
    found = [
        word
        for word in (*_names(sentence, known), *_numbers(sentence, numbers))
        if not any(value.startswith(plain_words_of(word)) for value in values)
    ]
    for start, end in pieces_of(sentence.plain):
        if any(start <= at < end for at in ties) or sentence.plain[end : end + 1] == ":":
            continue
        strange = [
            word
            for concept, places in sentence.concepts.items()
            if concept not in known and concept not in common_concepts()
            for word in _words(sentence.plain, places, start, end)
        ]
        least = 1 if not ties and not spoken and LIFE.search(sentence.plain) else 2
        if len(strange) >= least and (
            ties or SOMEBODY.search(sentence.plain) or LIFE.search(sentence.plain)
        ):
            found += strange
    return list(dict.fromkeys(found))


def is_apart(
    sentence: Sentence, words: Collection[str], ties: Collection[int], known: Collection[str]
) -> bool:
    """Whether these words leave no doubt that a sentence states something of a life that is not
    known.

    A name or number does where its clause speaks of nothing known, other words where the whole
    sentence does so and has no general word in it either.
    """
    plain = sentence.plain
    for word in words:
        at = plain.find(plain_words_of(word))
        if at < 0 or not (word[0].isupper() or word.isdecimal()):
            continue
        start, end = clause_around(plain, at)
        held = concepts_in(blank_scales(plain[start:end])).keys() - common_concepts()
        if not held & set(known) and not any(start <= tie < end for tie in ties):
            return True
    whole = concepts_in(LIFE.sub(" ", blank_scales(plain))).keys()
    return (
        not ties
        and bool(LIFE.search(plain) and SOMEBODY.search(plain))
        and not whole & (common_concepts() | set(known))
    )


def _words(plain: str, places: tuple[int, ...], start: int, end: int) -> Iterator[str]:
    """The words at these places, where they stand in this part of the sentence."""
    for at in places:
        if start <= at < end and (word := re.match(r"\w+", plain[at:])):
            yield word[0]


def _names(sentence: Sentence, known: Collection[str]) -> Iterator[str]:
    """Names of people, places and things that no fact holds."""
    for match in NAME.finditer(sentence.text):
        first = sentence.text[: match.start()]
        whole = (
            first + match[0] if len(first.split()) == 1 else match[0]
        )  # a name may begin the sentence
        held = concepts_in(plain_words_of(whole))
        if (
            held
            and not any(name in known for name in held)
            and not held.keys() <= common_concepts()
        ):
            yield match[0]


def _numbers(sentence: Sentence, numbers: Collection[int]) -> Iterator[str]:
    """Numbers that no fact holds."""
    for match in NUMBER.finditer(blank_scales(sentence.plain)):
        if int(match[0]) > SMALL and int(match[0]) not in numbers:
            yield match[0]


def known_concepts(answer: Answer) -> frozenset[str]:
    """The concepts that a known answer holds, its question and options included; of many options
    the chosen one.
    """
    labels = [option["label"] for option in answer["options"]]
    item = wvs7().items.get(answer.get("item", ""))
    if item is not None and item.question == answer["question"] and len(item.options) <= 60:
        labels += [option.phrase for option in item.options]
    text = " . ".join(
        [answer["question"], statement_of(answer), *labels, item.topic if item else ""]
    )
    return frozenset(concepts_in(plain_words_of(text)))


def known_numbers(answer: Answer) -> frozenset[int]:
    """The numbers that a known answer holds."""
    texts = [
        answer["question"],
        statement_of(answer),
        *(option["label"] for option in answer["options"]),
    ]
    return frozenset(
        int(number) for text in texts for number in NUMBER.findall(plain_words_of(text))
    ) | {answer["code"]}


@cache
def common_concepts() -> frozenset[str]:
    """The concepts of words that state nothing by themselves."""
    lines = (
        files("graph.fidelity.rules")
        .joinpath("common.txt")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    words = " ".join(line for line in lines if not line.startswith("#"))
    return frozenset(concepts_in(f"{words} {words_of_value()}"))
