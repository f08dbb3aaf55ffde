"""The tables of an analysis: where methods stand, comparisons, variety, gaps between groups."""

from typing import Any

import pandas as pd
from rich.console import Console

from evals.analysis.distributions import MIN_PEOPLE
from evals.analysis.frame import METHOD
from evals.analysis.ladder import ladder_bottom
from evals.analysis.leaks import FLAGS, LEAKED, THRESHOLD
from evals.analysis.tables import AnalysisTables
from evals.harness.method_names import REFERENCES
from evals.render.console import print_table
from evals.render.formatting import format_figure, format_interval, number_or_none
from evals.render.labels import METHOD_LABELS, method_title, opponent_title
from evals.render.table import (
    Cell,
    Column,
    ConsoleView,
    Line,
    Table,
    count_column,
    figure_column,
    interval_column,
    method_column,
    p_value_column,
    records,
    unweighted_lines,
    word_column,
)

MAE_BY = {"": "", "code": "code", "median": "median", "expectation": "expect."}
"""What a MAE is of, in a narrow column."""
ABOUT_STANDING = (
    "With 95 % intervals over respondents. MAE by: of the code said, of the median of shares, or "
    "in expectation; one code: of the most likely one, of all methods alike. Not leaked: accuracy "
    "without the items that the profile gives away. On the ladder: 0 is the {bottom}, 1 is "
    "ridge. † sees other people's answers to the same questions, which the graphs do not."
)
ABOUT_COMPARISONS = (
    "On the same cases, respondents as the unit; p of paired permutation tests, after Holm over "
    "all lines of a run. MAE is of one code against one code, a reference's most likely one; by "
    "median: the difference where the median of its shares is scored in its place. Detectable: the "
    "smallest true difference that so many people would show with power .8."
)
ONE_CODE = (
    "MAE of one code against one code, a reference's most likely one; by median: the difference "
    "where the median of its shares is scored in its place."
)
ABOUT_VARIETY = (
    "Distances of simulated from real answers, means over items (0 = alike), beside what chance "
    "alone gives; spread below 1: people are simulated too much alike; correlations between items "
    "recovered."
)


def print_analysis(console: Console, tables: AnalysisTables) -> None:
    """Print all tables but the scores by dimension, and how many items are leaked."""
    for table in (
        describe_standing(tables.standing),
        describe_comparisons(tables.comparisons),
        describe_variety(tables.variety),
        describe_gaps(tables.gaps),
    ):
        print_table(console, table)
        console.print()
    console.print(leak_sentence(tables.leaks), style="dim", soft_wrap=True)


def mae_by_cell(mae_by: Any) -> Cell:
    """What a MAE is of."""
    return Cell(str(mae_by), short=MAE_BY.get(mae_by))


def describe_standing(frame: pd.DataFrame) -> Table:
    """Accuracy and MAE with intervals, accuracy without leaked items, and the ladder position."""
    keys = [name for name in ("run", *METHOD) if name in frame]
    unleaked = frame[frame["scope"] == "without_leaked"].set_index(keys)["accuracy"].to_dict()

    def not_leaked(line: Line) -> Cell:
        return Cell(format_figure(number_or_none(unleaked.get(tuple(map(line.get, keys))))))

    every = unweighted_lines(frame)
    bottom = METHOD_LABELS[ladder_bottom(every["graph"])]
    return Table(
        name="standing",
        title="Where the methods stand",
        about=ABOUT_STANDING.format(bottom=bottom) + retest_sentence(every),
        frame=frame,
        rows=records(every),
        columns=[
            method_column(every),
            interval_column("accuracy", "accuracy"),
            interval_column("MAE", "mae"),
            Column("MAE by", lambda line: mae_by_cell(line["mae_by"]), short="by"),
            interval_column("MAE, one code", "mae_code", only="page"),
            Column("not leaked", not_leaked),
            interval_column("on the ladder", "climbed"),
            *_retest_columns(every),
        ],
        console=ConsoleView(
            "Where they stand (with 95 % intervals over respondents)",
            note=f"On the ladder: 0 is the {bottom}, 1 is ridge, in accuracy."
            + retest_sentence(every),
        ),
    )


def _retest_columns(frame: pd.DataFrame) -> list[Column]:
    """The column that divides accuracy by the retest ceiling, where people were asked twice."""
    return [interval_column("÷ retest", "of_retest")] if "of_retest" in frame else []


def retest_sentence(frame: pd.DataFrame) -> str:
    """Say how many answers people repeat when they are asked again; "" where they were not."""
    known = frame[frame["retest"].notna()] if "retest" in frame else frame[:0]
    if known.empty:
        return ""
    line = known.iloc[0]
    share = format_figure(line["retest"])
    interval = format_interval(line["retest_low"], line["retest_high"])
    return (
        f" Asked again, these people repeat {share} {interval} of their answers: ÷ retest is "
        "accuracy divided by that."
    )


