"""Settings made from what flags, files and the environment give; a wrong one is one line."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from graph.command_line.flag import SettingsError, field_names, option_string

Kind = TypeVar("Kind", bound=BaseModel)


def make_settings(kind: type[Kind], given: Mapping[str, Any]) -> Kind:
    """Validate settings. Raises SettingsError, one line that names the flag."""
    try:
        return kind(**field_names(kind, given))
    except ValidationError as error:
        raise SettingsError(problem_of(kind, error)) from None


def merge_settings(kind: type[BaseModel], *layers: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by field name; each layer beats those before it."""
    found: dict[str, Any] = {}
    for layer in layers:
        found |= field_names(kind, layer)
    return found


def problem_of(kind: type[BaseModel], error: ValidationError, where: str = "") -> str:
    """The first thing that is wrong with settings, in one line; `where` stands for the flag."""
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    [name] = field_names(kind, {str(first["loc"][0]): None})
    flag = where or option_string(kind, name)
    if first["type"] == "extra_forbidden":
        return f"{flag}: {message}"
    return f"{flag} {first['input']!r}: {message}"
