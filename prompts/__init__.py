"""Prompt templates: text files with `{names}`, one for each call, filled strictly."""

from collections.abc import Iterator
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter

SUFFIX = ".txt"
PREDICT = "predict"
"""The use of the templates by which answers are predicted."""


class PromptError(ValueError):
    """A template that is absent, malformed, or given values that do not fit; one line names it."""


SHARED_FIELDS = ("{backstory}", "{profile}")
"""Fields with long texts that all questions to one person share."""
QUESTION = "{question}"


def render(
    name: str,
    folder: str | Path | None = None,
    order: str = "paper",
    own: str | None = None,
    /,
    **values: str,
) -> str:
    """Fill the template `name` ("predict/story") with `values`.

    `folder` is a directory of the user's own templates, laid out like this one
    ("predict/story.txt"); a template that it lacks is taken from the package. `own` is a text in
    place of the template. `order` is that of its paragraphs: as written (paper), those with the
    backstory or profile in front (cacheable), or the question behind these (question_last).
    Raises PromptError when the template is not found, when `own` uses other names, or when a value
    is missing or unused.
    """
    if own:
        text = check_own_text(name, own)
    else:
        text = template(name, None if folder is None else str(folder))
    if order != "paper":
        text = _reordered(text, order)
    wanted = template_fields(name, text)
    if wanted != set(values):
        absent, unused = sorted(wanted - set(values)), sorted(set(values) - wanted)
        raise PromptError(f"prompt {name}: values missing {absent}, values unused {unused}")
    return text.format(**values)


def check_own_text(name: str, text: str) -> str:
    """Return a text that replaces the template `name`, without white space at its ends.

    Raises PromptError, one line, when it uses other names.
    """
    wanted = template_fields(name, template(name, None))
    given = template_fields(f"{name}, as given", text)
    if wanted != given:
        raise PromptError(
            f"prompt {name}, as given: must use {sorted(wanted)}, and uses {sorted(given)}"
        )
    return text.strip()


@lru_cache(maxsize=256)  # bounded, since texts of users go through it, too
def _reordered(text: str, order: str) -> str:
    """The template with its paragraphs in an order in which the prompts of a person begin alike."""
    paragraphs = text.split("\n\n")
    if order == "cacheable":
        return "\n\n".join(sorted(paragraphs, key=_is_shared, reverse=True))
    ahead = sum(map(_is_shared, paragraphs))
    ordered: list[str] = []
    waiting: list[str] = []
    for paragraph in paragraphs:
        if ahead and QUESTION in paragraph and not _is_shared(paragraph):
            waiting.append(paragraph)
            continue
        ordered.append(paragraph)
        ahead -= _is_shared(paragraph)
        if not ahead:
            ordered += waiting
            waiting = []
    return "\n\n".join(ordered)


def _is_shared(paragraph: str) -> bool:
    """Whether a paragraph has a text that all questions to one person share."""
    return any(field in paragraph for field in SHARED_FIELDS)


@cache
def template(name: str, folder: str | None = None) -> str:
    """The text of one template, without white space at its ends; read once in a process.

    Raises PromptError, one line, where there is none or it cannot be read.
    """
    own = Path(folder, name + SUFFIX) if folder else None
    try:
        if own is not None and own.is_file():
            return own.read_text(encoding="utf-8-sig").strip()
        return files("prompts").joinpath(name + SUFFIX).read_text(encoding="utf-8-sig").strip()
    except FileNotFoundError:
        raise PromptError(f"no prompt named {name}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"prompt {own}: {error}") from None


@lru_cache(maxsize=256)  # bounded, since texts of users go through it, too
def template_fields(name: str, text: str) -> frozenset[str]:
    """The names that a template uses.

    Raises PromptError, one line, when its braces do not match or hold more than a name.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise PromptError(f"prompt {name}: {error}; write a literal brace twice") from None
    fields = set()
    for _, field, spec, conversion in parts:
        if field is None:
            continue
        if not field.isidentifier() or spec or conversion:
            raise PromptError(
                f"prompt {name}: {{{field}}} is not a plain name; write a literal brace twice"
            )
        fields.add(field)
    return frozenset(fields)


def template_names(use: str = "") -> Iterator[str]:
    """The templates that ship with the package, sorted: of one use, such as predict, or of all."""
    for folder in _sorted_entries(files("prompts")):
        if not folder.is_dir() or folder.name.startswith("_") or use not in ("", folder.name):
            continue
        for file in _sorted_entries(folder):
            if file.name.endswith(SUFFIX):
                yield f"{folder.name}/{file.name.removesuffix(SUFFIX)}"


def _sorted_entries(folder: Traversable) -> list[Traversable]:
    """What a folder of the package holds, by name."""
    return sorted(folder.iterdir(), key=lambda entry: entry.name)


def check_templates(folder: Path) -> None:
    """Check that a directory of the user's own templates has the package's names and values.

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
        wanted = template_fields(name, template(name))
        given = template_fields(name, template(name, str(folder)))
        if wanted != given:
            raise PromptError(
                f"prompts {folder}: {name}{SUFFIX} must use {sorted(wanted)}, and uses "
                f"{sorted(given)}"
            )


def templates_hash(folder: str | Path | None = None) -> str:
    """A hash of the templates that predict, as a run uses them: another prompt, another result."""
    own = None if folder is None else str(folder)
    texts = [f"{name}\n{template(name, own)}" for name in template_names(PREDICT)]
    return sha256("\n\0".join(texts).encode()).hexdigest()[:16]
