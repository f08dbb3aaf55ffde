"""Read the csv files of a codebook, which a spreadsheet can edit, row by row."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from typing import get_args

from survey.item import Item, Kind, ResponseOption, Tie, Use

STATEMENT_FIELDS = {"topic", "label", "phrase", "code"}
COUNTRY_COLUMNS = ("numeric", "alpha3", "name")
SCALE_COLUMNS = ("scale", "code", "label", "rank", "phrase")
ITEM_COLUMNS = (
    "id", "section", "dimension", "kind", "use", "scale", "topic", "question", "statement",
)  # fmt: skip
TIE_COLUMNS = ("item", "others", "tie", "why")

Folder = Traversable | Path
Scales = Mapping[str, list[ResponseOption]]


class CodebookError(ValueError):
    """A codebook file that cannot be used; the message names the file and the line."""


def read_countries(folder: Folder) -> tuple[dict[int, str], dict[str, str]]:
    """Read `countries.csv`: names by ISO 3166-1 number, and names by its three letters.

    Both are empty where there is no such file.
    """
    by_number: dict[int, str] = {}
    by_letters: dict[str, str] = {}
    if not folder.joinpath("countries.csv").is_file():
        return by_number, by_letters
    for where, row in _rows(folder, "countries.csv", COUNTRY_COLUMNS):
        if not row["numeric"].isdecimal() or int(row["numeric"]) in by_number:
            raise CodebookError(f"{where}: {row['numeric']!r} is no number or stands twice")
        by_number[int(row["numeric"])] = row["name"]
        by_letters[row["alpha3"]] = row["name"]
    return by_number, by_letters


def read_scales(folder: Folder, given: Scales) -> Scales:
    """Read `scales.csv`: the response options of each scale, added to the scales given."""
    scales = dict(given)
    for where, row in _rows(folder, "scales.csv", SCALE_COLUMNS):
        option = _option(row, where)
        options = scales.setdefault(row["scale"], [])
        if option.code < 0 or any(other.code == option.code for other in options):
            raise CodebookError(
                f"{where}: code {option.code} is negative or stands twice in its scale"
            )
        options.append(option)
    return scales


def read_item_table(folder: Folder, scales: Scales) -> dict[str, Item]:
    """Read `items.csv`: the items by id, in the order of the file."""
    items: dict[str, Item] = {}
    for where, row in _rows(folder, "items.csv", ITEM_COLUMNS):
        if row["id"] in items:
            raise CodebookError(f"{where}: item {row['id']} stands twice")
        items[row["id"]] = _item(row, scales, where)
    return items


def read_ties(folder: Folder, items: Collection[str]) -> tuple[Tie, ...]:
    """Read `ties.csv`; no ties where there is no such file."""
    if not folder.joinpath("ties.csv").is_file():
        return ()
    return tuple(_tie(row, items, where) for where, row in _rows(folder, "ties.csv", TIE_COLUMNS))


def _option(row: Mapping[str, str], where: str) -> ResponseOption:
    """One row of `scales.csv`."""
    try:
        code = int(row["code"])
        rank = int(row["rank"]) if row["rank"] else None
        value = int(row["value"]) if row.get("value") else None
    except ValueError:
        raise CodebookError(f"{where}: code, rank and value are whole numbers") from None
    if not row["label"]:
        raise CodebookError(f"{where}: an option without a label")
    return ResponseOption(code, row["label"], rank, row["phrase"] or row["label"], value)


def _item(row: Mapping[str, str], scales: Scales, where: str) -> Item:
    """One row of `items.csv`."""
    if row["kind"] not in get_args(Kind) or row["use"] not in get_args(Use):
        raise CodebookError(f"{where}: kind {row['kind']!r} or use {row['use']!r} is not known")
    if row["scale"] and row["scale"] not in scales:
        raise CodebookError(f"{where}: scale {row['scale']!r} is not in scales.csv")
    if row["use"] == "scored" and not row["scale"]:
        raise CodebookError(f"{where}: a scored item needs a scale")
    _check_statement(row["statement"], where)
    return Item(
        id=row["id"],
        topic=row["topic"],
        question=row["question"],
        kind=row["kind"],  # type: ignore[arg-type]  # checked above
        use=row["use"],  # type: ignore[arg-type]
        options=tuple(scales.get(row["scale"], ())),
        statement=row["statement"],
        dimension=row["dimension"],
        section=row["section"],
    )


def _check_statement(statement: str, where: str) -> None:
    """Raise CodebookError where a statement has other fields than an answer can fill."""
    fields = set()
    try:
        for _, field, _, _ in Formatter().parse(statement):
            fields.add(field)
    except ValueError as error:
        raise CodebookError(f"{where}: {error}") from None
    if not fields <= {*STATEMENT_FIELDS, None}:
        raise CodebookError(f"{where}: a statement may use {sorted(STATEMENT_FIELDS)} alone")


def _tie(row: Mapping[str, str], items: Collection[str], where: str) -> Tie:
    """One row of `ties.csv`, whose items must be in the codebook."""
    others = frozenset(row["others"].split())
    known = {row["item"], *others} <= set(items)
    if row["tie"] not in {"tied", "soft"} or not others or not known:
        raise CodebookError(f"{where}: a known item, others, and tied or soft are wanted")
    return Tie(row["item"], others, row["tie"], row["why"])


def _rows(
    folder: Folder, name: str, columns: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of one csv file, which must have these columns, and where it stands for messages."""
    try:
        reader = csv.DictReader(io.StringIO(folder.joinpath(name).read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError) as error:
        raise CodebookError(f"{name}: {error}") from None
    absent = set(columns) - set(reader.fieldnames or ())
    if absent:
        raise CodebookError(f"{name}: no column {', '.join(sorted(absent))}")
    for line, row in enumerate(reader, 2):
        yield f"{name}, line {line}", {key: (row[key] or "").strip() for key in row if key}
