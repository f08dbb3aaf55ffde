"""The tables on the terminal: methods and floors by dimension, best in bold, and what stands behind
the numbers.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evals.metrics import OVERALL, Score
from graph.llm.context_window import CutPrompts

SHORT = {
    "core": "core",
    "happiness": "happy",
    "trust": "trust",
    "economic_integrity": "econ",
    "security": "secur",
    "technology": "tech",
    "moral_religious": "moral",
    "political_engagement": "polit",
    "demographics": "demog",
    OVERALL: "all",
}
TITLES = {
    "valuesim": "ValueSim",
    "full_info": "Full Info",
    "rag": "RAG",
    "chance": "chance",
    "mode": "mode",
    "country_mode": "country mode",
    "new_topic": "new topic",
}


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
    calls: int = 0

    @property
    def title(self) -> str:
        """Its name for people."""
        return title_of(self.graph, self.variant, self.uses_others)


def title_of(graph: str, variant: str, uses_others: bool = False) -> str:
    """A method's name for people; a dagger where it sees other people's answers."""
    if (graph, variant) == ("chance", "paper"):
        return "chance, paper's"
    return (
        TITLES.get(graph, graph)
        + ("" if variant == "full" else f" {variant}")
        + (" †" if uses_others else "")
    )


def terminal() -> Console:
    """Where tables go, wide enough for a file where the output is none of a terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=100)


def print_scores(
    console: Console,
    lines: Sequence[MethodLine],
    dimensions: Sequence[str],
    rule: str,
    paper: Mapping[str, Mapping[str, Any]],
) -> None:
    """Print accuracy, MAE and counts. `paper` holds the paper's own figures by method, where they
    may stand beside.
    """
    for measure, title, best in (
        ("accuracy", "Accuracy (share of answers as given)", max),
        ("mae", "MAE (0 = as given, 1 = across the scale)", min),
    ):
        console.print()
        console.print(_table(lines, dimensions, measure, f"{title}, rule {rule}", best, paper))
    console.print(HOW_SCORED, style="dim")
    console.print()
    console.print(_counts(lines))
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


def plain_table(title: str, gap: int = 1) -> Table:
    """An empty table without lines, `gap` characters between its columns."""
    padding = (0, gap, 0, 0)
    return Table(
        title=title,
        title_justify="left",
        box=None,
        padding=padding,
        show_edge=False,
        title_style="bold",
    )


def _table(
    lines: Sequence[MethodLine],
    dimensions: Sequence[str],
    measure: str,
    title: str,
    best: Any,
    paper: Mapping[str, Mapping[str, Any]],
) -> Table:
    """One measure, by method and dimension."""
    table = plain_table(title)
    table.add_column("", overflow="fold")
    for dimension in dimensions:
        table.add_column(SHORT.get(dimension, dimension[:5]), justify="right")
    if measure == "mae":
        table.add_column("by")
    top = {
        dimension: best(_values(lines, dimension, measure), default=None)
        for dimension in dimensions
    }
    for line in lines:
        values = [
            getattr(line.scores[dimension], measure) if dimension in line.scores else None
            for dimension in dimensions
        ]
        cells = [
            format_figure(
                value, value is not None and format_figure(value) == format_figure(top[name])
            )
            for name, value in zip(dimensions, values, strict=True)
        ]
        table.add_row(
            escape(line.title),
            *cells,
            *([BY[line.scores[OVERALL].mae_by]] if measure == "mae" else []),
        )
        if line.graph in paper and line.variant == ("paper" if line.graph == "chance" else "full"):
            printed = [
                paper[line.graph].get(dimension, {}).get(measure) for dimension in dimensions
            ]
            table.add_row("  paper", *map(format_figure, printed), style="dim")
    return table


BY = {"": "", "code": "code", "median": "median", "expectation": "expect."}
"""What a MAE is of, in a narrow column."""
HOW_SCORED = (
    "by: MAE of the one code said, of the median of a method's shares, or, of chance, in "
    "expectation."
)


def _values(lines: Iterable[MethodLine], dimension: str, measure: str) -> list[float]:
    """The figures of a column."""
    found = (getattr(line.scores[dimension], measure) for line in lines if dimension in line.scores)
    return [value for value in found if value is not None]


def print_cut(console: Console, cut: CutPrompts | None) -> None:
    """Say in one line that the server cut prompts, where it did."""
    if cut:
        console.print(f"Warning: {cut}.", style="bold red", soft_wrap=True, markup=False)


def format_figure(value: float | None, bold: bool = False) -> str:
    """Three decimals without the leading 0; a dash for nothing measured."""
    text = "-" if value is None else f"{round(value, 3) + 0.0:.3f}"  # no -.000
    if value is not None and abs(value) < 0.9995:
        text = text.replace("0.", ".", 1)
    return f"[bold]{text}[/bold]" if bold else text


def _counts(lines: Sequence[MethodLine]) -> Table:
    """What stands behind the figures."""
    table = plain_table("What stands behind")
    for name in ("", "people", "items", "answers", "readable", "unread", "failed"):
        table.add_column(name, justify="left" if not name else "right", overflow="fold")
    for line in lines:
        score = line.scores[OVERALL]
        readable = "-" if score.readable is None else f"{score.readable:.1%}"
        cells = (score.respondents, score.items, score.rows, readable, line.unread, line.failed)
        table.add_row(escape(line.title), *map(str, cells))
    return table


@cache
def paper_figures() -> tuple[dict[str, str], ...]:
    """The figures of the paper's Tables 1 and 3, as data."""
    with files("evals.render").joinpath("paper.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(line for line in file if not line.startswith("#")))


def paper_figures_of(model: str) -> dict[str, dict[str, dict[str, float]]]:
    """The paper's figures for a model by method and dimension, chance among them; empty for a model
    it did not run.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    printed = [row for row in paper_figures() if row["tables"] == "1 and 3"]
    if not any(is_same_model(row["model"], model) for row in printed):
        return found
    for row in printed:
        if is_same_model(row["model"], model) or row["model"] == "any":
            cell = {measure: float(row[measure]) for measure in ("accuracy", "mae") if row[measure]}
            found.setdefault(row["method"], {})[row["dimension"]] = cell
    return found


def is_same_model(printed: str, model: str) -> bool:
    """Whether a model of the paper is the one that was asked, however its name is written."""
    return _letters(printed) in _letters(model)


def _letters(name: str) -> str:
    """A model's name without case and punctuation."""
    return "".join(sign for sign in name.lower() if sign.isalnum())
