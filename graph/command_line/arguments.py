"""Makes command-line flags from the fields of a settings model."""

import argparse
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from graph.command_line.flag import (
    HOW,
    LIMITS,
    MODEL,
    OUTPUT,
    WHAT,
    WHOM,
    SettingsError,
    flag_of,
    option_string,
)
from graph.command_line.parser import Parser
from graph.command_line.set_values import HELP, settings_list, split_assignments
from graph.command_line.values import is_switch, meaning_of, metavar_of, value_of_text

ORDER = (WHAT, WHOM, MODEL, HOW, LIMITS, OUTPUT)
"""The order of groups in `--help`; groups of a command's own stand before them."""
SET, CONFIG = "set_values", "config_file"


def parse_flags(
    kind: type[BaseModel],
    prog: str,
    about: str,
    arguments: Sequence[str] | None,
    choices: Mapping[str, str] | None = None,
    examples: Sequence[str] = (),
    unlisted: Collection[str] = (),
) -> tuple[dict[str, Any], Path | None]:
    """The settings given as flags and by `--set`, by field name, and the file of `--config`.

    `choices` are words, with what each means, of which the first argument is one; it is returned
    as `choice`. `examples` are flags of two commands that `--help` shows; it does not list the
    fields in `unlisted`. A tuple's flag may be repeated or its values separated by commas; `none`
    stands for None. Ends the process in one line for what cannot be read.
    """
    parser = make_parser(kind, prog, about, choices, examples, unlisted)
    found = vars(parser.parse_args(arguments))
    config, assigned = found.pop(CONFIG), found.pop(SET)
    if HELP in assigned:
        print(settings_list(kind))
        raise SystemExit(0)
    given: dict[str, Any] = {"choice": found.pop("choice")} if choices else {}
    try:
        given |= _values(kind, found, assigned)
    except SettingsError as error:
        parser.error(str(error))
    return given, config


def _values(
    kind: type[BaseModel], found: Mapping[str, Any], assigned: Sequence[str]
) -> dict[str, Any]:
    """The settings of flags and `--set` together. Raises SettingsError where both give one."""
    texts = {name: raw if isinstance(raw, list) else [raw] for name, raw in found.items()}
    for name, value, whole in split_assignments(kind, assigned):
        if name in found:
            raise SettingsError(f"--set {whole}: {option_string(kind, name)} is given as well")
        texts.setdefault(name, []).append(value)
    return {name: _value(kind.model_fields[name], raws) for name, raws in texts.items()}


def _value(field: FieldInfo, raws: Sequence[Any]) -> Any:
    """Return the value of a field from its texts: a list takes all, any other field the last."""
    if get_origin(field.annotation) is tuple:
        return value_of_text(field.annotation, ",".join(raws))
    return value_of_text(field.annotation, raws[-1])


def make_parser(
    kind: type[BaseModel],
    prog: str,
    about: str,
    choices: Mapping[str, str] | None = None,
    examples: Sequence[str] = (),
    unlisted: Collection[str] = (),
) -> Parser:
    """The parser with a flag for each field that has one, in groups."""
    usage = "%(prog)s [OPTIONS]" + (f" {'|'.join(choices)}" if choices else "")
    parser = Parser(
        prog=prog,
        usage=usage,
        description=about,
        epilog=_epilog(prog, kind, examples),
        argument_default=argparse.SUPPRESS,
        add_help=False,
    )
    if choices:
        told = "; ".join(f"{word}: {meaning}" for word, meaning in choices.items())
        group = parser.add_argument_group("which study")
        group.add_argument("choice", choices=list(choices), help=told, metavar="|".join(choices))
    groups: dict[str, Any] = {}
    fields = {name: field for name, field in kind.model_fields.items() if flag_of(field).offered}
    for title in _group_order(fields):
        groups[title] = parser.add_argument_group(title)
    for name, field in fields.items():
        _add_flag(groups[flag_of(field).group], kind, name, field, name not in unlisted)
    _add_common(parser.add_argument_group("more settings"))
    return parser


def _group_order(fields: Mapping[str, FieldInfo]) -> list[str]:
    """The groups of these fields: a command's own, then the usual ones."""
    found = dict.fromkeys(flag_of(field).group for field in fields.values())
    own = [title for title in found if title not in ORDER]
    return own + [title for title in ORDER if title in found]


def _add_flag(group: Any, kind: type[BaseModel], name: str, field: FieldInfo, listed: bool) -> None:
    """Add the flag of one field."""
    shown = listed and flag_of(field).listed
    told = meaning_of(field).replace("%", "%%") if shown else argparse.SUPPRESS
    option = option_string(kind, name)
    if field.annotation is bool:
        group.add_argument(option, dest=name, action="store_true", help=told)
    elif is_switch(field.annotation):
        action = argparse.BooleanOptionalAction
        group.add_argument(option, dest=name, action=action, help=told)
    else:
        repeated = "append" if get_origin(field.annotation) is tuple else "store"
        group.add_argument(option, dest=name, action=repeated, help=told, metavar=metavar_of(field))


def _add_common(group: Any) -> None:
    """Add the flags of every command."""
    group.add_argument(
        "--config",
        dest=CONFIG,
        type=Path,
        default=None,
        metavar="FILE",
        help="settings from a JSON, TOML or YAML file; flags and the environment beat it "
        "(default: none)",
    )
    group.add_argument(
        "--set",
        dest=SET,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"any setting by its name, repeatable; `--set {HELP}` lists them all (default: none)",
    )
    group.add_argument("-h", "--help", action="help", help="show this help and exit")


def _epilog(prog: str, kind: type[BaseModel], examples: Sequence[str]) -> str:
    """Return the text under the flags: examples, and how to give settings without a flag."""
    command = prog if "." not in prog else f"python -m {prog}"
    shown = [f"  {command} {example}".rstrip() for example in examples]
    rare = (
        f"`--set {HELP}` lists all {len(kind.model_fields)} settings, also those that few need, "
        "with their defaults. Each may also stand in a file of --config, or in the environment as "
        "VALUESIM_NAME."
    )
    return "\n".join(["examples:", *shown, "", rare] if shown else [rare])
