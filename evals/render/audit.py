"""The tables of an audit: what became of the facts in stories, and what else stories hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console

from evals.metrics import OVERALL
from evals.render.console import print_table
from evals.render.table import Column, Line, Table, console_table, interval_cell, word_column

ABOUT_STORIES = (
    "invented: sentences a story that state what no fact says; possible: sentences that may do so; "
    "see inventions.csv and possible_inventions.csv. unsure: facts that a sentence may tell "
    "otherwise; --verify MODEL has a model judge these and the possible inventions."
)


def print_verdicts(
    console: Console, title: str, shares: Sequence[Line], verdicts: Sequence[str]
) -> None:
    """Print the shares of facts by verdict, a table for each stage of the stories.

    `shares`: one line a stage and dimension, with an estimate for each verdict that was given.
    """
    stages = list(dict.fromkeys(line["stage"] for line in shares))
    for stage in stages:
        own = [line for line in shares if line["stage"] == stage]
        heading = title
        if len(stages) > 1:
            heading = f"{stage.capitalize()} repair: {title[0].lower()}{title[1:]}"
        print_table(console, describe_verdicts(heading, own, verdicts))
        console.print()


def describe_verdicts(title: str, shares: Sequence[Line], verdicts: Sequence[str]) -> Table:
    """The shares of facts by dimension and verdict, with their intervals."""
    given = [verdict for verdict in verdicts if shares[0].get(verdict)]
    return console_table(
        title,
        rows=[_verdict_row(line) for line in shares],
        columns=[
            word_column("", "dimension", fold=False),
            _number_column("facts"),
            *map(_verdict_column, given),
        ],
    )


def _verdict_row(line: Line) -> Line:
    """One line of the shares; that of all dimensions together stands out."""
    overall = line["dimension"] == OVERALL
    return {**line, "facts": f"{line['facts']:,}", "style": "bold" if overall else None}


def _verdict_column(verdict: str) -> Column:
    """The share of facts with one verdict."""
    return Column(
        verdict,
        lambda line: interval_cell(line[verdict], "value", "low", "high"),
        right=True,
        fold=False,
    )


def _number_column(name: str) -> Column:
    """A column of numbers that are written already."""
    return word_column(name, name, right=True, fold=False)


def describe_stories(counts: Mapping[str, Mapping[str, float]], several_stages: bool) -> Table:
    """What is counted of the stories, by stage."""
    names = ("stories", "invented", "possible", "words", "duplication", "cut off")
    return console_table(
        "The stories",
        rows=list(_story_rows(counts, several_stages)),
        columns=[word_column("", "stage", fold=False), *map(_number_column, names)],
        note=ABOUT_STORIES,
    )


def _story_rows(
    counts: Mapping[str, Mapping[str, float]], several_stages: bool
) -> Iterator[dict[str, Any]]:
    """The counts of each stage, as they are written."""
    for stage, one in counts.items():
        yield {
            "stage": stage if several_stages else "",
            "stories": f"{one['stories']:,}",
            "invented": f"{one['invented']:.1f}",
            "possible": f"{one['possible']:.1f}",
            "words": f"{one['words']:,.0f}",
            "duplication": f"{one['duplication']:.1%}",
            "cut off": f"{one['cut_off']:,}",
        }
