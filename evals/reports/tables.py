"""The tables that the report alone shows.

What the runs worked out is put side by side; nothing is worked out twice.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from evals.analysis.distributions import MIN_PEOPLE
from evals.analysis.leaks import FLAGS, LEAKED
from evals.harness.method_names import REFERENCES
from evals.render.table import (
    Cell,
    Column,
    Table,
    count_column,
    figure_column,
    interval_column,
    method_column,
    p_value_column,
    records,
    run_columns,
    unweighted_lines,
    word_column,
)
from evals.reports.sources import ReportSource

FARTHEST = 12
"""How many items of those farthest apart are shown."""


def join_sources(sources: Sequence[ReportSource], name: str) -> pd.DataFrame:
    """One table of all sources, with the name of the source as its first column, `run`."""
    frames = []
    for source in sources:
        frame = source.scores if name == "scores" else source.tables[name]
        frames.append(frame.assign(run=source.name))
    joined = pd.concat(frames, ignore_index=True)
    return joined[["run", *joined.columns.drop("run")]]


def describe_findings(sources: Sequence[ReportSource]) -> Table:
    """What a reader should not overlook, a sentence each."""
    lines = [(source.name, sentence) for source in sources for sentence in source.findings]
    frame = pd.DataFrame(lines, columns=["run", "finding"])
    columns = [*run_columns(frame), word_column("finding", "finding")]
    return Table(
        name="findings",
        title="What stands out",
        frame=frame,
        rows=records(frame),
        columns=columns,
        words=len(columns),
    )


def describe_distributions(sources: Sequence[ReportSource], topics: Mapping[str, str]) -> Table:
    """The items whose simulated answers lie farthest from the real ones, of each graph.

    `topics`: what items are about, by their names. All items stand in the files.
    """
    frame = join_sources(sources, "distributions")
    every = unweighted_lines(frame)
    every = every[(every["country"] == "") & ~every["graph"].isin(REFERENCES)]
    top = every.sort_values("jensen_shannon", ascending=False, kind="stable").head(FARTHEST)
    return Table(
        name="distributions",
        title="Items simulated farthest from the real answers",
        about=f"The {FARTHEST} lines of graphs with the largest Jensen-Shannon distance; every "
        "item is in the files.",
        frame=frame,
        rows=records(top),
        columns=[
            word_column("item", "item"),
            Column("about", lambda line: Cell(topics.get(line["item"], ""))),
            method_column(every),
            count_column("people", "people"),
            figure_column("Jensen-Shannon", "jensen_shannon"),
            figure_column("Wasserstein", "wasserstein"),
            figure_column("spread / real", "sd_ratio"),
        ],
        words=3,
        folded=True,
    )


def describe_subgroups(sources: Sequence[ReportSource]) -> Table:
    """All groups that are large enough, of each graph."""
    frame = join_sources(sources, "subgroups")
    every = unweighted_lines(frame)
    every = every[~every["graph"].isin(REFERENCES) & (every["people"] >= MIN_PEOPLE)]
    return Table(
        name="subgroups",
        title="All groups",
        about=f"Groups of fewer than {MIN_PEOPLE} people are masked. p: the group's accuracy "
        "against everybody else's.",
        frame=frame,
        rows=records(every),
        columns=[
            method_column(every),
            word_column("by", "by"),
            word_column("group", "group"),
            count_column("people", "people"),
            interval_column("accuracy", "accuracy"),
            interval_column("MAE", "mae"),
            word_column("MAE by", "mae_by"),
            figure_column("spread / real", "spread"),
            p_value_column("p (Holm)", "p_holm"),
        ],
        words=3,
        folded=True,
    )


def describe_leak_counts(sources: Sequence[ReportSource]) -> Table:
    """How many held-out items the profile gives away, by the kind of leak."""
    frame = join_sources(sources, "leaks")
    kinds = [*LEAKED, *FLAGS]
    by_kind = frame.groupby(["run", "leak"])["item"].count().unstack(fill_value=0)
    counts = by_kind.reindex(columns=kinds, fill_value=0)
    counts.insert(0, "held_out", frame.groupby("run")["item"].count())
    counts = counts.reset_index()
    first = run_columns(counts)
    return Table(
        name="leaks_counted",
        title="Items that the profile gives away",
        about="Tied by the questionnaire or determined by a known item: leaked. Soft ties and "
        "look-alike wording: flags.",
        frame=counts,
        rows=records(counts),
        columns=[
            *first,
            count_column("held-out items", "held_out"),
            *(count_column(kind, kind) for kind in kinds),
        ],
        words=len(first),
    )


def describe_leaked_items(sources: Sequence[ReportSource]) -> Table:
    """Which items the profile gives away, and by which known item."""
    frame = join_sources(sources, "leaks")
    return Table(
        name="leaks",
        title="Leaked items",
        about="Every item is in the files.",
        frame=frame,
        rows=records(frame[frame["leak"].isin(LEAKED)]),
        columns=[
            word_column("item", "item"),
            count_column("fold", "fold"),
            word_column("leak", "leak"),
            word_column("given away by", "by"),
            figure_column("entropy left", "left"),
        ],
        folded=True,
    )
