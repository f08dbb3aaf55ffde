"""Prompt templates: text files with `{names}`, one for each call, filled strictly."""

from collections.abc import Iterator
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from string import Formatter

SUFFIX = ".txt"
PREDICT = "predict"
"""The use of the templates by which answers are predicted."""


class PromptError(ValueError):
    """A template that is absent, malformed, or given values that do not fit; one line names it."""


LONG = ("{backstory}", "{profile}")
"""What is long and shared by all questions to one person."""


def render(
    name: str,
    folder: str | Path | None = None,
    long_first: bool = False,
    own: str | None = None,
    /,
    **values: str,
) -> str:
    """Fill the template `name` ("predict/story") with `values`.

    `folder` is a directory of the user's own templates, laid out like this one
    ("predict/story.txt"); a template that it lacks is taken from the package. `own` is a text in
    place of the template. `long_first` puts the paragraph with the backstory or profile in front.
    Raises PromptError when the template is not found, when a text of one's own uses other names, or
    when a value is missing or unused.
    """
    text = (
        check_own_text(name, own)
        if own
        else template(name, None if folder is None else str(folder))
    )
    if long_first:
        text = _long_first(text)
    wanted = template_fields(name, text)
    if wanted != set(values):
        absent, unused = sorted(wanted - set(values)), sorted(set(values) - wanted)
        raise PromptError(f"prompt {name}: values missing {absent}, values unused {unused}")
    return text.format(**values)


def check_own_text(name: str, text: str) -> str:
    """A text that stands in for the template `name`; raises PromptError, one line, when it uses
    other names.
    """
    wanted, given = (
        template_fields(name, template(name, None)),
        template_fields(f"{name}, as given", text),
    )
    if wanted != given:
        raise PromptError(
            f"prompt {name}, as given: must use {sorted(wanted)}, and uses {sorted(given)}"
        )
    return text.strip()


@lru_cache(maxsize=256)  # texts of users go through it, too
def _long_first(text: str) -> str:
    """The template with the paragraphs that hold long shared text in front, so that prompts begin
    alike.
    """
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        sorted(paragraphs, key=lambda paragraph: not any(field in paragraph for field in LONG))
    )


@cache
def template(name: str, folder: str | None = None) -> str:
    """The text of one template, without white space at its ends; read once a process."""
    own = Path(folder, name + SUFFIX) if folder else None
    try:
        source = (
            own if own is not None and own.is_file() else files("prompts").joinpath(name + SUFFIX)
        )
        return source.read_text(encoding="utf-8-sig").strip()
    except FileNotFoundError:
        raise PromptError(f"no prompt named {name}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"prompt {own}: {error}") from None


def template_fields(name: str, text: str) -> set[str]:
    """The names a template uses; raises PromptError when its braces do not match or hold more than
    a name.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise PromptError(f"prompt {name}: {error}; write a literal brace twice") from None
    odd = [
        field
        for _, field, spec, how in parts
        if field is not None and (not field.isidentifier() or spec or how)
    ]
    if odd:
        raise PromptError(
            f"prompt {name}: {{{odd[0]}}} is not a plain name; write a literal brace twice"
        )
    return {field for _, field, _, _ in parts if field is not None}


def template_names(use: str = "") -> Iterator[str]:
    """The templates that ship with the package, sorted; those of one use, such as predict, or of
    all.
    """
    root = files("prompts")
    for part in sorted(
        part.name for part in root.iterdir() if part.is_dir() and not part.name.startswith("_")
    ):
        for file in sorted(
            found.name for found in root.joinpath(part).iterdir() if use in ("", part)
        ):
            if file.endswith(SUFFIX):
                yield f"{part}/{file.removesuffix(SUFFIX)}"


def check_templates(folder: Path) -> None:
    """Hold a directory of own templates against the package's: same names, same values.

    Raises PromptError, one line, for a directory without templates, an unknown name, or values that
    differ.
    """
    if not folder.is_dir():
        raise PromptError(f"prompts {folder}: no such directory")
    found = sorted(
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*" + SUFFIX)
    )
    if not found:
        raise PromptError(f"prompts {folder}: no template in it, such as predict/story{SUFFIX}")
    for name in found:
        if name not in set(template_names()):
            known = [*template_names(name.partition("/")[0])] or [*template_names(PREDICT)]
            raise PromptError(
                f"prompts {folder}: {name}{SUFFIX} replaces nothing; known are {', '.join(known)}"
            )
        wanted, given = (
            template_fields(name, template(name)),
            template_fields(name, template(name, str(folder))),
        )
        if wanted != given:
            raise PromptError(
                f"prompts {folder}: {name}{SUFFIX} must use {sorted(wanted)}, and uses "
                f"{sorted(given)}"
            )


def templates_hash(folder: str | Path | None = None) -> str:
    """A hash of the templates that predict, as a run would use them: a prompt changed is a result
    changed.
    """
    texts = (
        f"{name}\n{template(name, None if folder is None else str(folder))}"
        for name in template_names(PREDICT)
    )
    return sha256("\n\0".join(texts).encode()).hexdigest()[:16]
