"""What belongs together in a sentence: how far words stand apart, what is denied, and of whom it is
said.
"""

import re
from functools import lru_cache
from itertools import pairwise

from graph.fidelity.rules.words import phrase_end

HARD = re.compile(
    r"[;:()!?.]| - |\b(?:but|while|whereas|although|though|however|yet|instead|unlike)\b"
)
SUBJECT = re.compile(
    r"(?:, (?:and |so |or |nor )?| and | so )(?:you|i|she|he)\b|"
    r", (?:and |so |or |nor )?(?:your|her|his|my|they|there|it|that|the \w+ "
    r"(?:is|are|was|were|has|have))\b|"
    r", (?:and )?(?:do|does|did|is|are|was|were|would|will|can|have|has) not\b|"
    r" (?:whose|which|who(?! (?:is|are) not))\b|"
    r", and (?:\w+ly )?(?:believe|trust|agree|disagree|think|feel|consider|rate)s?\b"
)
INSERTED = re.compile(
    r", (?:(?:you|i|she|he) "
    r"(?:are|am|is|feel|think|say|said|believe|hold|find|know|admit|insist|told|tell)s?\b"
    r"[^,;.]{0,24}|"
    r"(?:to|in|for|by) "
    r"(?:you|me|her|him|your|her|his|my|contrast)\b[^,;.]{0,20}|however|too|though|of "
    r"course|indeed), "
)
DENIED = re.compile(
    r"\b(?P<both>(?:do|does|did|is|are|was|were|have|has|had|would|will|can|could|should|am|be) "
    r"(?:not(?! only| just| merely| least)|never)|"
    r"left out|leaves? "
    r"out|reject\w*|den(?:y|ies|ied)|disbeliev\w*|doubts?|omit\w*|exclud\w+|declin\w+|refus\w+|"
    r"passed over|skipp\w*|never)\b|"
    r"\b(?:(?<!or )not(?! only| just| merely| least)|no(?! doubt| wonder| further than| more than| "
    r"less than)|"
    r"neither(?! agree| good nor)|nor(?! disagree| bad\b)|none|nobody|no "
    r"oneself|without|hardly|far from)\b"
)
PERSON = re.compile(
    r"\b(?:(?:(?P<spouse>husband|wife|spouse|partner|person you share your life with)|"
    r"(?P<parent>parent(?!s? in law| of \d)|(?:mother|father) and (?:your )?(?:mother|father))|"
    r"(?P<mother>(?:mother|mum|mom)(?! (?:of|to) \d))|(?P<father>(?:father|dad)(?! (?:of|to) \d))|"
    r"(?P<other>brother|sister|sibling|grandmother|grandfather|grandparent|uncle|aunt|cousin|son|daughter))s?|"
    r"(?P<self>you|i|yourself|myself|respondent)|(?P<same>he|she|him))\b"
)
ECHO = re.compile(
    r"\b(?:so|as|neither|nor) (?:do|does|did|is|are|was|were|has|have)\b|"
    r"\b(?:likewise|the same (?:goes|holds|is true))\b"
)
"""What says that the clause before holds here too."""
QUESTION = re.compile(
    r"(?:^|[.;:(] ?|, )(?:when )?"
    r"(?:asked|whether|given the choice|as to|as regards|as for|when it comes to|on the "
    r"question)\b[^,;:]*,"
)
"""A clause that says what was asked, and not what was answered."""
OPENS = re.compile(
    r"(?: of (?:your|it|that))?(?: \w+)? (?:that|whether)\b|"
    r"(?: of (?:your|it|that))?(?: \w+)? (?:in|on|of|with|to|for|about|from|goes to)\b"
    r"(?! (?:you|her|him|me|it|society|10|your (?:life|view|opinion|eyes|mind)|life|general)\b)|"
    r" the (?:statement|idea|view|claim|notion) that\b"
)
"""What follows an expression of value that stands before its topic."""
ADVERB = re.compile(
    r"never|rarely|seldom|sometimes|always|usually|often|occasionally|hardly ever|frequently"
)
FRONTED, FOLLOWED = re.compile(r"(?:^|[,;:.] )$"), re.compile(r",? (?:you|i|she|he)\b")
"""Between what an expression stands that begins its clause, as in "every day you read"."""
SPLIT = re.compile(r";|\b(?:but|while|whereas|although|yet|however)\b")
LEAN = 22
"""How much farther a topic stands on the side where an expression does not look for it."""
BACK, COMMA, CLAUSE, SENTENCE_PART = 4, 14, 12, 40


