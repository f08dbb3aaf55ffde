"""Whether a text is English, told by its small words: what the rules of `contradictions` can
read.
"""

import re

from graph.stop_words import ENGLISH_WORDS, OTHER_LANGUAGES

FEW = 3


def is_english(text: str) -> bool:
    """Whether most small words of a text are English ones. A text of up to three words in Latin
    letters counts as such.

    Deterministic, and made for sentences of a conversation: what is in doubt is no English, and
    goes to the model.
    """
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower().replace("’", "'"))
    latin = [word for word in words if word.replace("'", "").isascii()]
    if len(latin) * 10 < len(words) * 9:
        return False
    if len(words) <= FEW:
        return True
    ours = sum(word in ENGLISH_WORDS for word in words)
    theirs = sum(word in OTHER_LANGUAGES for word in words)
    return ours > theirs and ours * 8 >= len(words)
