"""A survey's own items, one csv line each, as a codebook."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from evals.scoring.table_file import TableFile, read_table_file
from survey.archive import DataError
from survey.codebook import Codebook
from survey.codebook_files import CodebookError
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
LARGEST = 32_767
"""What a code may be at most."""
ONE = "items"
"""The dimension of items of which none is told."""


def read_items(path: Path) -> Codebook:
    """Read an item table; its columns are told in docs/scoring.md.

    Raises CodebookError, one line that names file and line.
    """
    try:
        sheet = read_table_file(path, COLUMNS)
    except DataError as error:
        raise CodebookError(str(error)) from None
    absent = [name.lower() for name in NEEDED if name not in sheet.columns]
    if absent:
        raise CodebookError(f"{sheet.source}: no column {', '.join(absent)}")
    items: dict[str, Item] = {}
    for where, line in _lines(sheet):
        item = _item(line, where)
        if item.id.upper() in map(str.upper, items):
            raise CodebookError(f"{where}: item {item.id} stands twice")
        items[item.id] = item
    return Codebook(items, {}, {}, tuple(_ties(sheet, items)))


def _lines(sheet: TableFile) -> Iterator[tuple[str, dict[str, str]]]:
    """Each line with what names it."""
    columns = {name: sheet.texts(name) for name in COLUMNS}
    for row in range(sheet.rows):
        yield (
            f"{sheet.source}, line {row + 2}",
            {name: str(column[row]) for name, column in columns.items()},
        )


def _item(line: dict[str, str], where: str) -> Item:
    """One line as an item. Without a dimension, items make one; without a section, a dimension is
    one.
    """
    name, kind = line["ID"], KINDS.get(line["KIND"].lower())
    if not re.fullmatch(r"\w+", name):
        raise CodebookError(f"{where}: {name!r} is no id: letters, digits and _ are wanted")
    if name.upper() in RESERVED:
        raise CodebookError(
            f"{where}: {name} is the name of another column in files of answers; name it otherwise"
        )
    if kind is None:
        raise CodebookError(f"{where}: kind {line['KIND']!r} is none of {', '.join(KINDS)}")
    codes, off_scale = _codes(line["CODES"], where), _codes(line["OFF_SCALE"], where)
    on_scale = [] if kind == "nominal" else [code for code in codes if code not in off_scale]
    if kind == "nominal" and off_scale:
        raise CodebookError(f"{where}: a nominal item has no scale that codes could be off")
    if (
        len(codes) < 2
        or (kind != "nominal" and len(on_scale) < 2)
        or (kind == "binary" and len(on_scale) > 2)
    ):
        wanted = "exactly two codes on the scale" if kind == "binary" else "two codes or more"
        raise CodebookError(f"{where}: {kind} items have {wanted}, such as 1-4 or 1;3;2")
    ranks = {code: rank for rank, code in enumerate(on_scale, 1)}
    options = (
        ResponseOption(code, str(code), ranks.get(code), str(code))
        for code in dict.fromkeys(codes + off_scale)
    )
    dimension = line["DIMENSION"] or ONE
    question = (
        line["QUESTION"] or f"item_{name}"
    )  # one word of its own, so that it is like no other item's
    section = line["SECTION"] or dimension
    return Item(name, name, question, kind, "scored", tuple(options), "", dimension, section)


def _codes(text: str, where: str) -> list[int]:
    """The codes of a list such as 1-4 or 1;3;2, in its order. Raises CodebookError for anything
    else.
    """
    codes: list[int] = []
    for part in re.split(r"[;,\s]+", text.strip()) if text.strip() else ():
        found = RANGE.fullmatch(part)
        if not found:
            raise CodebookError(f"{where}: {part!r} is no code from 0 and no range such as 1-4")
        first, last = int(found[1]), int(found[2] or found[1])
        if max(first, last) > LARGEST:
            raise CodebookError(f"{where}: {part} goes beyond the highest code, {LARGEST}")
        codes += range(first, last + 1) if first <= last else range(first, last - 1, -1)
    if len(set(codes)) < len(codes):
        raise CodebookError(f"{where}: a code stands twice in {text!r}")
    return codes


def _ties(sheet: TableFile, items: Collection[str]) -> Iterator[Tie]:
    """The items that give others away."""
    known = {name.upper(): name for name in items}
    for where, line in _lines(sheet):
        others = [other for other in re.split(r"[;,\s]+", line["TIES"]) if other]
        wrong = [
            other
            for other in others
            if other.upper() not in known or other.upper() == line["ID"].upper()
        ]
        if wrong:
            raise CodebookError(
                f"{where}: ties names {wrong[0]}, which is no other item of the table"
            )
        if others:
            tied = frozenset(known[other.upper()] for other in others)
            yield Tie(line["ID"], tied, "tied", f"{sheet.source} says so")
