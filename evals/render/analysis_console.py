"""Standing, comparisons, variety and gaps on the terminal: a line a method, figures with their
intervals.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape

from evals.analysis.distributions import DISTANCES, MIN_PEOPLE
from evals.analysis.frame import MEASURES, METHOD
from evals.analysis.inference import ALPHA
from evals.analysis.leaks import FLAGS, LEAKED, THRESHOLD
from evals.analysis.skipped_tables import skipped_lines
from evals.analysis.tables import AnalysisTables
from evals.harness.experiment import REFERENCES
from evals.render.console import BY, TITLES, format_figure, plain_table, title_of

OTHERS = frozenset(REFERENCES) - {"chance"}
"""The methods that see other people's answers to the items that they answer."""


def show_tables(console: Console, tables: AnalysisTables) -> None:
    """Everything but the scores by dimension."""
    for show, table in (
        (show_standing, tables.standing),
        (show_comparisons, tables.comparisons),
        (show_variety, tables.variety),
        (show_gaps, tables.gaps),
    ):
        show(console, table)
        console.print()
    console.print(_leaked(tables.leaks), style="dim", soft_wrap=True)


def show_sentences(console: Console, said: Sequence[str], tables: AnalysisTables) -> None:
    """What follows from the tables, and which of them are missing."""
    for sentence in [*said, *tables.warnings]:
        console.print(f"* {sentence}", soft_wrap=True, markup=False)
    for sentence in skipped_lines(tables.failed):
        console.print(sentence, style="bold red", soft_wrap=True, markup=False)


def show_ridges(console: Console, ridges: Collection[float]) -> None:
    """The penalty of the regressions, where there are any."""
    if ridges:
        console.print(f"Ridge and new topic use λ = {listed(ridges)}.", style="dim", soft_wrap=True)


def listed(ridges: Collection[float]) -> str:
    """Penalties in words."""
    return ", ".join(f"{ridge:g}" for ridge in ridges)


def show_standing(console: Console, standing: pd.DataFrame) -> None:
    """Accuracy and MAE with intervals, accuracy without leaked items, and the place of graphs on
    the ladder.
    """
    table = plain_table("Where they stand (with 95 % intervals over respondents)", gap=2)
    for name in ("", "accuracy", "MAE", "by", "not leaked", "on the ladder"):
        table.add_column(name, overflow="fold")
    unleaked = standing[standing["scope"] == "without_leaked"].set_index(METHOD)["accuracy"]
    every = standing[standing["scope"] == "all"]
    for line in every.to_dict("records"):
        method = tuple(line[name] for name in METHOD)
        table.add_row(
            escape(line_title(line, every)),
            *(figure_with_interval(line, measure) for measure in MEASURES),
            BY[line["mae_by"]],
            format_figure(number_or_none(unleaked.get(method))),
            figure_with_interval(line, "climbed"),
        )
    console.print(table)
    console.print(
        "On the ladder: 0 is the country mode, 1 is ridge, in accuracy.",
        style="dim",
        soft_wrap=True,
    )


def show_comparisons(console: Console, comparisons: pd.DataFrame) -> None:
    """Differences in accuracy and MAE with their intervals, corrected p and effect, and what could
    be found at all.
    """
    every = comparisons[comparisons["scope"] == "all"]
    if every.empty:
        return
    least = "least: the smallest true difference found with power .8"
    table = plain_table(
        f"One less another on the same cases (p after Holm over {len(every)} tests; {least})"
    )
    for name in ("", "accuracy", "p", "d", "least", "MAE", "p", "by median"):
        table.add_column(name, overflow="fold")
    by = [*METHOD, "against"]
    mae = every[every["measure"] == "mae"].set_index(by)
    for line in every[every["measure"] == "accuracy"].to_dict("records"):
        other = mae.loc[[tuple(line[name] for name in by)]].iloc[0].to_dict()
        effect, found = (
            format_figure(number_or_none(line[name])) for name in ("effect", "detectable")
        )
        name = f"{line_title(line, every)} - {opponent_title(line['against'])}"
        table.add_row(
            escape(name),
            *_compared(line),
            effect,
            found,
            *_compared(other),
            _figure(other, "by_median"),
        )
    console.print(table)
    console.print(ONE_CODE, style="dim", soft_wrap=True)


ONE_CODE = (
    "MAE of one code against one code, a reference's most likely one; by median: the difference "
    "where the median of "
    "its shares is scored in its place."
)


