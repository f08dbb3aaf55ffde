"""Command-line flags made from the fields of a settings model, so that each setting is written
once.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from graph.serve.flags import Parser

LISTED = 5
"""More choices than this stand in the description, at {choices}."""


def parse_flags(
    model: type[BaseModel],
    prog: str,
    about: str,
    arguments: Sequence[str] | None,
    choices: Mapping[str, str] | None = None,
) -> tuple[dict[str, Any], Path | None]:
    """The settings given as flags, by field name, and the file given as `--config`; nothing for
    flags left out.

    A field marked `{"flag": False}` has no flag. One that is a tuple may be repeated or separated
    by commas; `none` stands for None where a field may be None. `choices` are words, with what each
    means, of which the first argument is one; it is returned as `choice`.
    """
    parser = Parser(
        prog=prog, description=about, allow_abbrev=False, argument_default=argparse.SUPPRESS
    )
    for name, field in model.model_fields.items():
        if (
            isinstance(field.json_schema_extra, dict)
            and field.json_schema_extra.get("flag") is False
        ):
            continue
        flag, origin = "--" + name.replace("_", "-"), get_origin(field.annotation)
        shown = (
            "" if field.default in (None, (), False, {}) else f" (default: {_shown(field.default)})"
        )
        words = ", ".join(_choices(field.annotation))
        text = (field.description or "").replace("{choices}", words) + shown.replace("%", "%%")
        if field.annotation is bool:
            parser.add_argument(flag, dest=name, action="store_true", help=text)
        elif origin is tuple:
            parser.add_argument(
                flag,
                dest=name,
                action="append",
                help=text,
                metavar=_metavar(name, field.annotation),
            )
        else:
            parser.add_argument(
                flag, dest=name, help=text, metavar=_metavar(name, field.annotation)
            )
    if choices:
        text = "; ".join(f"{word}: {meaning}" for word, meaning in choices.items())
        parser.add_argument("choice", choices=list(choices), help=text)
    parser.add_argument(
        "--config",
        type=Path,
        default=None,
        metavar="FILE",
        help="settings from a file; flags beat it",
    )
    found = vars(parser.parse_args(arguments))
    config = found.pop("config")
    chosen = {"choice": found.pop("choice")} if choices else {}
    fields = {name: _value(model.model_fields[name].annotation, raw) for name, raw in found.items()}
    return chosen | fields, config


def _value(annotation: Any, raw: Any) -> Any:
    """A flag's text as the field wants it."""
    if get_origin(annotation) is tuple:
        return tuple(part for text in raw for part in text.split(",") if part)
    if (
        raw == "none"
        and get_origin(annotation) in (Union, UnionType)
        and NoneType in get_args(annotation)
    ):
        return None
    return raw


def _choices(annotation: Any) -> list[str]:
    """The words of which a value is one; none where it is free."""
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    return [str(word) for word in get_args(annotation)] if get_origin(annotation) is Literal else []


def _metavar(name: str, annotation: Any) -> str:
    """What stands for the value in the help."""
    if choices := _choices(annotation):
        return "|".join(choices) if len(choices) <= LISTED else "NAME"
    if get_origin(annotation) is dict:
        return "JSON"
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not NoneType]
    first = get_args(kinds[0])[0] if get_origin(kinds[0]) is Annotated else kinds[0]
    return {int: "N", float: "X", Path: "DIR" if name in {"out", "prompts", "run"} else "FILE"}.get(
        first, "NAME" if "url" not in name else "URL"
    )


def _shown(default: Any) -> str:
    """A default as one would type it."""
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
