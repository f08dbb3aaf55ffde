"""How much of anything is taken from outside: people, questions, messages, texts about people."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from graph.state import Input
from survey.profile import Answer, Option

MESSAGE = 4_000
"""Characters of a chat message."""
HISTORY, HISTORY_TEXT = 40, 20_000
"""Messages before it that the model sees, and their characters."""
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
    """Something is longer than is taken; one line says what, how long it is, and how long it may
    be.
    """


_PROFILE, _OPTIONS, _TEXT = TypeAdapter(list[Answer]), TypeAdapter(list[Option]), TypeAdapter(str)


class InvalidInputError(ValueError):
    """Something is not built as it should be; one line says what and where."""


def validate_input(asked: Input) -> None:
    """Raise TooMuch or Malformed for what a graph is asked: one question to one person."""
    if missing := [name for name in ("profile", "question", "options") if asked.get(name) is None]:
        raise InvalidInputError(f"input: {', '.join(missing)} missing")
    validate_question(asked["question"], asked["options"])
    validate_size(asked["profile"])
    validate_text("backstory", asked.get("backstory", ""), BACKSTORY)
    validate_text("backstory_of", asked.get("backstory_of", ""), LABEL)


def validate_length(what: str, text: str, most: int) -> None:
    """Raise TooMuch where a text has more characters than that."""
    if len(text) > most:
        raise InputTooLargeError(
            f"{what}: {len(text):,} characters, and at most {most:,} are taken"
        )


def validate_text(what: str, text: str, most: int) -> None:
    """As `hold_text`, and raise Malformed for what is no text."""
    _hold(what, _TEXT, text)
    validate_length(what, text, most)


def validate_question(question: str, options: Sequence[Option]) -> None:
    """Raise TooMuch for a question or options too long or too many, Malformed for what is no
    option.
    """
    _hold("options", _OPTIONS, options)
    validate_text("question", question, QUESTION)
    if len(options) > OPTIONS:
        raise InputTooLargeError(f"options: {len(options):,}, and at most {OPTIONS:,} are taken")
    for option in options:
        validate_length("option", option["label"], LABEL)


def validate_profile(profile: Sequence[Answer]) -> None:
    """Raise TooMuch for a profile of too many or too long answers, Malformed for one that is not of
    answers.
    """
    _hold("profile", _PROFILE, profile)
    validate_size(profile)


def validate_size(profile: Sequence[Answer]) -> None:
    """As `hold_profile`, and quicker, since types are not looked at: for what is asked many times
    over.
    """
    if len(profile) > ANSWERS:
        raise InputTooLargeError(
            f"profile: {len(profile):,} answers, and at most {ANSWERS:,} are taken"
        )
    try:
        length = sum(map(_length, profile))
    except KeyError as missing:
        raise InvalidInputError(f"profile: an answer without {missing}") from None
    except (TypeError, AttributeError):
        raise InvalidInputError("profile: it is no list of answers") from None
    if length > PROFILE:
        raise InputTooLargeError(
            f"profile: {length:,} characters, and at most {PROFILE:,} are taken"
        )


def _length(answer: Answer) -> int:
    """How many characters an answer is told in, or nearly so. Raises KeyError for a part that is
    missing.

    Raises TooMuch for what is not told where there is a statement, and is held all the same.
    """
    validate_length("profile: a question", answer["question"], TEXT)
    validate_length("profile: an item", answer.get("item", ""), LABEL)
    told = f"{answer['question']} {answer['code']}"
    return len(answer.get("statement") or told) + sum(
        [len(option["label"]) for option in answer["options"]]
    )


def _hold(what: str, kind: TypeAdapter[Any], given: Any) -> None:
    """Raise Malformed where a value is not of this kind."""
    try:
        kind.validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = " ".join(str(step + 1 if isinstance(step, int) else step) for step in first["loc"])
        raise InvalidInputError(f"{what} {place}: {first['msg']}".replace(" :", ":")) from None
