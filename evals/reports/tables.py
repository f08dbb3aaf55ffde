"""The tables of the report: what the runs worked out, put side by side; nothing is worked out twice."""

from collections.abc import Mapping, Sequence

import pandas as pd

from evals.analysis.distributions import FEWEST
from evals.analysis.leaks import FLAGS, LEAKED
from evals.analysis.scored import METHOD
from evals.analysis.shown import against
from evals.experiment import REFERENCES
from evals.reports.shown import Cell, Line, Table, chance, count, named, of_run, ranged, three, word
from evals.reports.sources import Source
from evals.table import figure

FARTHEST = 12
"""How many items of those farthest apart are shown."""


def joined(sources: Sequence[Source], name: str) -> pd.DataFrame:
    """One table of all sources, with the name of the source as its first column, `run`."""
    frames = [source.scores if name == "scores" else source.tables[name] for source in sources]
    return pd.concat(
        [frame.assign(run=source.name) for source, frame in zip(sources, frames, strict=True)], ignore_index=True
    ).pipe(lambda frame: frame[["run", *frame.columns.drop("run")]])


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The lines of all items, not weighted."""
    kept = frame["scope"] == "all"
    return frame[kept & (frame["weighted"].astype(str) != "True")] if "weighted" in frame else frame[kept]


def findings(sources: Sequence[Source]) -> Table:
    """What a reader should not overlook, a sentence each."""
    lines = [(source.name, sentence) for source in sources for sentence in source.findings]
    frame = pd.DataFrame(lines, columns=["run", "finding"])
    columns = {**of_run(frame), "finding": word("finding")}
    return Table.of("findings", "What stands out", "", frame, columns, words=len(columns))


def standing(sources: Sequence[Source]) -> Table:
    """Accuracy and MAE with intervals, without leaked items, and the place on the ladder."""
    frame = joined(sources, "standing")
    keys = ["run", *METHOD]
    unleaked = frame[frame["scope"] == "without_leaked"].set_index(keys)["accuracy"].to_dict()

    def rest(line: Line) -> str:
        value = unleaked.get(tuple(line[name] for name in keys))
        return "-" if value is None or pd.isna(value) else figure(value)

    every = plain(frame)
    columns = {"method": named(every), "accuracy": ranged("accuracy"), "MAE": ranged("mae"), "MAE by": word("mae_by")}
    columns |= {"MAE, one code": ranged("mae_code"), "not leaked": rest}
    columns |= {"on the ladder": ranged("climbed")}
    about = (
        "With 95 % intervals over respondents. MAE by: of the code said, of the median of shares, or in expectation; "
        "one code: of the most likely one, of all methods alike. Not leaked: accuracy without the items that the "
        "profile gives away. On the ladder: 0 is the country mode, 1 is ridge. † sees other people's answers to the "
        "same questions, which the graphs do not."
    )
    return Table.of("standing", "Where the methods stand", about, frame, columns, every)


def comparisons(sources: Sequence[Source]) -> Table:
    """Differences between methods on the same cases."""
    frame = joined(sources, "comparisons")
    every = plain(frame)
    title = named(every)

    def pair(line: Line) -> str:
        return f"{title(line)} - {against(line['against'])}"

    columns: dict[str, Cell] = {"one less another": pair, "measure": word("measure")}
    columns |= {"difference": ranged("difference", "low", "high"), "p (Holm)": chance("p_holm")}
    columns |= {"effect d": three("effect"), "detectable": three("detectable"), "people": count("people")}
    columns |= {"MAE by": word("mae_by"), "by median": ranged("by_median")}
    about = (
        "On the same cases, respondents as the unit; p of paired permutation tests, after Holm over all lines of a "
        "run. MAE is of one code against one code, a reference's most likely one; by median: the difference where the "
        "median of its shares is scored in its place. Detectable: the smallest true difference that so many people "
        "would show with power .8."
    )
    return Table.of("comparisons", "Comparisons", about, frame, columns, every, words=2)


def variety(sources: Sequence[Source]) -> Table:
    """How varied the simulated people are, and how close to the real ones together."""
    frame = joined(sources, "variety")
    every = plain(frame)
    columns = {"method": named(every), "Wasserstein": three("wasserstein"), "by chance": three("noise_wasserstein")}
    columns |= {"Jensen-Shannon": three("jensen_shannon"), "by chance ": three("noise_jensen_shannon")}
    columns |= {"spread / real": ranged("sd_ratio"), "options unused": three("never_used")}
    columns |= {"by real people": three("never_used_real"), "correlations": three("correlation")}
    about = (
        "Distances of simulated from real answers, means over items (0 = alike), beside what chance alone gives; "
        "spread below 1: people are simulated too much alike; correlations between items recovered."
    )
    return Table.of("variety", "As a population", about, frame, columns, every)


def distributions(sources: Sequence[Source], topics: Mapping[str, str]) -> Table:
    """The items whose simulated answers lie farthest from the real ones, of each graph; all in the files."""
    frame = joined(sources, "distributions")
    every = plain(frame)
    every = every[(every["country"] == "") & ~every["graph"].isin(REFERENCES)]
    top = every.sort_values("jensen_shannon", ascending=False, kind="stable").head(FARTHEST)
    columns: dict[str, Cell] = {"item": word("item"), "about": lambda line: topics.get(line["item"], "")}
    columns |= {"method": named(every), "people": count("people"), "Jensen-Shannon": three("jensen_shannon")}
    columns |= {"Wasserstein": three("wasserstein"), "spread / real": three("sd_ratio")}
    about = f"The {FARTHEST} lines of graphs with the largest Jensen-Shannon distance; every item is in the files."
    title = "Items simulated farthest from the real answers"
    return Table.of("distributions", title, about, frame, columns, top, words=3, folded=True)


def gaps(sources: Sequence[Source]) -> Table:
    """The two groups of each grouping that lie farthest apart, of each graph."""
    frame = joined(sources, "gaps")
    every = plain(frame)
    every = every[~every["graph"].isin(REFERENCES)]
    columns: dict[str, Cell] = {"method": named(every), "by": word("by"), "more accurate for": word("high_group")}
    columns |= {"than for": word("low_group"), "gap": ranged("gap"), "p (Holm)": chance("p_holm")}
    about = f"Among groups of {FEWEST} people or more, in accuracy; p after Holm over all pairs of groups of a method."
    return Table.of("gaps", "Widest gaps between groups", about, frame, columns, every, words=4)


def subgroups(sources: Sequence[Source]) -> Table:
    """All groups that are large enough, of each graph."""
    frame = joined(sources, "subgroups")
    every = plain(frame)
    every = every[~every["graph"].isin(REFERENCES) & (every["people"] >= FEWEST)]
    columns: dict[str, Cell] = {"method": named(every), "by": word("by"), "group": word("group")}
    columns |= {"people": count("people"), "accuracy": ranged("accuracy"), "MAE": ranged("mae")}
    columns |= {"MAE by": word("mae_by")}
    columns |= {"spread / real": three("spread"), "p (Holm)": chance("p_holm")}
    about = f"Groups of fewer than {FEWEST} people are masked. p: the group's accuracy against everybody else's."
    return Table.of("subgroups", "All groups", about, frame, columns, every, words=3, folded=True)


def leaks(sources: Sequence[Source]) -> Table:
    """How many held-out items the profile gives away, by the kind of leak."""
    frame = joined(sources, "leaks")
    kinds = [*LEAKED, *FLAGS]
    counts = frame.groupby(["run", "leak"])["item"].count().unstack(fill_value=0).reindex(columns=kinds, fill_value=0)
    counts.insert(0, "held_out", frame.groupby("run")["item"].count())
    table = counts.reset_index()
    columns: dict[str, Cell] = {"held-out items": count("held_out")}
    columns |= {kind: count(kind) for kind in kinds}
    about = "Tied by the questionnaire or determined by a known item: leaked. Soft ties and look-alike wording: flags."
    first = of_run(table)
    title = "Items that the profile gives away"
    return Table.of("leaks_counted", title, about, table, first | columns, words=len(first))


def leaked(sources: Sequence[Source]) -> Table:
    """Which items the profile gives away, and by which known item."""
    frame = joined(sources, "leaks")
    every = frame[frame["leak"].isin(LEAKED)]
    columns: dict[str, Cell] = {"item": word("item"), "fold": count("fold"), "leak": word("leak")}
    columns |= {"given away by": word("by"), "entropy left": three("left")}
    return Table.of("leaks", "Leaked items", "Every item is in the files.", frame, columns, every, folded=True)
