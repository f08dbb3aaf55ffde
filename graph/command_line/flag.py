"""The flag of a settings field: its group in `--help`, and how it is shown there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

WHAT, WHOM = "what to ask", "whom to ask"
MODEL, HOW = "which model", "how to ask"
LIMITS, OUTPUT = "limits", "output"


@dataclass(frozen=True)
class Flag:
    """Describes the flag of a field, in its annotation: `Annotated[int, Flag(LIMITS)]`.

    A field that is not `listed` has a flag that `--help` leaves to `--set help`; one that is not
    `offered` has none, and is set by `--set`, a file or the environment. `unset` says what happens
    where the default is None, `shown` what is shown in place of a default that commands replace.
    """

    group: str = HOW
    listed: bool = True
    offered: bool = True
    unset: str = "none"
    value: str = ""
    shown: str = ""


class SettingsError(ValueError):
    """Settings that cannot be used; one line."""


def flag_of(field: FieldInfo) -> Flag:
    """Return the `Flag` in a field's annotation."""
    return next((found for found in field.metadata if isinstance(found, Flag)), Flag())


def setting_name(kind: type[BaseModel], name: str) -> str:
    """The name of a field in files and, with dashes, as a flag: its alias where it has one."""
    field = kind.model_fields.get(name)
    return field.serialization_alias or name if field else name


def option_string(kind: type[BaseModel], name: str) -> str:
    """The flag of a field: `--top-k` for `top_k`, `--model` for `chat`."""
    return "--" + setting_name(kind, name).replace("_", "-")


def field_names(kind: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings under the names of their fields; names that are unknown stay as they are."""
    known = {setting_name(kind, name): name for name in kind.model_fields}
    return {known.get(name, name): value for name, value in given.items()}
