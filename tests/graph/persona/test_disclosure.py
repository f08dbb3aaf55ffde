"""Who asks whether they talk to a human being gets the fixed sentence, and nobody else does."""

import pytest

from graph.persona.disclosure import LANGUAGES, disclosure_for
from tests.graph.persona.disclosure_cases import ASKED, OTHER

SINCERE = [(language, line.strip()) for language, lines in ASKED.items() for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("language", "text"), SINCERE)
def test_whoever_asks_is_told_in_the_language_of_the_question(language: str, text: str) -> None:
    assert disclosure_for(text) == LANGUAGES[language][1]


@pytest.mark.parametrize("text", [line.strip() for line in OTHER.strip().splitlines()])
def test_a_question_about_something_else_is_none(text: str) -> None:
    assert disclosure_for(text) is None


def test_every_language_is_tried() -> None:
    assert ASKED.keys() == LANGUAGES.keys() and len(LANGUAGES) >= 12
    assert len({say for _, say in LANGUAGES.values()}) == len(LANGUAGES)


@pytest.mark.parametrize(
    "text", ["", "?", "a " * 5000, "are you a " * 400 + "human?", "really " * 3000, "tell me, " * 2000]
)
def test_odd_texts_are_read_at_once(text: str) -> None:
    assert disclosure_for(text) is None
