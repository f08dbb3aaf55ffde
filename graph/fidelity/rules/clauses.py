"""Clauses of a sentence: how far words stand apart, what is denied, and of whom something is said.

Sentences are in plain spelling; positions count characters.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from graph.fidelity.rules.words import phrase_end

HARD = re.compile(
    r"[;:()!?.]| - |\b(?:but|while|whereas|although|though|however|yet|instead|unlike)\b"
)
"""What always ends a clause."""
SUBJECT = re.compile(
    r"(?:, (?:and |so |or |nor )?| and | so )(?:you|i|she|he)\b|"
    r", (?:and |so |or |nor )?"
    r"(?:your|her|his|my|they|there|it|that|the \w+ (?:is|are|was|were|has|have))\b|"
    r", (?:and )?(?:do|does|did|is|are|was|were|would|will|can|have|has) not\b|"
    r" (?:whose|which|who(?! (?:is|are) not))\b|"
    r", and (?:\w+ly )?(?:believe|trust|agree|disagree|think|feel|consider|rate)s?\b"
)
"""What begins a clause with a subject of its own."""
INSERTED = re.compile(
    r", (?:"
    r"(?:you|i|she|he) "
    r"(?:are|am|is|feel|think|say|said|believe|hold|find|know|admit|insist|told|tell)s?\b"
    r"[^,;.]{0,24}|"
    r"(?:to|in|for|by) (?:you|me|her|him|your|her|his|my|contrast)\b[^,;.]{0,20}|"
    r"however|too|though|of course|indeed"
    r"), "
)
DENIED = re.compile(
    r"\b(?P<both>"
    r"(?:do|does|did|is|are|was|were|have|has|had|would|will|can|could|should|am|be) "
    r"(?:not(?! only| just| merely| least)|never)|"
    r"left out|leaves? out|reject\w*|den(?:y|ies|ied)|disbeliev\w*|doubts?|omit\w*|exclud\w+|"
    r"declin\w+|refus\w+|passed over|skipp\w*|never"
    r")\b|"
    r"\b(?:"
    r"(?<!or )not(?! only| just| merely| least)|"
    r"no(?! doubt| wonder| further than| more than| less than)|"
    r"neither(?! agree| good nor)|nor(?! disagree| bad\b)|"
    r"none|nobody|no oneself|without|hardly|far from"
    r")\b"
)
"""A negation; the group `both` is a verb that is denied, which denies its whole clause."""
PERSON = re.compile(
    r"\b(?:(?:"
    r"(?P<spouse>husband|wife|spouse|partner|person you share your life with)|"
    r"(?P<parent>parent(?!s? in law| of \d)|(?:mother|father) and (?:your )?(?:mother|father))|"
    r"(?P<mother>(?:mother|mum|mom)(?! (?:of|to) \d))|"
    r"(?P<father>(?:father|dad)(?! (?:of|to) \d))|"
    r"(?P<other>"
    r"brother|sister|sibling|grandmother|grandfather|grandparent|uncle|aunt|cousin|son|daughter"
    r")"
    r")s?|"
    r"(?P<self>you|i|yourself|myself|respondent)|"
    r"(?P<same>he|she|him)"
    r")\b"
)
"""A person, by group; `same` is the person spoken of before."""
ECHO = re.compile(
    r"\b(?:so|as|neither|nor) (?:do|does|did|is|are|was|were|has|have)\b|"
    r"\b(?:likewise|the same (?:goes|holds|is true))\b"
)
"""Words that repeat the clause before for something else."""
QUESTION = re.compile(
    r"(?:^|[.;:(] ?|, )(?:when )?"
    r"(?:"
    r"asked|whether|given the choice|as to|as regards|as for|when it comes to|on the question"
    r")\b[^,;:]*,"
)
"""A clause that says what was asked, and not what was answered."""
OPENS = re.compile(
    r"(?: of (?:your|it|that))?(?: \w+)? (?:that|whether)\b|"
    r"(?: of (?:your|it|that))?(?: \w+)? (?:in|on|of|with|to|for|about|from|goes to)\b"
    r"(?! (?:"
    r"you|her|him|me|it|society|10|your (?:life|view|opinion|eyes|mind)|life|general"
    r")\b)|"
    r" the (?:statement|idea|view|claim|notion) that\b"
)
"""What follows an expression of value that stands before its topic."""
ADVERB = re.compile(
    r"never|rarely|seldom|sometimes|always|usually|often|occasionally|hardly ever|frequently"
)
FRONTED, FOLLOWED = re.compile(r"(?:^|[,;:.] )$"), re.compile(r",? (?:you|i|she|he)\b")
"""What stands on both sides of an expression that begins its clause: "every day you read"."""
SPLIT = re.compile(r";|\b(?:but|while|whereas|although|yet|however)\b")
POSSESSED = re.compile(r"(?:,| is| was) (?:your|my|her|his) $")
LEAN = 22
"""Characters added where a topic stands on the side on which an expression does not look for it."""
BACK, COMMA, CLAUSE, SENTENCE_PART = 4, 14, 12, 40
"""Characters added for a word behind the expression, and for the ends of parts between them."""


@lru_cache(maxsize=16384)
def blank_insertions(plain: str) -> str:
    """Return the sentence with blanks over insertions between commas, such as ", you say, "."""
    return INSERTED.sub(lambda match: " " * len(match[0]), plain)


def distance(plain: str, position: int, start: int, end: int) -> float:
    """Return how far the word at a position stands from the expression between `start` and `end`.

    The unit is a character; the ends of clauses between them count as many.
    """
    if start <= position < end:
        return 0
    shown = blank_insertions(plain)
    first, last = (phrase_end(plain, position), start) if position < start else (end, position)
    between = shown[first:last]
    if ECHO.search(between):
        return len(between) / 2 + 10
    far = len(between)
    far += BACK if position > start else 0
    far += COMMA * between.count(",")
    far += CLAUSE * between.count(", and ")
    far += CLAUSE * len(SUBJECT.findall(between))
    far += SENTENCE_PART * len(HARD.findall(between))
    return far


def blank_questions(plain: str) -> str:
    """Return the sentence with blanks over what was asked: a question, or "as to tea, "."""
    asked = plain.rfind("? ") + 1
    plain = " " * asked + plain[asked:]
    return QUESTION.sub(lambda match: " " * len(match[0]), plain)


def leaning_distance(plain: str, position: int, start: int, end: int) -> float:
    """Return the distance added because the expression looks for its topic on the other side."""
    if start <= position < end:
        return 0
    before_word = plain[end : end + 2].strip().isalpha()
    adverb = before_word and ADVERB.fullmatch(plain, start, end) is not None
    fronted = FRONTED.search(plain[:start]) is not None and FOLLOWED.match(plain, end) is not None
    opens = adverb or fronted or OPENS.match(blank_insertions(plain), end) is not None
    return LEAN if opens == (position < start) else 0


def is_split_off(plain: str, position: int, start: int, end: int) -> bool:
    """Whether a semicolon, or a word such as "but", stands between a word and an expression."""
    first, last = (position, start) if position < start else (end, position)
    return SPLIT.search(blank_insertions(plain), first, last) is not None


def any_between(start: int, end: int, positions: Iterable[int]) -> bool:
    """Whether one of these positions lies in a part of a sentence."""
    return any(start <= position < end for position in positions)


@lru_cache(maxsize=65536)
def clause_around(plain: str, position: int) -> tuple[int, int]:
    """Return start and end of the clause around a position."""
    first, last = 0, len(plain)
    for pattern in (HARD, SUBJECT):
        for match in pattern.finditer(blank_insertions(plain)):
            start, end = match.span()
            if end <= position:
                first = max(first, start)
            if start >= position:
                last = min(last, start)
    return first, last


def pieces_of(plain: str) -> list[tuple[int, int]]:
    """Return start and end of the parts of a sentence between stops and words such as "but"."""
    cuts = [0, *(match.start() for match in HARD.finditer(plain)), len(plain)]
    return list(pairwise(cuts))


@lru_cache(maxsize=65536)
def is_denied(plain: str, position: int) -> bool:
    """Whether what stands at a position is denied in its clause.

    A verb that is denied denies its whole clause, any other negation what follows it.
    """
    start, end = clause_around(plain, position)
    for match in DENIED.finditer(blank_insertions(plain), start, end):
        if match.start() <= position or match["both"] is not None:
            return True
    return False


@lru_cache(maxsize=65536)
def person_at(plain: str, position: int) -> str:
    """Return of whom the sentence speaks at a position.

    One of self, spouse, mother, father, parent (both parents) and other.
    """
    before = behind = relative = ""
    for match in PERSON.finditer(plain):
        name = str(match.lastgroup)
        if name == "same":
            name = relative or "self"
        elif name != "self":
            relative = name
        if match.start() <= position:
            before = name
        elif POSSESSED.search(plain[position : match.start()]):
            behind = behind or name  # "Kenya is your mother's country"
    return before or behind or "self"