def _compared(line: Mapping[Any, Any]) -> list[str]:
    """A difference and its p; bold where it is told from 0."""
    p = number_or_none(line["p_holm"])
    return [
        figure_with_interval(line, "difference", "low", "high", p is not None and p < ALPHA),
        format_figure(p),
    ]


def opponent_title(name: str) -> str:
    """The name of what a method is held against, for people."""
    graph, _, rest = name.partition(" ")
    return " ".join(filter(None, (TITLES.get(graph, graph), rest)))


def line_title(line: Mapping[Any, Any], among: pd.DataFrame) -> str:
    """A method's name, with its model where the table holds several."""
    models = set(among["model"]) - {""}
    model = f", {line['model']}" if len(models) > 1 and line["model"] else ""
    return title_of(line["graph"], line["variant"], line["graph"] in OTHERS) + model


def figure_with_interval(
    line: Mapping[Any, Any], name: str, low: str = "", high: str = "", bold: bool = False
) -> str:
    """A figure and the ends of its interval; a dash where there is none."""
    value, least, most = (
        number_or_none(line[key]) for key in (name, low or f"{name}_low", high or f"{name}_high")
    )
    interval = (
        "" if least is None or most is None else f" [dim]\\{interval_text(least, most)}[/dim]"
    )
    return format_figure(value, bold) + interval


def interval_text(low: float, high: float) -> str:
    """The ends of an interval."""
    return f"[{format_figure(low)}, {format_figure(high)}]"


def number_or_none(value: Any) -> float | None:
    """A number, or None for one that is missing."""
    return None if value is None or pd.isna(value) else float(value)


def show_variety(console: Console, variety: pd.DataFrame) -> None:
    """How varied the simulated people are, and how close to the real ones together."""
    table = plain_table(
        "As a population (distances 0 = alike; in brackets what chance alone gives)", gap=2
    )
    for name in (
        "",
        "Wasserstein",
        "Jensen-Shannon",
        "spread / real",
        "options unused",
        "correlations",
    ):
        table.add_column(name, overflow="fold")
    every = variety[(variety["scope"] == "all") & ~variety["weighted"]]
    for line in every.to_dict("records"):
        distances = [
            f"{_figure(line, name)} ({_figure(line, f'noise_{name}')})" for name in DISTANCES
        ]
        unused = f"{_figure(line, 'never_used')} ({_figure(line, 'never_used_real')})"
        spread = figure_with_interval(line, "sd_ratio")
        table.add_row(
            escape(line_title(line, every)),
            *distances,
            spread,
            unused,
            _figure(line, "correlation"),
        )
    console.print(table)


def show_gaps(console: Console, gaps: pd.DataFrame) -> None:
    """The two groups of each grouping that lie farthest apart in accuracy, of methods that are no
    references if any.
    """
    every = gaps[(gaps["scope"] == "all") & ~gaps["weighted"]]
    asked = every[~every["graph"].isin(REFERENCES)]
    every = every if asked.empty else asked
    if every.empty:
        console.print(f"No two groups of {MIN_PEOPLE} people or more to compare.", style="dim")
        return
    table = plain_table(
        f"Widest gap in accuracy between groups of {MIN_PEOPLE} people or more "
        f"(p after Holm over all pairs)",
        2,
    )
    for name in ("", "by", "more accurate for", "than for", "gap", "p"):
        table.add_column(name, overflow="fold")
    for line in every.to_dict("records"):
        p = number_or_none(line["p_holm"])
        gap = figure_with_interval(line, "gap", bold=p is not None and p < ALPHA)
        words = (line_title(line, every), line["by"], line["high_group"], line["low_group"])
        table.add_row(*map(escape, words), gap, format_figure(p))
    console.print(table)


def _leaked(leaks: pd.DataFrame) -> str:
    """How many items the profile gives away, and by what rule."""
    counts = leaks["leak"].value_counts()
    parts = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in LEAKED)
    flags = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in FLAGS)
    return (
        f"Leaked: {sum(counts.get(kind, 0) for kind in LEAKED)} of {len(leaks)} held-out items "
        f"({parts}: less than "
        f"{THRESHOLD:.0%} of the entropy is left); flagged alone: {flags}. leaks.csv names them."
    )


def _figure(line: Mapping[Any, Any], name: str) -> str:
    """A figure of a line."""
    return format_figure(number_or_none(line[name]))
