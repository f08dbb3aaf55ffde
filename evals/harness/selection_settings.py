"""Which methods a run scores, which people it asks, and which of their answers it holds out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from evals.harness.method_names import LLM_GRAPHS, Graph
from graph.command_line.flag import WHAT, WHOM, Flag
from survey.survey_names import REAL

Items = Annotated[tuple[str, ...], Flag(WHAT, value="LIST|N")]
Where = Annotated[tuple[str, ...], Flag(WHOM, value="COLUMN=VALUE")]
Rows = Annotated[tuple[str, ...] | None, Flag(WHOM, listed=False, value="FILE", unset="a draw")]
Balance = Annotated[str | None, Flag(WHOM, listed=False, value="COLUMN", unset="a plain draw")]
NARROWING = ("items", "where", "rows", "balance", "people_seed")
"""Settings that ask fewer questions or choose the people; runs that lack them never name them."""


class SelectionSettings(BaseModel):
    """Methods, survey file, people and items of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    graph: Annotated[tuple[Graph, ...], Flag(WHAT)] = Field(
        default=LLM_GRAPHS, min_length=1, description="what to score, repeatable: {choices}"
    )
    data: Annotated[Path | None, Flag(WHOM, value="NAME|FILE", unset=REAL)] = Field(
        default=None, description="survey: gss2018, bfi, synthetic, or a file: csv, sav or dta"
    )
    respondents: Annotated[int, Flag(WHOM)] = Field(
        default=10, ge=1, description="how many people to draw"
    )
    where: Where = Field(
        default=(),
        description="draw only people with this answer or value, such as B_COUNTRY_ALPHA=TUR; "
        "repeatable",
    )
    rows: Rows = Field(
        default=None, description="ask exactly these people: row numbers or ids, one a line"
    )
    balance: Balance = Field(
        default=None, description="draw equal numbers by country, or by another column"
    )
    seed: Annotated[int, Flag(WHOM)] = Field(
        default=42, description="seed of the draw and of the folds"
    )
    people_seed: Annotated[int | None, Flag(WHOM, listed=False, unset="--seed")] = Field(
        default=None, description="seed of the draw of people alone"
    )
    folds: Annotated[tuple[int, ...], Flag(WHAT)] = Field(
        default=(1,), min_length=1, description="folds of items to hold out, such as 1,2,5"
    )
    items: Items = Field(
        default=(),
        description="ask only these held-out items, such as Q1,Q5, or so many drawn for each "
        "person, such as 10",
    )
    profile_size: Annotated[int | None, Flag(WHAT, unset="all")] = Field(
        default=None, ge=0, description="show only the first N known items of the fold"
    )
    subset: Annotated[Literal["nested", "redrawn"], Flag(WHAT, offered=False)] = Field(
        default="nested",
        description="items of a smaller profile: the first of the fold, or drawn anew for each "
        "person as published",
    )

    @field_validator("items", mode="before")
    @classmethod
    def _list_items(cls, given: Any) -> Any:
        """Take a number, or text with commas, from a file of settings."""
        if isinstance(given, int | str):
            given = str(given).split(",")
        return tuple(str(part).strip() for part in given)

    @field_validator("where", mode="before")
    @classmethod
    def _list_conditions(cls, given: Any) -> Any:
        """Put a value together again that was divided at its commas."""
        parts = [given] if isinstance(given, str) else given
        found: list[str] = []
        for part in parts:
            if "=" in str(part):
                found.append(str(part).strip())
            elif found:
                found[-1] += f",{part}"
            else:
                raise ValueError("COLUMN=VALUE is wanted, such as B_COUNTRY_ALPHA=TUR")
        return tuple(found)

    @field_validator("rows", mode="before")
    @classmethod
    def _read_rows(cls, given: Any) -> Any:
        """Read the file that a flag names; `config.json` holds the lines themselves."""
        lines = _lines_of(Path(given)) if isinstance(given, str | Path) else given
        if lines is None:
            return None
        return _without_blanks(lines)

    @property
    def items_drawn(self) -> int | None:
        """How many held-out items are drawn for each person; None where they are named, or all."""
        return int(self.items[0]) if len(self.items) == 1 and self.items[0].isdigit() else None

    @property
    def draw_seed(self) -> int:
        """The seed of the draw of people."""
        return self.seed if self.people_seed is None else self.people_seed

    @property
    def narrowing(self) -> list[str]:
        """The settings given that ask fewer questions or choose the people."""
        return [name for name in NARROWING if getattr(self, name) not in ((), None)]


def _lines_of(path: Path) -> list[str]:
    """The lines of a file. Raises ValueError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError("this is no text: row numbers or ids are wanted, one a line") from None
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from None


def _without_blanks(lines: Sequence[Any]) -> tuple[str, ...]:
    """The lines that hold something. Raises ValueError where there is none, or one twice."""
    found = [str(line).strip() for line in lines]
    found = [line for line in found if line]
    if not found:
        raise ValueError("row numbers or ids are wanted, one a line")
    for line in found:
        if found.count(line) > 1:
            raise ValueError(f"{line} stands twice")
    return tuple(found)
