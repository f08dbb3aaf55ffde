"""Items, response options and missing codes of a survey wave, read from files that a spreadsheet
can edit.
"""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from typing import Literal, get_args

Kind = Literal["ordinal", "binary", "nominal", "numeric"]
Use = Literal["scored", "fill_in", "country_list"]

BLANK = -6
UNKNOWN_CODE = -7
MISSING: Mapping[int, str] = {
    -1: "don't know",
    -2: "no answer",
    -3: "not applicable",
    -4: "not asked in this country",
    -5: "missing or other",
    BLANK: "blank",
    UNKNOWN_CODE: "unknown code",
}
"""Why an answer is missing, by code. Every missing code is negative; -1 to -5 are the survey's own.
"""

STATEMENT_FIELDS = {"topic", "label", "phrase", "code"}


class CodebookError(ValueError):
    """A codebook file that cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class ResponseOption:
    """One response option. `rank` is its place on the scale (1 upwards), None where it has none."""

    code: int
    label: str
    rank: int | None
    phrase: str


@dataclass(frozen=True)
class Item:
    """One question of the survey, with its options in the order in which they are shown."""

    id: str
    topic: str
    question: str
    kind: Kind
    use: Use
    options: tuple[ResponseOption, ...]
    statement: str
    dimension: str
    section: str

    @property
    def shown(self) -> bool:
        """Whether a model may see it: not where the options are a country's own list."""
        return self.use != "country_list"

    @property
    def scorable(self) -> bool:
        """Whether rule `strict` scores it: no fill-in, no list of a country's own."""
        return self.use == "scored"

    @cached_property
    def by_code(self) -> Mapping[int, ResponseOption]:
        """The options by code."""
        return {option.code: option for option in self.options}

    @cached_property
    def ranks(self) -> Mapping[int, int]:
        """Semantic rank by code, for the codes on the scale; empty for nominal and numeric
        items.
        """
        return {option.code: option.rank for option in self.options if option.rank is not None}

    def valid(self, code: int) -> bool:
        """Whether this code is an answer: an option's, or any number from 0 where there are no
        options.
        """
        return code in self.by_code if self.options else code >= 0

    def tell(self, code: int) -> str:
        """Say in the second person what somebody with this answer said.

        Raises KeyError for a code that is not an answer.
        """
        if not self.valid(code):
            raise KeyError(f"{self.id} has no option {code}")
        option = self.by_code.get(code) or ResponseOption(code, str(code), None, str(code))
        said = self.statement.format(
            topic=self.topic, label=option.label, phrase=option.phrase, code=code
        )
        return said[:1].upper() + said[1:]


@dataclass(frozen=True, slots=True)
class Tie:
    """An item whose answer those to any of `others` give away, wholly ("tied") or a little
    ("soft").
    """

    item: str
    others: frozenset[str]
    tie: str
    why: str


@dataclass(frozen=True)
class Codebook:
    """All items of a wave by id, in the order of the questionnaire, and country names by ISO 3166-1
    code.

    `ties` are items that others give away by the way in which they are asked.
    """

    items: Mapping[str, Item]
    countries: Mapping[int, str]
    country_of: Mapping[str, str]
    ties: tuple[Tie, ...] = ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The value dimensions, in the order of the questionnaire."""
        return tuple(dict.fromkeys(item.dimension for item in self.items.values()))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Items that are neither shown nor scored, because their options are a country's own
        list.
        """
        return tuple(item.id for item in self.items.values() if not item.shown)


