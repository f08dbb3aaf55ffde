"""Reads a survey's own items, one csv line each, as a codebook."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from evals.scoring.table_file import TableFile, read_table_file
from survey.archive import DataError
from survey.codebook import Codebook, wvs7
from survey.codebook_files import CodebookError
from survey.grouping import SurveyFacts
from survey.item import Item, Kind, ResponseOption, Tie

NEEDED = ("ID", "KIND", "CODES")
COLUMNS = (*NEEDED, "OFF_SCALE", "DIMENSION", "SECTION", "QUESTION", "TIES")
KINDS: dict[str, Kind] = {"ordinal": "ordinal", "binary": "binary", "nominal": "nominal"}
RESERVED = {
    "RESPONDENT",
    "ITEM",
    "FOLD",
    "METHOD",
    "GRAPH",
    "VARIANT",
    "MODEL",
    "PREDICTED",
    "PROBABILITIES",
    "TRUTH",
}
"""Names that mean something else in files of answers."""
RANGE = re.compile(r"(\d+)(?:-(\d+))?", re.ASCII)
MAX_CODE = 32_767
DEFAULT_DIMENSION = "items"
"""The dimension of items whose line names none."""


def read_item_file(path: Path) -> Codebook:
    """Read an item table; docs/scoring.md tells its columns.

    Raises CodebookError, one line that names file and line.
    """
    try:
        table = read_table_file(path, COLUMNS)
    except DataError as error:
        raise CodebookError(str(error)) from None
    absent = [name.lower() for name in NEEDED if name not in table.columns]
    if absent:
        raise CodebookError(f"{table.source}: no column {', '.join(absent)}")
    items: dict[str, Item] = {}
    for where, line in _lines(table):
        item = _read_item(line, where)
        if item.id.upper() in map(str.upper, items):
            raise CodebookError(f"{where}: item {item.id} stands twice")
        items[item.id] = item
    # of a survey that is not known groups are those that a file of answers names
    groups = [replace(grouping, item="") for grouping in wvs7().facts.groups]
    facts = SurveyFacts(groups=tuple(groups))
    return Codebook(items, {}, {}, tuple(_read_ties(table, items)), facts)


def _lines(table: TableFile) -> Iterator[tuple[str, dict[str, str]]]:
    """Each line as text by column name, preceded by the words that name it in errors."""
    columns = [table.texts(name) for name in COLUMNS]
    for number, cells in enumerate(zip(*columns, strict=True), 2):
        line = dict(zip(COLUMNS, map(str, cells), strict=True))
        yield f"{table.source}, line {number}", line


def _read_item(line: dict[str, str], where: str) -> Item:
    """Read one line as an item. Raises CodebookError.

    An item without a dimension belongs to `DEFAULT_DIMENSION`; one without a section to the section
    named like its dimension.
    """
    name, kind = _read_id(line["ID"], where), KINDS.get(line["KIND"].lower())
    if kind is None:
        raise CodebookError(f"{where}: kind {line['KIND']!r} is none of {', '.join(KINDS)}")
    options = _read_options(line, kind, where)
    dimension = line["DIMENSION"] or DEFAULT_DIMENSION
    # a word of its own makes a missing wording unlike that of any other item
    question = line["QUESTION"] or f"item_{name}"
    section = line["SECTION"] or dimension
    return Item(name, name, question, kind, "scored", options, "", dimension, section)


def _read_id(name: str, where: str) -> str:
    """Return an item's id. Raises CodebookError for one that files of answers cannot hold."""
    if not re.fullmatch(r"\w+", name):
        raise CodebookError(f"{where}: {name!r} is no id: letters, digits and _ are wanted")
    if name.upper() in RESERVED:
        raise CodebookError(
            f"{where}: {name} is the name of another column in files of answers; name it otherwise"
        )
    return name


def _read_options(line: dict[str, str], kind: Kind, where: str) -> tuple[ResponseOption, ...]:
    """Read the options of an item, ranked in the order of their codes. Raises CodebookError."""
    codes, off_scale = _read_codes(line["CODES"], where), _read_codes(line["OFF_SCALE"], where)
    if kind == "nominal" and off_scale:
        raise CodebookError(f"{where}: a nominal item has no scale that codes could be off")
    ranks: dict[int, int] = {}
    for code in codes:
        if kind != "nominal" and code not in off_scale:
            ranks[code] = len(ranks) + 1
    too_few = len(codes) < 2 or (kind != "nominal" and len(ranks) < 2)
    if too_few or (kind == "binary" and len(ranks) > 2):
        wanted = "exactly two codes on the scale" if kind == "binary" else "two codes or more"
        raise CodebookError(f"{where}: {kind} items have {wanted}, such as 1-4 or 1;3;2")
    options = []
    for code in dict.fromkeys(codes + off_scale):
        options.append(ResponseOption(code, str(code), ranks.get(code), str(code)))
    return tuple(options)


def _read_codes(text: str, where: str) -> list[int]:
    """Read a list of codes such as 1-4 or 1;3;2, in its order. Raises CodebookError for any other
    text, and for a code that stands twice.
    """
    codes: list[int] = []
    for part in re.split(r"[;,\s]+", text.strip()) if text.strip() else ():
        found = RANGE.fullmatch(part)
        if not found:
            raise CodebookError(f"{where}: {part!r} is no code from 0 and no range such as 1-4")
        first, last = int(found[1]), int(found[2] or found[1])
        if max(first, last) > MAX_CODE:
            raise CodebookError(f"{where}: {part} goes beyond the highest code, {MAX_CODE}")
        codes += range(first, last + 1) if first <= last else range(first, last - 1, -1)
    if len(set(codes)) < len(codes):
        raise CodebookError(f"{where}: a code stands twice in {text!r}")
    return codes


def _read_ties(table: TableFile, items: Collection[str]) -> Iterator[Tie]:
    """Read which items give each item away. Raises CodebookError for an item that is not there."""
    known = {name.upper(): name for name in items}
    for where, line in _lines(table):
        tied = set()
        for other in filter(None, re.split(r"[;,\s]+", line["TIES"])):
            if other.upper() not in known or other.upper() == line["ID"].upper():
                raise CodebookError(
                    f"{where}: ties names {other}, which is no other item of the table"
                )
            tied.add(known[other.upper()])
        if tied:
            yield Tie(line["ID"], frozenset(tied), "tied", f"{table.source} says so")