def describe_comparisons(frame: pd.DataFrame) -> Table:
    """Differences in accuracy and MAE with intervals, corrected p and effect, and what could be
    detected at all.

    The page has a row for each measure, a terminal one for both.
    """
    every = unweighted_lines(frame)
    return Table(
        name="comparisons",
        title="Comparisons",
        about=ABOUT_COMPARISONS,
        frame=frame,
        rows=records(every),
        columns=_comparison_columns(every),
        words=2,
        console=ConsoleView(
            f"One less another on the same cases (p after Holm over {len(every)} tests; least: the "
            "smallest true difference found with power .8)",
            rows=_joined_measures(every),
            note=ONE_CODE,
            gap=1,
            empty="",
        ),
    )


def _comparison_columns(comparisons: pd.DataFrame) -> list[Column]:
    """The columns of comparisons; a terminal has those of MAE behind those of accuracy."""
    title = method_title(comparisons)
    ends = {"low": "low", "high": "high", "p_value": "p_holm"}

    def pair(line: Line) -> Cell:
        return Cell(f"{title(line)} - {opponent_title(line['against'])}")

    return [
        Column("one less another", pair, short=""),
        word_column("measure", "measure", only="page"),
        interval_column("difference", "difference", **ends, short="accuracy"),
        p_value_column("p (Holm)", "p_holm", short="p"),
        figure_column("effect d", "effect", short="d"),
        figure_column("detectable", "detectable", short="least"),
        count_column("people", "people", only="page"),
        word_column("MAE by", "mae_by", only="page"),
        interval_column("by median", "by_median", only="page"),
        _of_mae(interval_column("MAE", "difference", **ends, only="terminal")),
        _of_mae(p_value_column("p", "p_holm", only="terminal")),
        _of_mae(figure_column("by median", "by_median", only="terminal")),
    ]


def _of_mae(column: Column) -> Column:
    """The column of the same figures of MAE, in rows that hold both measures."""
    return Column(column.head, lambda line: column.cell(line["of_mae"]), only=column.only)


def _joined_measures(comparisons: pd.DataFrame) -> list[Line]:
    """The rows of accuracy, each with that of MAE of the same methods as `of_mae`."""
    keys = [*METHOD, "against"]
    of_mae: dict[Any, Line] = {}
    for line in records(comparisons[comparisons["measure"] == "mae"]):
        of_mae.setdefault(tuple(line[key] for key in keys), line)
    rows: list[Line] = []
    for line in records(comparisons[comparisons["measure"] == "accuracy"]):
        rows.append({**line, "of_mae": of_mae.get(tuple(line[key] for key in keys))})
    return rows


def describe_variety(frame: pd.DataFrame) -> Table:
    """How varied the simulated people are, and how close to the real ones together."""
    every = unweighted_lines(frame)
    return Table(
        name="variety",
        title="As a population",
        about=ABOUT_VARIETY,
        frame=frame,
        rows=records(every),
        columns=[
            method_column(every),
            figure_column("Wasserstein", "wasserstein"),
            figure_column("by chance", "noise_wasserstein", in_parentheses=True),
            figure_column("Jensen-Shannon", "jensen_shannon"),
            figure_column("by chance ", "noise_jensen_shannon", in_parentheses=True),
            interval_column("spread / real", "sd_ratio"),
            figure_column("options unused", "never_used"),
            figure_column("by real people", "never_used_real", in_parentheses=True),
            figure_column("correlations", "correlation"),
        ],
        console=ConsoleView(
            "As a population (distances 0 = alike; in brackets what chance alone gives)"
        ),
    )


def describe_gaps(frame: pd.DataFrame) -> Table:
    """The two groups of each grouping that lie farthest apart in accuracy.

    Of methods that are no references; a terminal shows those of references where there are no
    others.
    """
    every = unweighted_lines(frame)
    asked = every[~every["graph"].isin(REFERENCES)]
    on_terminal = every if asked.empty else asked
    return Table(
        name="gaps",
        title="Widest gaps between groups",
        about=f"Among groups of {MIN_PEOPLE} people or more, in accuracy; p after Holm over all "
        "pairs of groups of a method.",
        frame=frame,
        rows=records(asked),
        columns=[
            method_column(on_terminal),
            word_column("by", "by"),
            word_column("more accurate for", "high_group"),
            word_column("than for", "low_group"),
            interval_column("gap", "gap", p_value="p_holm"),
            p_value_column("p (Holm)", "p_holm", short="p"),
        ],
        words=4,
        console=ConsoleView(
            f"Widest gap in accuracy between groups of {MIN_PEOPLE} people or more (p after Holm "
            "over all pairs)",
            rows=records(on_terminal),
            empty=f"No two groups of {MIN_PEOPLE} people or more to compare.",
        ),
    )


def leak_sentence(leaks: pd.DataFrame) -> str:
    """How many items the profile gives away, and by what rule."""
    counts = leaks["leak"].value_counts()
    leaked = sum(counts.get(kind, 0) for kind in LEAKED)
    parts = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in LEAKED)
    flags = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in FLAGS)
    return (
        f"Leaked: {leaked} of {len(leaks)} held-out items ({parts}: less than {THRESHOLD:.0%} of "
        f"the entropy is left); flagged alone: {flags}. leaks.csv names them."
    )
