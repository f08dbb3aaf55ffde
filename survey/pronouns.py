"""Turns "You trust ..." into "I trust ..." and back: from the second person to the first."""

import re

TO_SECOND = {
    "i am": "you are",
    "am i": "are you",
    "i was": "you were",
    "was i": "were you",
    "i wasn't": "you weren't",
    "i myself was": "you yourself were",
    "i'm": "you are",
    "i've": "you have",
    "i'd": "you would",
    "i'll": "you will",
    "am": "are",
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "you're": "they are",
    "you've": "they have",
    "you'd": "they would",
    "you'll": "they will",
    "you": "they",
    "your": "their",
    "yours": "theirs",
    "yourself": "themselves",
}
TO_FIRST = {
    "you are": "I am",
    "are you": "am I",
    "you were": "I was",
    "were you": "was I",
    "you weren't": "I wasn't",
    "you yourself were": "I myself was",
    "you aren't": "I am not",
    "you're": "I'm",
    "you've": "I've",
    "you'd": "I'd",
    "you'll": "I'll",
    "your": "my",
    "yours": "mine",
    "yourself": "myself",
}
OBJECT = re.compile(
    r"(?:\b(?:to|for|of|with|about|from|by|around|like|than|at|on|near|behind|over|"
    r"towards?|against|between|upon|after|"
    r"tell|told|help|helps|give|gives|makes?|let|lets|worr(?:y|ies)|describes?|ask|asked) \Z)",
    re.IGNORECASE,
)
"""What stands before a "you" that is an object."""
CLAUSE_END = re.compile(r"\s*(?:[.,;:!?)]|\Z)")
START = re.compile(r"(?:\A|[.!?…:\n]|[.!?…][\"”’)])\s*[\"“‘(]?\Z")


def _pattern(table: dict[str, str], *more: str) -> re.Pattern[str]:
    """Any of these words, longer ones first."""
    words = sorted((*table, *more), key=len, reverse=True)
    every = "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’]") for word in words)
    return re.compile(rf"(?<![\w'’-])(?:{every})(?![\w'’-])", re.IGNORECASE)


FIRST, SECOND = _pattern(TO_SECOND), _pattern(TO_FIRST, "you")


def to_second(text: str) -> str:
    """Turn the first person into the second: "I trust you" becomes "You trust them". English only.

    The second person becomes the third, so that nothing said about the listener is taken for
    something about the speaker.
    """
    return FIRST.sub(lambda found: _cased(_to_second(found), found), text)


def to_first(text: str) -> str:
    """Turn the second person into the first: "You trust your family" becomes "I trust my family".

    English only.
    """
    return SECOND.sub(lambda found: _cased(_to_first(found), found), text)


def _to_second(found: re.Match[str]) -> str:
    """What replaces words of the first person, or a "you" for the listener."""
    word = _key(found)
    if word == "you" and _is_object(found):
        return "them"
    return TO_SECOND[word]


def _to_first(found: re.Match[str]) -> str:
    """What replaces words of the second person."""
    word = _key(found)
    if word == "you":
        return "me" if _is_object(found) else "I"
    return TO_FIRST[word]


def _key(found: re.Match[str]) -> str:
    """The words as they stand in the tables: small letters, straight apostrophes, single spaces."""
    return " ".join(found[0].lower().replace("’", "'").split())


def _is_object(found: re.Match[str]) -> bool:
    """Whether a "you" is an object: it stands behind a preposition, or a clause ends with it."""
    before, behind = found.string[: found.start()], found.string[found.end() :]
    return bool(OBJECT.search(before) or CLAUSE_END.match(behind))


def _cased(words: str, found: re.Match[str]) -> str:
    """The words, with a capital where a sentence begins."""
    begins = START.search(found.string[: found.start()]) is not None
    return words[0].upper() + words[1:] if begins else words
