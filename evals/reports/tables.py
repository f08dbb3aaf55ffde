"""The tables of the report: what the runs worked out, put side by side; nothing is worked out
twice.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from evals.analysis.distributions import MIN_PEOPLE
from evals.analysis.frame import METHOD
from evals.analysis.leaks import FLAGS, LEAKED
from evals.harness.experiment import REFERENCES
from evals.render.analysis_console import opponent_title
from evals.render.console import format_figure
from evals.render.table import (
    Cell,
    Line,
    Table,
    count_cell,
    interval_cell,
    method_title,
    p_value_cell,
    run_column,
    three_decimals,
    word_column,
)
from evals.reports.sources import ReportSource

FARTHEST = 12
"""How many items of those farthest apart are shown."""


def join_sources(sources: Sequence[ReportSource], name: str) -> pd.DataFrame:
    """One table of all sources, with the name of the source as its first column, `run`."""
    frames = [source.scores if name == "scores" else source.tables[name] for source in sources]
    return pd.concat(
        [frame.assign(run=source.name) for source, frame in zip(sources, frames, strict=True)],
        ignore_index=True,
    ).pipe(lambda frame: frame[["run", *frame.columns.drop("run")]])


def unweighted_lines(frame: pd.DataFrame) -> pd.DataFrame:
    """The lines of all items, not weighted."""
    kept = frame["scope"] == "all"
    return (
        frame[kept & (frame["weighted"].astype(str) != "True")]
        if "weighted" in frame
        else frame[kept]
    )


def findings_section(sources: Sequence[ReportSource]) -> Table:
    """What a reader should not overlook, a sentence each."""
    lines = [(source.name, sentence) for source in sources for sentence in source.findings]
    frame = pd.DataFrame(lines, columns=["run", "finding"])
    columns = {**run_column(frame), "finding": word_column("finding")}
    return Table.of("findings", "What stands out", "", frame, columns, words=len(columns))


def ladder_section(sources: Sequence[ReportSource]) -> Table:
    """Accuracy and MAE with intervals, without leaked items, and the place on the ladder."""
    frame = join_sources(sources, "standing")
    keys = ["run", *METHOD]
    unleaked = frame[frame["scope"] == "without_leaked"].set_index(keys)["accuracy"].to_dict()

    def rest(line: Line) -> str:
        value = unleaked.get(tuple(line[name] for name in keys))
        return "-" if value is None or pd.isna(value) else format_figure(value)

    every = unweighted_lines(frame)
    columns = {
        "method": method_title(every),
        "accuracy": interval_cell("accuracy"),
        "MAE": interval_cell("mae"),
        "MAE by": word_column("mae_by"),
    }
    columns |= {"MAE, one code": interval_cell("mae_code"), "not leaked": rest}
    columns |= {"on the ladder": interval_cell("climbed")}
    about = (
        "With 95 % intervals over respondents. MAE by: of the code said, of the median of shares, "
        "or in expectation; "
        "one code: of the most likely one, of all methods alike. Not leaked: accuracy without the "
        "items that the "
        "profile gives away. On the ladder: 0 is the country mode, 1 is ridge. † sees other "
        "people's answers to the "
        "same questions, which the graphs do not."
    )
    return Table.of("standing", "Where the methods stand", about, frame, columns, every)


def comparison_section(sources: Sequence[ReportSource]) -> Table:
    """Differences between methods on the same cases."""
    frame = join_sources(sources, "comparisons")
    every = unweighted_lines(frame)
    title = method_title(every)

    def pair(line: Line) -> str:
        return f"{title(line)} - {opponent_title(line['against'])}"

    columns: dict[str, Cell] = {"one less another": pair, "measure": word_column("measure")}
    columns |= {
        "difference": interval_cell("difference", "low", "high"),
        "p (Holm)": p_value_cell("p_holm"),
    }
    columns |= {
        "effect d": three_decimals("effect"),
        "detectable": three_decimals("detectable"),
        "people": count_cell("people"),
    }
    columns |= {"MAE by": word_column("mae_by"), "by median": interval_cell("by_median")}
    about = (
        "On the same cases, respondents as the unit; p of paired permutation tests, after Holm "
        "over all lines of a "
        "run. MAE is of one code against one code, a reference's most likely one; by median: the "
        "difference where the "
        "median of its shares is scored in its place. Detectable: the smallest true difference "
        "that so many people "
        "would show with power .8."
    )
    return Table.of("comparisons", "Comparisons", about, frame, columns, every, words=2)


def variety_section(sources: Sequence[ReportSource]) -> Table:
    """How varied the simulated people are, and how close to the real ones together."""
    frame = join_sources(sources, "variety")
    every = unweighted_lines(frame)
    columns = {
        "method": method_title(every),
        "Wasserstein": three_decimals("wasserstein"),
        "by chance": three_decimals("noise_wasserstein"),
    }
    columns |= {
        "Jensen-Shannon": three_decimals("jensen_shannon"),
        "by chance ": three_decimals("noise_jensen_shannon"),
    }
    columns |= {
        "spread / real": interval_cell("sd_ratio"),
        "options unused": three_decimals("never_used"),
    }
    columns |= {
        "by real people": three_decimals("never_used_real"),
        "correlations": three_decimals("correlation"),
    }
    about = (
        "Distances of simulated from real answers, means over items (0 = alike), beside what "
        "chance alone gives; "
        "spread below 1: people are simulated too much alike; correlations between items recovered."
    )
    return Table.of("variety", "As a population", about, frame, columns, every)


def distribution_section(sources: Sequence[ReportSource], topics: Mapping[str, str]) -> Table:
    """The items whose simulated answers lie farthest from the real ones, of each graph; all in the
    files.
    """
    frame = join_sources(sources, "distributions")
    every = unweighted_lines(frame)
    every = every[(every["country"] == "") & ~every["graph"].isin(REFERENCES)]
    top = every.sort_values("jensen_shannon", ascending=False, kind="stable").head(FARTHEST)
    columns: dict[str, Cell] = {
        "item": word_column("item"),
        "about": lambda line: topics.get(line["item"], ""),
    }
    columns |= {
        "method": method_title(every),
        "people": count_cell("people"),
        "Jensen-Shannon": three_decimals("jensen_shannon"),
    }
    columns |= {
        "Wasserstein": three_decimals("wasserstein"),
        "spread / real": three_decimals("sd_ratio"),
    }
    about = (
        f"The {FARTHEST} lines of graphs with the largest Jensen-Shannon distance; every item is "
        f"in the files."
    )
    title = "Items simulated farthest from the real answers"
    return Table.of("distributions", title, about, frame, columns, top, words=3, folded=True)


def gap_section(sources: Sequence[ReportSource]) -> Table:
    """The two groups of each grouping that lie farthest apart, of each graph."""
    frame = join_sources(sources, "gaps")
    every = unweighted_lines(frame)
    every = every[~every["graph"].isin(REFERENCES)]
    columns: dict[str, Cell] = {
        "method": method_title(every),
        "by": word_column("by"),
        "more accurate for": word_column("high_group"),
    }
    columns |= {
        "than for": word_column("low_group"),
        "gap": interval_cell("gap"),
        "p (Holm)": p_value_cell("p_holm"),
    }
    about = (
        f"Among groups of {MIN_PEOPLE} people or more, in accuracy; p after Holm over all pairs of "
        f"groups of a method."
    )
    return Table.of("gaps", "Widest gaps between groups", about, frame, columns, every, words=4)


def subgroup_section(sources: Sequence[ReportSource]) -> Table:
    """All groups that are large enough, of each graph."""
    frame = join_sources(sources, "subgroups")
    every = unweighted_lines(frame)
    every = every[~every["graph"].isin(REFERENCES) & (every["people"] >= MIN_PEOPLE)]
    columns: dict[str, Cell] = {
        "method": method_title(every),
        "by": word_column("by"),
        "group": word_column("group"),
    }
    columns |= {
        "people": count_cell("people"),
        "accuracy": interval_cell("accuracy"),
        "MAE": interval_cell("mae"),
    }
    columns |= {"MAE by": word_column("mae_by")}
    columns |= {"spread / real": three_decimals("spread"), "p (Holm)": p_value_cell("p_holm")}
    about = (
        f"Groups of fewer than {MIN_PEOPLE} people are masked. p: the group's accuracy against "
        f"everybody else's."
    )
    return Table.of("subgroups", "All groups", about, frame, columns, every, words=3, folded=True)


def leak_section(sources: Sequence[ReportSource]) -> Table:
    """How many held-out items the profile gives away, by the kind of leak."""
    frame = join_sources(sources, "leaks")
    kinds = [*LEAKED, *FLAGS]
    counts = (
        frame.groupby(["run", "leak"])["item"]
        .count()
        .unstack(fill_value=0)
        .reindex(columns=kinds, fill_value=0)
    )
    counts.insert(0, "held_out", frame.groupby("run")["item"].count())
    table = counts.reset_index()
    columns: dict[str, Cell] = {"held-out items": count_cell("held_out")}
    columns |= {kind: count_cell(kind) for kind in kinds}
    about = (
        "Tied by the questionnaire or determined by a known item: leaked. Soft ties and look-alike "
        "wording: flags."
    )
    first = run_column(table)
    title = "Items that the profile gives away"
    return Table.of("leaks_counted", title, about, table, first | columns, words=len(first))


def leaked_items_section(sources: Sequence[ReportSource]) -> Table:
    """Which items the profile gives away, and by which known item."""
    frame = join_sources(sources, "leaks")
    every = frame[frame["leak"].isin(LEAKED)]
    columns: dict[str, Cell] = {
        "item": word_column("item"),
        "fold": count_cell("fold"),
        "leak": word_column("leak"),
    }
    columns |= {"given away by": word_column("by"), "entropy left": three_decimals("left")}
    return Table.of(
        "leaks", "Leaked items", "Every item is in the files.", frame, columns, every, folded=True
    )
