"""The values of settings as text: read from flags and variables, and shown as one would type."""

from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from graph.command_line.flag import flag_of

LISTED = 5
"""The most choices that stand in the flag; more stand in the description, at {choices}."""
UNIONS = (Union, UnionType)
METAVARS = {int: "N", float: "X", Path: "FILE"}


def value_of_text(annotation: Any, text: str) -> Any:
    """A setting's text as its field wants it: `a,b` is a list, and `none` None where that may be.

    All else is left to the field's own validation.
    """
    if get_origin(annotation) is tuple:
        return tuple(part for part in text.split(",") if part)
    if text == "none" and is_optional(annotation):
        return None
    return text


def is_optional(annotation: Any) -> bool:
    """Whether a field may be None."""
    return get_origin(annotation) in UNIONS and NoneType in get_args(annotation)


def is_switch(annotation: Any) -> bool:
    """Whether a field is on or off, so that its flag takes no value."""
    return annotation is bool or (is_optional(annotation) and bool in get_args(annotation))


def choices_of(annotation: Any) -> list[str]:
    """The words of which a value is one; none where it is free."""
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    if is_optional(annotation):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is not Literal:
        return []
    return [str(word) for word in get_args(annotation)]


def metavar_of(field: FieldInfo) -> str:
    """Return the placeholder of the value in the help."""
    if named := flag_of(field).value:
        return named
    annotation: Any = field.annotation
    if choices := choices_of(annotation):
        return "|".join(choices) if len(choices) <= LISTED else "NAME"
    if get_origin(annotation) is dict:
        return "JSON"
    while get_origin(annotation) in (tuple, Annotated, *UNIONS):
        annotation = get_args(annotation)[0]
    return METAVARS.get(annotation, "NAME")


def shown_default(field: FieldInfo) -> str:
    """A default as one would type it, or what happens where there is none."""
    default = flag_of(field).shown or field.default
    if default is None:
        return flag_of(field).unset
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, tuple):
        return ",".join(map(str, default)) or "none"
    return f"{default:g}" if isinstance(default, float) else str(default)


def meaning_of(field: FieldInfo) -> str:
    """What a setting does, with its default."""
    words = ", ".join(choices_of(field.annotation))
    told = (field.description or "").replace("{choices}", words)
    return f"{told} (default: {shown_default(field)})"
