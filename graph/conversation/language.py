"""Tells by its small words whether a text is English, which the rules of `contradictions` read."""

import re

from graph.stop_words import ENGLISH_WORDS, OTHER_LANGUAGES

FEW = 3


def is_english(text: str) -> bool:
    """Whether most small words of a text are English ones.

    A text of up to three words in Latin letters counts as English. The rule is deterministic and
    made for sentences of a conversation; a text in doubt is not English, and the model reads it.
    """
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower().replace("’", "'"))
    latin = [word for word in words if word.replace("'", "").isascii()]
    if len(latin) * 10 < len(words) * 9:
        return False
    if len(words) <= FEW:
        return True
    english = sum(word in ENGLISH_WORDS for word in words)
    other = sum(word in OTHER_LANGUAGES for word in words)
    return english > other and english * 8 >= len(words)
