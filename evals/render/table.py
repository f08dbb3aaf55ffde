"""What a table holds, said once: its frame, columns, captions and rows; four writers show it.

They are the terminal (`console.print_table`), the page (`reports/page.html`), LaTeX
(`latex.format_latex`), and csv with Parquet (`table_files.write_frame`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from evals.analysis.inference import ALPHA
from evals.render.formatting import (
    format_count,
    format_figure,
    format_interval,
    format_p_value,
    number_or_none,
)
from evals.render.labels import has_several_runs, method_title

Line = Mapping[Any, Any]
"""A row of a table, values by name. A terminal writes it in its `style`, where it has one."""


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table.

    `interval`: the ends beside a figure; `bold`: whether a terminal makes it stand out; `short`:
    what a terminal shows in place of `text`, where that is something else; `below`: what a terminal
    shows on the next line.
    """

    text: str
    interval: str = ""
    bold: bool = False
    short: str | None = None
    below: "Cell | None" = None

    def __str__(self) -> str:
        """The cell on the page and in LaTeX."""
        return f"{self.text} {self.interval}" if self.interval else self.text


@dataclass(frozen=True)
class Column:
    """One column: its name, and how the cell of a row is made.

    `short`: its name on a terminal, where that is another; `only`: the one place where it stands,
    "" for both; `in_parentheses`: a terminal shows its figures behind those of the column before;
    `right` and `fold`: how a terminal sets it.
    """

    head: str
    cell: Callable[[Line], Cell]
    short: str | None = None
    only: Literal["", "page", "terminal"] = ""
    in_parentheses: bool = False
    right: bool = False
    fold: bool = True


@dataclass(frozen=True)
class ConsoleView:
    """How a terminal shows a table otherwise than the page does.

    `rows`: other rows than the page's; `note`: the line below; `empty`: what is printed in place of
    a table without rows, "" for nothing, None for its empty columns.
    """

    title: str
    rows: Sequence[Line] | None = None
    note: str = ""
    gap: int = 2
    empty: str | None = None


@dataclass(frozen=True)
class Table:
    """One table. `frame` holds every number in full, for files; `rows` are those shown.

    `about`: the caption below the title; `words`: how many columns of the page from the left hold
    words rather than numbers; `folded`: it is long, and the page opens it on demand; `console`:
    None for a table that no terminal shows.
    """

    name: str
    title: str
    rows: Sequence[Line]
    columns: Sequence[Column]
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    about: str = ""
    words: int = 1
    folded: bool = False
    console: ConsoleView | None = None

    @property
    def page_columns(self) -> list[Column]:
        """The columns that stand on the page and in LaTeX."""
        return [column for column in self.columns if column.only != "terminal"]

    @property
    def head(self) -> list[str]:
        """The names of the page's columns."""
        return [column.head for column in self.page_columns]

    @property
    def lines(self) -> list[list[str]]:
        """The cells of the page, row by row."""
        return [self._line(row) for row in self.rows]

    def _line(self, row: Line) -> list[str]:
        """The cells of one row of the page."""
        return [str(column.cell(row)) for column in self.page_columns]


def console_table(
    title: str, rows: Sequence[Line], columns: Sequence[Column], note: str = ""
) -> Table:
    """A table that a terminal alone shows."""
    return Table("", title, rows, columns, console=ConsoleView(title, note=note))


def records(frame: pd.DataFrame) -> list[Line]:
    """The rows of a frame, values by column."""
    return list(frame.to_dict("records"))


def unweighted_lines(frame: pd.DataFrame) -> pd.DataFrame:
    """The lines of all items, not weighted."""
    kept = frame["scope"] == "all"
    if "weighted" in frame:
        kept &= frame["weighted"].astype(str) != "True"
    return frame[kept]


def word_column(head: str, name: str, **options: Any) -> Column:
    """A column of words; `options` as those of `Column`, here and below."""
    return Column(head, lambda line: Cell(str(line[name])), **options)


def count_column(head: str, name: str, **options: Any) -> Column:
    """A column of whole numbers; a dash for none."""
    return Column(head, lambda line: Cell(format_count(number_or_none(line[name]))), **options)


def figure_column(head: str, name: str, **options: Any) -> Column:
    """A column of figures with three decimals; a dash for none."""
    return Column(head, lambda line: Cell(format_figure(number_or_none(line[name]))), **options)


def p_value_column(head: str, name: str, **options: Any) -> Column:
    """A column of p; the page writes those below .0005 as less than .001."""

    def cell(line: Line) -> Cell:
        value = number_or_none(line[name])
        return Cell(format_p_value(value), short=format_figure(value))

    return Column(head, cell, **options)


def interval_column(
    head: str, name: str, low: str = "", high: str = "", p_value: str = "", **options: Any
) -> Column:
    """A column of figures with the ends of their intervals.

    `low`, `high`: the names of the ends where they are not `name` with `_low` and `_high`;
    `p_value`: the name of the p that makes a figure bold where it is below the level of tests.
    """

    def cell(line: Line) -> Cell:
        p = number_or_none(line[p_value]) if p_value else None
        return interval_cell(line, name, low, high, bold=p is not None and p < ALPHA)

    return Column(head, cell, **options)


def interval_cell(line: Line, name: str, low: str = "", high: str = "", bold: bool = False) -> Cell:
    """A figure of a line and the ends of its interval; the figure alone where one is missing."""
    least = number_or_none(line[low or f"{name}_low"])
    most = number_or_none(line[high or f"{name}_high"])
    interval = "" if least is None or most is None else format_interval(least, most)
    return Cell(format_figure(number_or_none(line[name])), interval, bold)


def run_columns(frame: pd.DataFrame) -> list[Column]:
    """The column that names the run, where a frame has several."""
    return [word_column("run", "run")] if has_several_runs(frame) else []


def method_column(frame: pd.DataFrame) -> Column:
    """The column that names the method among those of a frame."""
    title = method_title(frame)
    return Column("method", lambda line: Cell(title(line)), short="")
