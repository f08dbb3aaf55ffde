"""Turn what is told of a person into what the person says, and back: "You trust ..." and "I trust
...".
"""

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
    r"(?:\b(?:to|for|of|with|about|from|by|around|like|than|at|on|near|behind|over|towards?|against|between|upon|after|"
    r"tell|told|help|helps|give|gives|makes?|let|lets|worr(?:y|ies)|describes?|ask|asked) \Z)",
    re.IGNORECASE,
)
"""What stands before a "you" that is no subject."""
START = re.compile(r"(?:\A|[.!?…:\n]|[.!?…][\"”’)])\s*[\"“‘(]?\Z")


def _pattern(table: dict[str, str], *more: str) -> re.Pattern[str]:
    """Any of these words, longer ones first."""
    words = sorted((*table, *more), key=len, reverse=True)
    every = "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’]") for word in words)
    return re.compile(rf"(?<![\w'’-])(?:{every})(?![\w'’-])", re.IGNORECASE)


FIRST, SECOND = _pattern(TO_SECOND), _pattern(TO_FIRST, "you")


def to_second(text: str) -> str:
    """What a person says, told to the person: "I trust you" becomes "You trust them". English only.

    Whoever is spoken to becomes a third, so that nothing said of them is taken for the person's.
    """
    return FIRST.sub(lambda found: _cased(_to_second(found), found), text)


def to_first(text: str) -> str:
    """What is told to a person, as the person says it: "You trust your family" becomes "I trust my
    family".
    """
    return SECOND.sub(lambda found: _cased(_to_first(found), found), text)


def _to_second(found: re.Match[str]) -> str:
    """The words in place of one of the first person, or of one for whoever is spoken to."""
    word = _key(found)
    if word == "you" and _is_object(found):
        return "them"
    return TO_SECOND[word]


def _to_first(found: re.Match[str]) -> str:
    """The words in place of one of the second person."""
    word = _key(found)
    if word == "you":
        return "me" if _is_object(found) else "I"
    return TO_FIRST[word]


def _key(found: re.Match[str]) -> str:
    """The words as the tables have them."""
    return " ".join(found[0].lower().replace("’", "'").split())


def _is_object(found: re.Match[str]) -> bool:
    """Whether a "you" is no subject: it stands behind a preposition, or a clause ends with it."""
    behind = found.string[found.end() :]
    return (
        bool(OBJECT.search(found.string[: found.start()]))
        or re.match(r"\s*(?:[.,;:!?)]|\Z)", behind) is not None
    )


def _cased(words: str, found: re.Match[str]) -> str:
    """With a capital where a sentence begins."""
    begins = START.search(found.string[: found.start()]) is not None
    return words[0].upper() + words[1:] if begins else words
