"""What `survey.toml` says of a survey besides its items: its people and their groups."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from survey.codebook_files import CodebookError, Folder

FILE = "survey.toml"


@dataclass(frozen=True)
class Grouping:
    """A way to sort people: by the answers to `item`, or by a column of the people's `context`.

    `bands` are the groups with their least and greatest code or number; without bands each option
    of the item is a group. With neither item nor context nobody is in a group.
    """

    name: str
    item: str = ""
    context: str = ""
    bands: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class SurveyFacts:
    """What is known of a survey as a whole.

    `title` and `people` name it and those who answered; `licence` says what its rows may be used
    for. `package` and `data` say which Python package holds the rows, and under which names.
    `context` maps columns of `Respondents.context` to the items, or columns, that hold them;
    `country` is everybody's country (ISO alpha-3), "" where people differ or nothing is known.
    """

    title: str = ""
    people: str = ""
    licence: str = ""
    package: str = ""
    data: tuple[str, ...] = ()
    country: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[Grouping, ...] = ()


def read_facts(folder: Folder) -> SurveyFacts:
    """Read `survey.toml`; nothing is known where there is no such file.

    Raises CodebookError for one that cannot be read.
    """
    path = folder.joinpath(FILE)
    if not path.is_file():
        return SurveyFacts()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        groups = [_grouping(name, told) for name, told in found.pop("groups", {}).items()]
        found["data"] = tuple(found.get("data", ()))
        return SurveyFacts(**found, groups=tuple(groups))
    except (TypeError, ValueError, OSError) as error:
        raise CodebookError(f"{Path(str(path)).name}: {error}") from None


def _grouping(name: str, told: Mapping[str, Any]) -> Grouping:
    """One table under `groups`."""
    bands = {}
    for band, (least, greatest) in told.get("bands", {}).items():
        bands[band] = (least, greatest)
    return Grouping(name, told.get("item", ""), told.get("context", ""), bands)
