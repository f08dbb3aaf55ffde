"""The tables of scores: accuracy and MAE by dimension, and what stands behind the figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich.console import Console

from evals.metrics import OVERALL, Score
from evals.render.analysis import mae_by_cell
from evals.render.console import print_table
from evals.render.formatting import DASH, format_figure, number_or_none
from evals.render.labels import DIMENSION_LABELS, title_of
from evals.render.table import Cell, Column, ConsoleView, Line, Table, count_column, figure_column

MEASURE_TITLES = {"accuracy": "Accuracy", "mae": "MAE"}
SCALES = {
    "accuracy": "Accuracy (share of answers as given)",
    "mae": "MAE (0 = as given, 1 = across the scale)",
}
HOW_SCORED = (
    "by: MAE of the one code said, of the median of a method's shares, or, of chance, in "
    "expectation."
)


@dataclass(frozen=True)
class MethodLine:
    """One method's line: its name, its scores by dimension and overall, and what is counted beside
    them.
    """

    graph: str
    variant: str
    uses_others: bool
    scores: Mapping[str, Score]
    failed: int = 0
    unread: int = 0

    @property
    def title(self) -> str:
        """Its name for people."""
        return title_of(self.graph, self.variant, self.uses_others)

    @property
    def printed_as(self) -> str:
        """The method of the paper's own figures that may stand below; "" where there is none."""
        variant = "paper" if self.graph == "chance" else "full"
        return self.graph if self.variant == variant else ""


def method_row(
    title: str, figures: Mapping[Any, Any], mae_by: str = "", one_code: Any = None
) -> Line:
    """One row of a table of scores: figures by dimension, and what those of MAE are of."""
    return {"title": title, "figures": figures, "mae_by": mae_by, "one_code": one_code}


def paper_row(figures: Mapping[Any, Any]) -> Line:
    """The row that holds the figures the paper prints."""
    return {"title": "paper", "figures": figures, "printed": True, "style": "dim"}


def describe_scores(
    measure: str,
    rows: Sequence[Line],
    dimensions: Sequence[str],
    rule: str,
    frame: pd.DataFrame | None = None,
    about: str = "",
) -> Table:
    """One measure by method and dimension; `rows` as `method_row` and `paper_row` make them.

    A terminal shows the best figure of a column in bold: the highest accuracy, the lowest MAE.
    """
    columns = [Column("method", _title_cell, short="")]
    for dimension in dimensions:
        columns.append(_dimension_column(dimension, _best(rows, dimension, measure)))
    if measure == "mae":
        columns.append(Column("by", lambda row: mae_by_cell(row.get("mae_by", "")), fold=False))
        columns.append(Column("overall, one code", _one_code_cell, only="page"))
    return Table(
        name=f"scores_{measure}",
        title=f"{MEASURE_TITLES[measure]} by dimension",
        about=about,
        frame=pd.DataFrame() if frame is None else frame,
        rows=rows,
        columns=columns,
        console=ConsoleView(f"{SCALES[measure]}, rule {rule}", gap=1),
    )


def _title_cell(row: Line) -> Cell:
    """The name of a row; a terminal indents that of the paper."""
    return Cell(row["title"], short=f"  {row['title']}" if row.get("printed") else None)


def _one_code_cell(row: Line) -> Cell:
    """A method's MAE where it is held to one code; empty for the paper's figures."""
    one_code = row.get("one_code", "")
    return Cell("" if one_code == "" else format_figure(number_or_none(one_code)))


def _dimension_column(dimension: str, best: str) -> Column:
    """The figures in one dimension; those written like the best one are bold."""

    def cell(row: Line) -> Cell:
        value = number_or_none(row["figures"].get(dimension))
        text = format_figure(value)
        return Cell(text, bold=value is not None and text == best and not row.get("printed"))

    short = DIMENSION_LABELS.get(dimension, dimension[:5])
    return Column(dimension.replace("_", " "), cell, short=short, right=True, fold=False)


def _best(rows: Iterable[Line], dimension: str, measure: str) -> str:
    """The best figure of a column, as it is written; that of the paper is never the best."""
    values = []
    for row in rows:
        value = number_or_none(row["figures"].get(dimension))
        if value is not None and not row.get("printed"):
            values.append(value)
    choose = max if measure == "accuracy" else min
    return format_figure(choose(values, default=None))


def describe_counts(rows: Sequence[Line], frame: pd.DataFrame | None = None) -> Table:
    """What stands behind the figures.

    `rows`: `title`, `respondents`, `items`, `rows`, `readable` (a share), `unread` and `failed`.
    """
    return Table(
        name="counts",
        title="What stands behind the figures",
        about="Unread replies count as wrong answers; failed calls are not scored.",
        frame=pd.DataFrame() if frame is None else frame,
        rows=rows,
        columns=[
            Column("method", lambda row: Cell(row["title"]), short=""),
            _plain_count("people", "respondents"),
            _plain_count("items", "items"),
            _plain_count("answers", "rows"),
            Column("readable", _percent_cell, only="terminal", right=True),
            _plain_count("unread", "unread"),
            _plain_count("failed", "failed"),
            figure_column("readable", "readable", only="page"),
        ],
        console=ConsoleView("What stands behind", gap=1),
    )


def _plain_count(head: str, name: str) -> Column:
    """A column of whole numbers, which a terminal writes without commas."""
    page = count_column(head, name)
    return Column(head, lambda row: Cell(str(page.cell(row)), short=str(row[name])), right=True)


def _percent_cell(row: Line) -> Cell:
    """The share of replies that could be read, in per cent."""
    return Cell(DASH if row["readable"] is None else f"{row['readable']:.1%}")


def print_scores(
    console: Console,
    lines: Sequence[MethodLine],
    dimensions: Sequence[str],
    rule: str,
    paper: Mapping[str, Mapping[str, Any]],
) -> None:
    """Print accuracy, MAE and counts.

    `paper`: the paper's own figures by method, dimension and measure, where they may stand beside.
    """
    for measure in ("accuracy", "mae"):
        rows = list(_rows(lines, measure, paper))
        console.print()
        print_table(console, describe_scores(measure, rows, dimensions, rule))
    console.print(HOW_SCORED, style="dim")
    console.print()
    print_table(console, describe_counts([_count_row(line) for line in lines]))
    if any(line.uses_others for line in lines):
        console.print(
            "† sees other people's answers to the same questions, which the graphs do not.",
            style="dim",
        )
    if paper:
        console.print(
            "Lines marked 'paper' hold the figures that the paper prints for this model in its "
            "Tables 1 and 3.",
            style="dim",
        )


def _rows(
    lines: Iterable[MethodLine], measure: str, paper: Mapping[str, Mapping[str, Any]]
) -> Iterable[Line]:
    """The rows of one measure, each method's followed by the paper's where there is one."""
    for line in lines:
        figures = {name: getattr(score, measure) for name, score in line.scores.items()}
        yield method_row(line.title, figures, line.scores[OVERALL].mae_by)
        if line.printed_as in paper:
            printed = paper[line.printed_as]
            yield paper_row({name: cell.get(measure) for name, cell in printed.items()})


def _count_row(line: MethodLine) -> Line:
    """What stands behind one method's figures."""
    score = line.scores[OVERALL]
    return {
        "title": line.title,
        "respondents": score.respondents,
        "items": score.items,
        "rows": score.rows,
        "readable": score.readable,
        "unread": line.unread,
        "failed": line.failed,
    }
