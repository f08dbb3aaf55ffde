"""The terminal: how it shows a table, and the lines that all commands share."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from evals.analysis.skipped_tables import skipped_lines
from evals.render.formatting import format_ridges
from evals.render.table import Cell, Column, Line, Table
from graph.llm.context_window import CutPrompts
from graph.llm.offline import NOTICE


def terminal() -> Console:
    """Standard output; 100 columns wide where it is a file or a pipe."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=100)


def print_table(console: Console, table: Table) -> None:
    """Print a table as its `console` view says, and the note below it."""
    view = table.console
    if view is None:
        raise ValueError(f"no terminal shows the table {table.name}")
    rows = table.rows if view.rows is None else view.rows
    if not rows and view.empty is not None:
        if view.empty:
            console.print(view.empty, style="dim")
        return
    console.print(build_grid(view.title, table.columns, rows, view.gap))
    if view.note:
        console.print(view.note, style="dim", soft_wrap=True)


def build_grid(title: str, columns: Iterable[Column], rows: Iterable[Line], gap: int) -> Grid:
    """Lay out rows under a title, without borders, `gap` characters between columns."""
    grid = Grid(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, gap, 0, 0),
        show_edge=False,
    )
    shown = [column for column in columns if column.only != "page"]
    for column in shown:
        if not column.in_parentheses:
            _add_column(grid, column)
    for row in rows:
        grid.add_row(*_row_cells(shown, row), style=row.get("style"))
    return grid


def _add_column(grid: Grid, column: Column) -> None:
    """Add one column to a grid."""
    head = column.head if column.short is None else column.short
    grid.add_column(
        Text(head),
        justify="right" if column.right else "left",
        overflow="fold" if column.fold else "ellipsis",
    )


def _row_cells(columns: Iterable[Column], row: Line) -> list[Text]:
    """The cells of one row; a figure in parentheses joins the cell before it."""
    cells: list[Text] = []
    for column in columns:
        text = _cell_text(column.cell(row))
        if column.in_parentheses:
            cells[-1].append(f" ({text})")
        else:
            cells.append(text)
    return cells


def _cell_text(cell: Cell) -> Text:
    """One cell with its styles."""
    text = Text(cell.text if cell.short is None else cell.short)
    if cell.bold:
        text.stylize("bold")
    if cell.interval:
        text.append(" ").append(cell.interval, style="dim")
    if cell.below:
        text.append("\n").append_text(_cell_text(cell.below))
    return text


OFFLINE_LINE = "The offline stand-in answered, no language model: nothing is said about people."
"""The banner in the short output, on one line."""


def offline_banner() -> str:
    """The sentence that tells that the offline stand-in answered, and no language model."""
    return f"{NOTICE[0].upper()}{NOTICE[1:]}."


def print_offline_banner(console: Console, offline: bool) -> None:
    """Print that the stand-in answered, above results in which it did."""
    if offline:
        console.print(offline_banner(), style="bold yellow", soft_wrap=True)


def print_offline_note(console: Console, offline: bool) -> None:
    """Print that the stand-in will answer, before a command starts to ask it."""
    if offline:
        console.print(f"Note: {NOTICE}.", style="yellow", soft_wrap=True)


def print_written(console: Console, path: Path) -> None:
    """Print where the files of a command are."""
    console.print(f"Written to {path}", soft_wrap=True, markup=False)


def print_incomplete(console: Console, what: str, again: str, causes: Sequence[str] = ()) -> None:
    """Print what is missing because calls failed, and what asks again; `causes`: a line each."""
    for cause in causes:
        console.print(cause, style="red", soft_wrap=True, markup=False, highlight=False)
    console.print(f"incomplete: {what}; {again}.", style="bold red")


def print_cut(console: Console, cut: CutPrompts | None) -> None:
    """Warn that the server cut prompts, where it did."""
    if cut:
        console.print(f"Warning: {cut}.", style="bold red", soft_wrap=True, markup=False)


def print_ridges(console: Console, ridges: Collection[float]) -> None:
    """Print the penalties of the regressions, where there are any."""
    if ridges:
        line = f"Ridge and new topic use λ = {format_ridges(ridges)}."
        console.print(line, style="dim", soft_wrap=True)


def print_findings(console: Console, findings: Iterable[str], skipped: Mapping[str, str]) -> None:
    """Print what follows from the tables, and what could not be worked out, by name, and why."""
    for sentence in findings:
        console.print(f"* {sentence}", soft_wrap=True, markup=False)
    for sentence in skipped_lines(skipped):
        console.print(sentence, style="bold red", soft_wrap=True, markup=False)