@lru_cache(maxsize=16384)
def blank_insertions(plain: str) -> str:
    """The sentence with blanks where words are inserted between commas, such as ", you say, "."""
    return INSERTED.sub(lambda match: " " * len(match[0]), plain)


def distance(plain: str, place: int, start: int, end: int) -> float:
    """How far an expression stands from a word: in characters, and much more across the ends of
    clauses.
    """
    if start <= place < end:
        return 0
    between = (
        blank_insertions(plain)[phrase_end(plain, place) : start]
        if place < start
        else blank_insertions(plain)[end:place]
    )
    if ECHO.search(between):
        return len(between) / 2 + 10
    clauses = (
        CLAUSE * len(SUBJECT.findall(between))
        + COMMA * between.count(",")
        + CLAUSE * between.count(", and ")
    )
    return (
        len(between)
        + (BACK if place > start else 0)
        + clauses
        + SENTENCE_PART * len(HARD.findall(between))
    )


def blank_questions(plain: str) -> str:
    """The sentence with blanks where it says what was asked: a question, or a clause such as "as to
    tea, ".
    """
    asked = plain.rfind("? ") + 1
    plain = " " * asked + plain[asked:]
    return QUESTION.sub(lambda match: " " * len(match[0]), plain)


def leaning_distance(plain: str, place: int, start: int, end: int) -> float:
    """How much farther a word counts as standing because the expression looks for its topic on the
    other side.
    """
    if start <= place < end:
        return 0
    adverb = (
        ADVERB.fullmatch(plain, start, end) is not None and plain[end : end + 2].strip().isalpha()
    )
    fronted = FRONTED.search(plain[:start]) is not None and FOLLOWED.match(plain, end) is not None
    opens = adverb or fronted or OPENS.match(blank_insertions(plain), end) is not None
    return LEAN if opens == (place < start) else 0


def is_split_off(plain: str, place: int, start: int, end: int) -> bool:
    """Whether a semicolon, or a word such as "but", stands between a word and an expression."""
    return (
        SPLIT.search(blank_insertions(plain), *((place, start) if place < start else (end, place)))
        is not None
    )


@lru_cache(maxsize=65536)
def clause_around(plain: str, place: int) -> tuple[int, int]:
    """Where the clause around a place begins and ends."""
    ends = [
        match.span()
        for pattern in (HARD, SUBJECT)
        for match in pattern.finditer(blank_insertions(plain))
    ]
    first = max((start for start, end in ends if end <= place), default=0)
    last = min((start for start, _ in ends if start >= place), default=len(plain))
    return first, last


def pieces_of(plain: str) -> list[tuple[int, int]]:
    """Where the parts of a sentence begin and end that stops and words such as "but" hold apart."""
    cuts = [0, *(match.start() for match in HARD.finditer(plain)), len(plain)]
    return list(pairwise(cuts))


@lru_cache(maxsize=65536)
def is_denied(plain: str, place: int) -> bool:
    """Whether what stands at this place is denied in its clause.

    A verb that is denied denies its whole clause, any other negation what follows it.
    """
    return any(
        match.start() <= place or match["both"] is not None
        for match in DENIED.finditer(blank_insertions(plain), *clause_around(plain, place))
    )


@lru_cache(maxsize=65536)
def holder_of(plain: str, place: int) -> str:
    """Of whom the sentence speaks at this place: self, spouse, mother, father, parent (both) or
    other.
    """
    before = behind = relative = ""
    for match in PERSON.finditer(plain):
        name = str(match.lastgroup)
        if name == "same":
            name = relative or "self"
        elif name != "self":
            relative = name
        if match.start() <= place:
            before = name
        elif re.search(r"(?:,| is| was) (?:your|my|her|his) $", plain[place : match.start()]):
            behind = behind or name  # "Kenya is your mother's country"
    return before or behind or "self"
