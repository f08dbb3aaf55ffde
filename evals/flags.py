"""Command-line flags made from the fields of a settings model, so that each setting is written once."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, Union, get_args, get_origin

from pydantic import BaseModel


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and ends with code 2."""

    def error(self, message: str) -> NoReturn:
        """Print one line on standard error and exit with code 2."""
        sys.stderr.write(f"{self.prog}: {message}\n")
        raise SystemExit(2)


def parse(
    model: type[BaseModel], prog: str, about: str, arguments: Sequence[str] | None
) -> tuple[dict[str, Any], Path | None]:
    """The settings given as flags, by field name, and the file given as `--config`; nothing for flags left out.

    A field that is a tuple may be repeated or separated by commas; `none` stands for None where a field may be None.
    """
    parser = Parser(prog=prog, description=about, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name, field in model.model_fields.items():
        flag, origin = "--" + name.replace("_", "-"), get_origin(field.annotation)
        shown = "" if field.default in (None, (), False) else f" (default: {_shown(field.default)})"
        text = (field.description or "") + shown.replace("%", "%%")
        if field.annotation is bool:
            parser.add_argument(flag, dest=name, action="store_true", help=text)
        elif origin is tuple:
            parser.add_argument(flag, dest=name, action="append", help=text, metavar=_metavar(name, field.annotation))
        else:
            parser.add_argument(flag, dest=name, help=text, metavar=_metavar(name, field.annotation))
    parser.add_argument("--config", type=Path, default=None, metavar="FILE", help="settings from a file; flags beat it")
    found = vars(parser.parse_args(arguments))
    config = found.pop("config")
    return {name: _value(model.model_fields[name].annotation, raw) for name, raw in found.items()}, config


def _value(annotation: Any, raw: Any) -> Any:
    """A flag's text as the field wants it."""
    if get_origin(annotation) is tuple:
        return tuple(part for text in raw for part in text.split(",") if part)
    if raw == "none" and get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation):
        return None
    return raw


def _metavar(name: str, annotation: Any) -> str:
    """What stands for the value in the help."""
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        return "|".join(map(str, get_args(annotation)))
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not NoneType]
    return {int: "N", float: "X", Path: "DIR" if name in {"out", "prompts"} else "FILE"}.get(
        kinds[0], "NAME" if "url" not in name else "URL"
    )


def _shown(default: Any) -> str:
    """A default as one would type it."""
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
