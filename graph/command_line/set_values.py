"""`--set name=value`: any setting by its name, also one that has no flag of its own."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from graph.command_line.flag import SettingsError, field_names, setting_name
from graph.command_line.values import choices_of, meaning_of

HELP = "help"
"""`--set help` lists all settings."""
NAME_WIDTH, WIDTH = 22, 79


def split_assignments(
    kind: type[BaseModel], texts: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Each `name=value` as the name of its field, its value, and the whole text.

    Raises SettingsError, one line, for what is no assignment and for a name that is unknown.
    """
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"--set {text}: NAME=VALUE is wanted, such as top_k=5")
        [field] = field_names(kind, {name.strip().replace("-", "_"): value})
        if field not in kind.model_fields:
            raise SettingsError(f"--set {text}: no such setting; --set {HELP} lists them")
        yield field, value, text


def settings_list(kind: type[BaseModel]) -> str:
    """All settings with their meanings and defaults, wrapped for a terminal."""
    lines = [
        "Settings of --set NAME=VALUE. The same names stand in a file of --config and,",
        "in capitals after VALUESIM_, in the environment.",
        "",
    ]
    for name, field in kind.model_fields.items():
        own = setting_name(kind, name)
        first, *others = wrap(_with_choices(field), WIDTH - NAME_WIDTH)
        if len(own) < NAME_WIDTH - 1:
            lines.append(f"{own:<{NAME_WIDTH}}{first}")
        else:
            lines += [own, " " * NAME_WIDTH + first]
        lines += [" " * NAME_WIDTH + line for line in others]
    return "\n".join(lines)


def _with_choices(field: FieldInfo) -> str:
    """What a setting does, after the words of which its value is one."""
    choices = choices_of(field.annotation)
    told = meaning_of(field)
    if not choices or "{choices}" in (field.description or ""):
        return told
    return f"{'|'.join(choices)}; {told}"
