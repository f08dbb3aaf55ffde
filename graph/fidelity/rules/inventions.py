"""Find what no known answer says: names, numbers and things of a story's own."""

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files

from graph.fidelity.rules.clauses import any_between, clause_around, pieces_of
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
    r"\b(?:"
    r"own|owns|wears?|holds?|have|has|had|keeps?|bought|sold|won|lost|grew|raised|"
    r"stud(?:y|ies|ied)|travel\w*|moved|met|collects?|"
    r"play(?:s|ed)?|speaks?|drives?|ran|runs?|wrote|writes?|built|visit\w*|graduat\w*|trained|"
    r"served|sail\w*|dreams?|"
    r"learn(?:ed|t)?|suffer\w*|named|called|once|ago|"
    r"last (?:year|summer|winter)|(?:every|each) (?:summer|winter|june)|"
    r"brother|sister|son|daughter|uncle|aunt|cousin|grand\w+|wife|husband|"
    r"dogs?|cats?|house|garden|hobb(?:y|ies)"
    r")\b"
)
"""Words of lives rather than of views."""
SMALL = 10
"""Numbers up to this are also grades, counts and turns of phrase."""
MANY = 60
"""Options of an item; where there are more, only the chosen one counts as known."""


def unsupported_words(
    sentence: Sentence,
    ties: Collection[int],
    spoken: bool,
    known: Collection[str],
    numbers: Collection[int],
) -> list[str]:
    """Return the words of a sentence that state something unknown; none where it states nothing.

    `ties` are the positions in it that speak of known facts, `known` the concepts and `numbers`
    that these facts hold. `spoken`: it speaks of a known fact without a value.
    """
    plain = sentence.plain
    values = tuple(plain[position:] for position in ties)
    found = []
    for word in (*_unknown_names(sentence, known), *_unknown_numbers(sentence, numbers)):
        spelled = plain_words_of(word)
        if not any(value.startswith(spelled) for value in values):
            found.append(word)
    of_a_life = LIFE.search(plain) is not None
    if not ties and not of_a_life and not SOMEBODY.search(plain):
        return list(dict.fromkeys(found))
    least = 1 if not ties and not spoken and of_a_life else 2
    strange = {*sentence.concepts} - {*known} - common_concepts()
    for start, end in pieces_of(plain):
        if any_between(start, end, ties) or plain[end : end + 1] == ":":
            continue
        words = list(_words(sentence, strange, start, end))
        if len(words) >= least:
            found += words
    return list(dict.fromkeys(found))


def _words(sentence: Sentence, concepts: Collection[str], start: int, end: int) -> Iterator[str]:
    """Yield the words of these concepts in a part of a sentence."""
    for concept, positions in sentence.concepts.items():
        if concept not in concepts:
            continue
        for position in positions:
            word = re.match(r"\w+", sentence.plain[position:])
            if start <= position < end and word:
                yield word[0]


def is_apart(
    sentence: Sentence, words: Collection[str], ties: Collection[int], known: Collection[str]
) -> bool:
    """Whether these words leave no doubt that a sentence states something unknown of a life.

    A name or number does where its clause speaks of nothing known, other words where the whole
    sentence speaks of nothing known and holds no common word.
    """
    plain = sentence.plain
    for word in words:
        position = plain.find(plain_words_of(word))
        if position < 0 or not (word[0].isupper() or word.isdecimal()):
            continue
        start, end = clause_around(plain, position)
        concepts = concepts_in(blank_scales(plain[start:end])).keys() - common_concepts()
        if not concepts & set(known) and not any_between(start, end, ties):
            return True
    if ties or not LIFE.search(plain) or not SOMEBODY.search(plain):
        return False
    rest = concepts_in(LIFE.sub(" ", blank_scales(plain))).keys()
    return not rest & (common_concepts() | set(known))


def _unknown_names(sentence: Sentence, known: Collection[str]) -> Iterator[str]:
    """Yield the names of people, places and things that no fact holds."""
    for match in NAME.finditer(sentence.text):
        before = sentence.text[: match.start()]
        begins = len(before.split()) == 1  # one word before it, which may be part of the name
        concepts = concepts_in(plain_words_of(before + match[0] if begins else match[0])).keys()
        if concepts and not concepts & {*known} and not concepts <= common_concepts():
            yield match[0]


def _unknown_numbers(sentence: Sentence, numbers: Collection[int]) -> Iterator[str]:
    """Yield the numbers that no fact holds."""
    for match in NUMBER.finditer(blank_scales(sentence.plain)):
        if int(match[0]) > SMALL and int(match[0]) not in numbers:
            yield match[0]


def known_concepts(answer: Answer) -> frozenset[str]:
    """Return the concepts of a known answer, its question and options included.

    Of an item with many options, only the labels of the answer itself are read.
    """
    texts = _texts(answer)
    item = wvs7().items.get(answer.get("item", ""))
    if item is not None and item.question == answer["question"] and len(item.options) <= MANY:
        texts += [option.phrase for option in item.options]
    texts.append(item.topic if item else "")
    return frozenset(concepts_in(plain_words_of(" . ".join(texts))))


def known_numbers(answer: Answer) -> frozenset[int]:
    """Return the numbers that a known answer holds, its code included."""
    found = {answer["code"]}
    for text in _texts(answer):
        found.update(map(int, NUMBER.findall(plain_words_of(text))))
    return frozenset(found)


def _texts(answer: Answer) -> list[str]:
    """Return the texts of a known answer: question, statement, and labels of options."""
    labels = [option["label"] for option in answer["options"]]
    return [answer["question"], statement_of(answer), *labels]


@cache
def common_concepts() -> frozenset[str]:
    """Return the concepts of words that state nothing by themselves."""
    table = files("graph.fidelity.rules").joinpath("common.txt").read_text(encoding="utf-8")
    words = " ".join(line for line in table.splitlines() if not line.startswith("#"))
    return frozenset(concepts_in(f"{words} {words_of_value()}"))
