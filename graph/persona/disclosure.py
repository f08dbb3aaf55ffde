"""Whether somebody asks if they talk to a human being, and what is said to that: fixed patterns and
sentences.

No model is asked, so nothing that stands in a prompt or a profile can talk it into another answer.
The patterns and sentences are in `sincerity.toml`, by language; a question in a language that it
lacks is left to the prompt's own rule.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from importlib.resources import files

LONGEST = 200
"""Characters of a sentence that is looked at: the question is a short one."""
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
    """Small letters without accents and marks, by which a question is known however it is typed."""
    apart = unicodedata.normalize("NFKD", text.translate(LETTERS)).casefold()
    bare = "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Cf", "So"))
    return unicodedata.normalize("NFC", bare).translate(LETTERS)


def _read() -> dict[str, tuple[re.Pattern[str], str]]:
    """By language the question, as one pattern over a plain sentence, and the answer."""
    table = tomllib.loads(
        files("graph.persona").joinpath("disclosure.toml").read_text(encoding="utf-8")
    )
    return {language: (_pattern(entry), str(entry["say"])) for language, entry in table.items()}


def _pattern(entry: dict[str, str | list[str]]) -> re.Pattern[str]:
    """The words that may stand before, the question, and the words that may stand behind."""
    asked = "|".join(f"(?:{one})" for one in entry["asked"])
    whole = f"(?:(?:{entry['lead']})[ ,、，]*)*(?:{asked})(?:[ ,、，]*(?:{entry['tail']}))*"
    return re.compile(plain_spelling(whole.replace("{thing}", str(entry["thing"]))))


LANGUAGES = _read()


def disclosure_for(text: str) -> str | None:
    """What to say to a text that asks whether one talks to a human being, in its language; None to
    any other text.
    """
    for sentence in _sentences(text):
        for pattern, say in LANGUAGES.values():
            if pattern.fullmatch(sentence):
                return say
    return None


def _sentences(text: str) -> Iterator[str]:
    """The short sentences of a text, plain and bare of what surrounds them; a question also with
    its mark.
    """
    parts = END.split(text)
    for part, end in zip(parts[::2], [*parts[1::2], ""], strict=True):
        sentence = " ".join(plain_spelling(part).split()).strip(EDGES)
        if 0 < len(sentence) <= LONGEST:
            yield sentence
            if "?" in plain_spelling(end) or "؟" in end:
                yield f"{sentence}?"
