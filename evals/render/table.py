"""A table of the report: the frame that goes into files, and the cells that a reader sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evals.render.analysis_console import interval_text, line_title, number_or_none
from evals.render.console import format_figure

Line = Mapping[Any, Any]
Cell = Callable[[Line], str]
SMALLEST = 0.0005
"""A p below this would be written as .000."""


@dataclass(frozen=True)
class Table:
    """One table. `frame` holds every number in full; `lines` are the cells shown, under the names
    in `head`.

    `words`: how many columns from the left hold words rather than numbers. `folded`: it is long,
    and opens on demand.
    """

    name: str
    title: str
    about: str
    frame: pd.DataFrame
    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    words: int = 1
    folded: bool = False

    @classmethod
    def of(
        cls,
        name: str,
        title: str,
        about: str,
        frame: pd.DataFrame,
        columns: Mapping[str, Cell],
        shown: pd.DataFrame | None = None,
        words: int = 1,
        folded: bool = False,
    ) -> "Table":
        """A table whose cells are worked out from the lines of `shown`, or of the whole frame."""
        chosen = frame if shown is None else shown
        lines = [[cell(line) for cell in columns.values()] for line in chosen.to_dict("records")]
        return cls(name, title, about, frame, list(columns), lines, words, folded)


def word_column(name: str) -> Cell:
    """A column of words."""
    return lambda line: str(line[name])


def count_cell(name: str) -> Cell:
    """A whole number; a dash for none."""
    return lambda line: "-" if (value := number_or_none(line[name])) is None else f"{value:,.0f}"


def three_decimals(name: str) -> Cell:
    """A figure with three decimals; a dash for none."""
    return lambda line: format_figure(number_or_none(line[name]))


def p_value_cell(name: str) -> Cell:
    """A p; below .0005 it is said to be less than .001."""
    return lambda line: (
        "< .001"
        if (p := number_or_none(line[name])) is not None and p < SMALLEST
        else format_figure(p)
    )


def interval_cell(name: str, low: str = "", high: str = "") -> Cell:
    """A figure and the ends of its interval."""

    def cell(line: Line) -> str:
        least, most = (
            number_or_none(line[low or f"{name}_low"]),
            number_or_none(line[high or f"{name}_high"]),
        )
        ends = "" if least is None or most is None else f" {interval_text(least, most)}"
        return format_figure(number_or_none(line[name])) + ends

    return cell


def run_column(frame: pd.DataFrame) -> dict[str, Cell]:
    """The column that names the run, where there are several."""
    return {"run": word_column("run")} if frame["run"].nunique() > 1 else {}


def method_title(frame: pd.DataFrame) -> Cell:
    """What the method of a line is called among those of a frame; with its run where there are
    several.
    """
    several = frame["run"].nunique() > 1
    return lambda line: line_title(line, frame) + (f" ({line['run']})" if several else "")