def read_codebook(folder: Traversable | Path) -> Codebook:
    """Read `items.csv`, `scales.csv`, `countries.csv` and, where there is one, `ties.csv` of a
    folder.

    Raises CodebookError naming file and line where a row is wrong.
    """
    countries = _table(folder, "countries.csv", ("numeric", "alpha3", "name"))
    names: dict[int, str] = {}
    for line, row in enumerate(countries, 2):
        if not row["numeric"].isdecimal() or int(row["numeric"]) in names:
            raise CodebookError(
                f"countries.csv, line {line}: {row['numeric']!r} is no number or stands twice"
            )
        names[int(row["numeric"])] = row["name"]
    scales: dict[str, list[ResponseOption]] = {
        "country": [ResponseOption(code, name, None, name) for code, name in names.items()]
    }
    for line, row in enumerate(
        _table(folder, "scales.csv", ("scale", "code", "label", "rank", "phrase")), 2
    ):
        try:
            code, rank = int(row["code"]), int(row["rank"]) if row["rank"] else None
        except ValueError:
            raise CodebookError(
                f"scales.csv, line {line}: code and rank are whole numbers"
            ) from None
        if not row["label"]:
            raise CodebookError(f"scales.csv, line {line}: an option without a label")
        options = scales.setdefault(row["scale"], [])
        if code < 0 or any(option.code == code for option in options):
            raise CodebookError(
                f"scales.csv, line {line}: code {code} is negative or stands twice in its scale"
            )
        options.append(ResponseOption(code, row["label"], rank, row["phrase"] or row["label"]))
    items: dict[str, Item] = {}
    columns = (
        "id",
        "section",
        "dimension",
        "kind",
        "use",
        "scale",
        "topic",
        "question",
        "statement",
    )
    for line, row in enumerate(_table(folder, "items.csv", columns), 2):
        if row["id"] in items:
            raise CodebookError(f"items.csv, line {line}: item {row['id']} stands twice")
        items[row["id"]] = _item(row, scales, f"items.csv, line {line}")
    return Codebook(
        items, names, {row["alpha3"]: row["name"] for row in countries}, _ties(folder, items)
    )


@cache
def wvs7() -> Codebook:
    """The codebook of World Values Survey Wave 7 that ships with the package."""
    return read_codebook(files("survey") / "wvs7")


def _item(row: Mapping[str, str], scales: Mapping[str, list[ResponseOption]], where: str) -> Item:
    """One row of `items.csv` as an Item."""
    if row["kind"] not in get_args(Kind) or row["use"] not in get_args(Use):
        raise CodebookError(f"{where}: kind {row['kind']!r} or use {row['use']!r} is not known")
    if row["scale"] and row["scale"] not in scales:
        raise CodebookError(f"{where}: scale {row['scale']!r} is not in scales.csv")
    if row["use"] == "scored" and not row["scale"]:
        raise CodebookError(f"{where}: a scored item needs a scale")
    try:
        fields = {
            field for _, field, _, _ in Formatter().parse(row["statement"]) if field is not None
        }
    except ValueError as error:
        raise CodebookError(f"{where}: {error}") from None
    if not fields <= STATEMENT_FIELDS:
        raise CodebookError(f"{where}: a statement may use {sorted(STATEMENT_FIELDS)} alone")
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


def _ties(folder: Traversable | Path, items: Collection[str]) -> tuple[Tie, ...]:
    """The rows of `ties.csv`; none where there is no such file."""
    found: list[Tie] = []
    if not folder.joinpath("ties.csv").is_file():
        return ()
    for line, row in enumerate(_table(folder, "ties.csv", ("item", "others", "tie", "why")), 2):
        others = frozenset(row["others"].split())
        if (
            row["tie"] not in {"tied", "soft"}
            or not others
            or not {row["item"], *others} <= set(items)
        ):
            raise CodebookError(
                f"ties.csv, line {line}: a known item, others, and tied or soft are wanted"
            )
        found.append(Tie(row["item"], others, row["tie"], row["why"]))
    return tuple(found)


def _table(folder: Traversable | Path, name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of one csv file, which must have these columns."""
    try:
        reader = csv.DictReader(io.StringIO(folder.joinpath(name).read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError) as error:
        raise CodebookError(f"{name}: {error}") from None
    absent = set(columns) - set(reader.fieldnames or ())
    if absent:
        raise CodebookError(f"{name}: no column {', '.join(sorted(absent))}")
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]
