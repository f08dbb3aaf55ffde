"""Turn plain Python values from scripts, tables and notebooks into options and known answers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from graph.validation import InvalidInputError, validate_question
from survey.profile import Answer, Option, single_line

TRUTH = {True: "Yes", False: "No"}
TEXT_OF_OPTIONS = 'options: one text; give a list, such as ["Yes", "No"]'


class TableRow(Protocol):
    """A row of a table, such as a pandas Series: named cells."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Each name with its cell."""


Options: TypeAlias = Iterable[Any] | Mapping[Any, Any]
"""Words or numbers in the order shown, options with codes of their own, or codes with their words.
"""


def numbered_options(options: Options) -> list[Option]:
    """Options with their codes: words are numbered from 1, whole numbers are their own codes, and
    None is left out.

    A mapping holds codes and what they stand for. Raises ValueError, one line, for what cannot be
    taken as options, and for too many, too long or equal ones.
    """
    made = _coded(options) if isinstance(options, Mapping) else _listed(options)
    validate_question("", made)
    if not all(single_line(option["label"]).strip() for option in made):
        raise InvalidInputError("options: one of them is empty")
    codes = {option["code"] for option in made}
    labels = {option["label"] for option in made}
    if len(codes) < len(made) or len(labels) < len(made):
        raise InvalidInputError("options: two of them are the same")
    return made


def known_answers(profile: Sequence[Answer] | Mapping[Any, Any] | TableRow) -> list[Answer]:
    """A profile as known answers. Raises ValueError, one line, for what cannot be taken as one."""
    if isinstance(profile, str | bytes):
        raise InvalidInputError(
            "profile: one text; give questions with answers, or use Persona.from_text"
        )
    if hasattr(profile, "columns"):
        raise InvalidInputError("profile: a whole table; take one row of it, such as table.iloc[0]")
    if isinstance(profile, Sequence):
        return [_plain(answer) for answer in profile]
    if not hasattr(profile, "items"):
        raise InvalidInputError(
            f"profile: {_type_name(profile)}, and a list or named values are taken"
        )
    told = [
        (plain_words(asked, "profile"), plain_words(said, f"profile {asked}"))
        for asked, said in profile.items()
    ]
    return [
        answer_in_words(f"{asked} Your answer: {said}", asked)
        for asked, said in told
        if asked and said
    ]


def answer_in_words(statement: str, about: str) -> Answer:
    """A known answer in words of its own, to a question that had no options."""
    return Answer(question=single_line(about), options=[], code=0, statement=statement)


def plain_words(value: Any, what: str) -> str:
    """A plain value as words on one line; "" for nothing: None, nan and their like.

    Raises InvalidInputError, one line that begins with `what`, for a value that holds others.
    """
    value = _python(value)
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return TRUTH[value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a table with a gap keeps its whole numbers as 44.0
    if isinstance(value, bytes) or (isinstance(value, Iterable) and not isinstance(value, str)):
        raise InvalidInputError(
            f"{single_line(what)}: {_type_name(value)}, and words or a number are taken"
        )
    return single_line(str(value)).strip()


def _coded(options: Mapping[Any, Any]) -> list[Option]:
    """The options of a mapping: code and words."""
    if options.keys() == {"code", "label"}:
        raise InvalidInputError("options: one option alone; give a list of them")
    made = []
    for key, label in options.items():
        code = _whole(key)
        if code is None:
            raise InvalidInputError(
                f"options: {single_line(str(key))!r} is no code; give a list, or whole numbers "
                f"with their words"
            )
        made.append(Option(code=code, label=plain_words(label, "options")))
    return made


def _listed(options: Iterable[Any]) -> list[Option]:
    """The options of a list."""
    if isinstance(options, str | bytes):
        raise InvalidInputError(TEXT_OF_OPTIONS)
    if isinstance(options, set | frozenset):
        raise InvalidInputError("options: a set has no order; give a list")
    if not isinstance(options, Iterable) or hasattr(options, "columns"):
        raise InvalidInputError(f"options: {_type_name(options)} is no list of them")
    given = [
        one for one in options if isinstance(one, str | Mapping) or plain_words(one, "options")
    ]
    whole = [None if isinstance(one, bool) else _whole(one) for one in map(_python, given)]
    if given and all(code is not None and code >= 0 for code in whole):
        return [Option(code=code, label=str(code)) for code in whole if code is not None]
    return [
        _plain(one)
        if isinstance(one, Mapping)
        else Option(code=place, label=plain_words(one, "options"))
        for place, one in enumerate(given, 1)
    ]


def _whole(value: Any) -> int | None:
    """The whole number that a value is or spells; None for all others."""
    value = _python(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _plain(given: Any) -> Any:
    """The same with Python's own numbers in place of numpy's, however deep."""
    if isinstance(given, Mapping):
        return {name: _plain(value) for name, value in given.items()}
    if isinstance(given, list | tuple):
        return [_plain(value) for value in given]
    return _python(given)


def _python(value: Any) -> Any:
    """Python's own value in place of a numpy scalar; pandas' NA and NaT as None."""
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    module, item = type(value).__module__.partition(".")[0], getattr(value, "item", None)
    if module == "numpy" and item is not None and getattr(value, "ndim", 1) == 0:
        return item()
    return value


def _type_name(value: Any) -> str:
    """Return the type of a value with its article, for a message."""
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
