"""The settings of a command from all places: flags beat the environment, that beats a file."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from graph.command_line.arguments import parse_flags
from graph.command_line.config_file import read_settings_file
from graph.command_line.environment import environment_settings
from graph.command_line.validate import make_settings, merge_settings

Kind = TypeVar("Kind", bound=BaseModel)


def read_settings(
    kind: type[Kind],
    prog: str,
    about: str,
    arguments: Sequence[str] | None,
    examples: Sequence[str] = (),
) -> Kind:
    """The settings of a command. Raises SettingsError, one line; a wrong flag ends the process."""
    given, config = parse_flags(kind, prog, about, arguments, examples=examples)
    told = read_settings_file(config) if config else {}
    return make_settings(kind, merge_settings(kind, told, environment_settings(kind), given))
