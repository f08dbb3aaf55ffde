"""Recognizes the question whether one talks to a human being, and has the answer to it.

No model takes part, so nothing in a prompt or a profile can change the answer. Patterns and answers
stand in `disclosure.toml`, by language; for other languages the prompt has a rule of its own.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from importlib.resources import files

LONGEST = 200
"""Characters of the longest sentence that may be the question."""
LETTERS = str.maketrans(
    {
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ß": "ss",
        "ʼ": "'",
        "‘": "'",
        "’": "'",
        "`": "'",
        "¿": None,
        "¡": None,
    }
)
END = re.compile(r"([.!?…;:\n。！？؟।—–]+(?=\s|\Z)|[\n…;。！？؟।—–]|[!?]+|[\"“”«»„]|\s-\s)")
EDGES = " ,.!?*_~()[]、，-'"


def plain_spelling(text: str) -> str:
    """The text in small letters without accents and marks, so that spelling makes no difference."""
    apart = unicodedata.normalize("NFKD", text.translate(LETTERS)).casefold()
    bare = "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Cf", "So"))
    return unicodedata.normalize("NFC", bare).translate(LETTERS)


def _read() -> dict[str, tuple[re.Pattern[str], str]]:
    """The question, as one pattern over a plain sentence, and the answer, by language."""
    table = tomllib.loads(
        files("graph.persona").joinpath("disclosure.toml").read_text(encoding="utf-8")
    )
    return {language: (_pattern(entry), str(entry["say"])) for language, entry in table.items()}


def _pattern(entry: dict[str, str | list[str]]) -> re.Pattern[str]:
    """The pattern of one language: words that may come before, the question, and words behind."""
    asked = "|".join(f"(?:{one})" for one in entry["asked"])
    whole = f"(?:(?:{entry['lead']})[ ,、，]*)*(?:{asked})(?:[ ,、，]*(?:{entry['tail']}))*"
    return re.compile(plain_spelling(whole.replace("{thing}", str(entry["thing"]))))


LANGUAGES = _read()


def disclosure_for(text: str) -> str | None:
    """The answer to a text that asks whether one talks to a human being, in its language.

    None for any other text.
    """
    for sentence in _sentences(text):
        for pattern, say in LANGUAGES.values():
            if pattern.fullmatch(sentence):
                return say
    return None


def _sentences(text: str) -> Iterator[str]:
    """The short sentences of a text in plain spelling; a question once more with its mark."""
    parts = END.split(text)
    for part, end in zip(parts[::2], [*parts[1::2], ""], strict=True):
        sentence = " ".join(plain_spelling(part).split()).strip(EDGES)
        if 0 < len(sentence) <= LONGEST:
            yield sentence
            if "?" in plain_spelling(end) or "؟" in end:
                yield f"{sentence}?"
