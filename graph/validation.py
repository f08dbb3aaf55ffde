"""Validate input from outside: people, questions, messages, and texts about people."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from graph.state import Input
from survey.fixed_profile import once_per_profile
from survey.profile import Answer, Option

MESSAGE = 4_000
"""Characters of a chat message."""
HISTORY, HISTORY_TEXT = 40, 20_000
"""Messages of a conversation that the model sees, and their characters."""
REPLY = 4_000
"""Characters of what a simulated person says in a chat; a model that does not stop is cut."""
QUESTION, LABEL, OPTIONS = 2_000, 300, 300
"""Characters of a question and of an option, and how many options there may be."""
TEXT = 50_000
"""Characters of a text about a person."""
ANSWERS, PROFILE = 500, 200_000
"""Known answers of one person, and their characters."""
BACKSTORY = PROFILE
"""Characters of a backstory that is handed in."""
PROMPT = 20_000
"""Characters of a prompt of one's own."""


class InputTooLargeError(ValueError):
    """Input is too long; one line says what, how long it is, and how long it may be."""


_PROFILE, _OPTIONS, _TEXT = TypeAdapter(list[Answer]), TypeAdapter(list[Option]), TypeAdapter(str)


class InvalidInputError(ValueError):
    """Input does not have the right form; one line says what and where."""


def validate_input(asked: Input) -> None:
    """Validate the input of a graph: one question to one person.

    Raises InputTooLargeError or InvalidInputError.
    """
    if missing := [name for name in ("profile", "question", "options") if asked.get(name) is None]:
        raise InvalidInputError(f"input: {', '.join(missing)} missing")
    validate_question(asked["question"], asked["options"])
    validate_size(asked["profile"])
    validate_text("backstory", asked.get("backstory", ""), BACKSTORY)
    validate_text("backstory_of", asked.get("backstory_of", ""), LABEL)


def validate_length(what: str, text: str, most: int) -> None:
    """Raise InputTooLargeError where a text has more than `most` characters."""
    if len(text) > most:
        raise InputTooLargeError(
            f"{what}: {len(text):,} characters, and at most {most:,} are taken"
        )


def validate_text(what: str, text: str, most: int) -> None:
    """Raise InvalidInputError for what is no text, InputTooLargeError for one that is too long."""
    _check_type(what, _TEXT, text)
    validate_length(what, text, most)


def validate_question(question: str, options: Sequence[Option]) -> None:
    """Raise InputTooLargeError for a question or options too long or too many.

    Raises InvalidInputError for what is no option.
    """
    _check_type("options", _OPTIONS, options)
    validate_text("question", question, QUESTION)
    if len(options) > OPTIONS:
        raise InputTooLargeError(f"options: {len(options):,}, and at most {OPTIONS:,} are taken")
    for option in options:
        validate_length("option", option["label"], LABEL)


def validate_profile(profile: Sequence[Answer]) -> None:
    """Raise InputTooLargeError for a profile of too many or too long answers.

    Raises InvalidInputError for one that is no list of answers.
    """
    _check_type("profile", _PROFILE, profile)
    validate_size(profile)


@once_per_profile
def validate_size(profile: Sequence[Answer]) -> None:
    """Raise InputTooLargeError for a profile that is too large.

    Faster than `validate_profile`, since it checks no types: graphs call it for every question.
    """
    if len(profile) > ANSWERS:
        raise InputTooLargeError(
            f"profile: {len(profile):,} answers, and at most {ANSWERS:,} are taken"
        )
    try:
        length = sum(map(_told_length, profile))
    except KeyError as missing:
        raise InvalidInputError(f"profile: an answer without {missing}") from None
    except (TypeError, AttributeError):
        raise InvalidInputError("profile: it is no list of answers") from None
    if length > PROFILE:
        raise InputTooLargeError(
            f"profile: {length:,} characters, and at most {PROFILE:,} are taken"
        )


def _told_length(answer: Answer) -> int:
    """Return about how many characters an answer is told in.

    Raises KeyError for a part that is missing, and InputTooLargeError for a question or item that
    is too long, also where a statement is told in its place.
    """
    validate_length("profile: a question", answer["question"], TEXT)
    validate_length("profile: an item", answer.get("item", ""), LABEL)
    told = f"{answer['question']} {answer['code']}"
    return len(answer.get("statement") or told) + sum(
        [len(option["label"]) for option in answer["options"]]
    )


def _check_type(what: str, kind: TypeAdapter[Any], given: Any) -> None:
    """Raise InvalidInputError where a value does not have this type."""
    try:
        kind.validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = " ".join(str(step + 1 if isinstance(step, int) else step) for step in first["loc"])
        raise InvalidInputError(f"{what} {place}: {first['msg']}".replace(" :", ":")) from None
