"""Settings in the environment: `VALUESIM_TOP_K=5`, and a file `.env` in the working directory.

Of `.env` are read the two keys and settings, never an address: whoever can put a file beside the
data could otherwise send a key and the answers of a survey to a server of their own. A variable
that is set beats the file.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from graph.command_line.flag import SettingsError, setting_name
from graph.command_line.validate import problem_of
from graph.command_line.values import value_of_text

PREFIX = "VALUESIM_"
ENV_FILE = Path(".env")
KEYS = ("OPENAI_API_KEY", "OPENAI_EMBEDDINGS_API_KEY")
ADDRESSES = ("BASE_URL", "CLUSTER", "HOST")
"""What names of variables end in that say where something is sent, or who is let in."""


def environment_settings(kind: type[BaseModel]) -> dict[str, Any]:
    """The settings of this kind that the environment gives, by field name.

    Keys in `.env` come into the environment on the way. Raises SettingsError, one line that names
    the variable.
    """
    if ENV_FILE.is_file():
        load_env_file(kind)
    if not any(name.upper().startswith(PREFIX) for name in os.environ):
        return {}
    found = _from_variables(kind)
    for name, value in found.items():
        _check_alone(kind, name, value)
    return found


def load_env_file(kind: type[BaseModel]) -> None:
    """Put what may be read of `.env` into the environment; what is set there already stays.

    A file that names an address is not read at all, and one line says so: its key belongs to that
    address. Raises SettingsError, one line.
    """
    try:
        found = _read_env_file()
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{ENV_FILE} cannot be read: {error}") from None
    known = {variable_name(kind, name) for name in kind.model_fields}
    wanted = {name: value for name, value in found.items() if name in known or name in KEYS}
    addresses = [name for name in found if _is_address(name)]
    if addresses:
        if wanted:
            told = "a file may not say where keys and answers go; export it, or use a flag"
            print(f"{ENV_FILE} is not read: it sets {addresses[0]}, and {told}", file=sys.stderr)
        return
    for name, value in wanted.items():
        os.environ.setdefault(name, value)


def variable_name(kind: type[BaseModel], name: str) -> str:
    """The variable of a field: VALUESIM_MODEL for `chat`."""
    return PREFIX + setting_name(kind, name).upper()


def _is_address(name: str) -> bool:
    """Whether a variable says where something is sent."""
    return name.startswith((PREFIX, "OPENAI_")) and name.endswith(ADDRESSES)


def _read_env_file() -> Mapping[str, str]:
    """The variables in `.env`, without those that have no value."""
    from dotenv import dotenv_values

    found = dotenv_values(ENV_FILE, interpolate=False)
    return {name: value for name, value in found.items() if value}


def _from_variables(kind: type[BaseModel]) -> dict[str, Any]:
    """The settings in variables, as pydantic-settings finds them."""
    from pydantic_settings import EnvSettingsSource

    class Variables(EnvSettingsSource):
        """Reads lists as flags do, `a,b`, where pydantic-settings wants JSON."""

        def prepare_field_value(
            self, field_name: str, field: Any, value: Any, value_is_complex: bool
        ) -> Any:
            return None if value is None else value_of_text(field.annotation, value)

    more: Any = {"env_prefix": PREFIX, "env_prefix_target": "all", "env_ignore_empty": True}
    source: Any = Variables(kind, **more)  # type: ignore[arg-type]  # it reads fields alone
    found: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        value, _, _ = source.get_field_value(field, name)
        if value is not None:
            found[name] = source.prepare_field_value(name, field, value, False)
    return found


def _check_alone(kind: type[BaseModel], name: str, value: Any) -> None:
    """Raise SettingsError where a variable's value is wrong, whatever the other settings are."""
    try:
        kind(**{name: value})
    except ValidationError as error:
        if error.errors()[0]["loc"]:
            raise SettingsError(problem_of(kind, error, variable_name(kind, name))) from None
