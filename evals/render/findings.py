"""Findings: what the tables say that a reader should not overlook, a sentence each."""

from collections.abc import Iterator

import pandas as pd

from evals.analysis.inference import ALPHA
from evals.analysis.ladder import ladder_bottom
from evals.analysis.tables import AnalysisTables
from evals.harness.method_names import REFERENCES
from evals.render.formatting import format_figure, format_interval, number_or_none
from evals.render.labels import METHOD_LABELS, line_title
from evals.render.table import Line, records, unweighted_lines

COLLAPSED = 0.9
"""Spread below this share of the real one, with all of its interval, is called a collapse."""
FEWEST_PEOPLE = 10
"""Of fewer people nothing is said."""


def find_findings(tables: AnalysisTables) -> list[str]:
    """Find leaks in the data, useless methods, collapsed spread, and groups simulated worse.

    A tested difference is named only where the corrected test and the interval agree. Of fewer than
    ten people nothing is said but that they are too few.
    """
    return [
        *_determined(tables.leaks),
        *_useless(tables),
        *_collapsed(tables),
        *find_gaps(tables),
        *_too_few(tables),
    ]


def _too_few(tables: AnalysisTables) -> Iterator[str]:
    """Methods other than references that were asked of too few people."""
    every = tables.standing
    asked = every[(every["scope"] == "all") & ~every["graph"].isin(REFERENCES)]
    few = [int(people) for people in asked["people"] if 0 < people < FEWEST_PEOPLE]
    if few:
        counted = f"{max(few)} person" if max(few) == 1 else f"{max(few)} people"
        need = f"findings need {FEWEST_PEOPLE}"
        yield f"Too few people to say more about methods: {counted}, and {need}."


def verdict_of(line: Line) -> int | None:
    """1 for a difference above 0, -1 for one below, 0 for one that is not told from 0.

    None where test and interval do not agree, and for too few people.
    """
    low, high, p = (number_or_none(line[name]) for name in ("low", "high", "p_holm"))
    if low is None or high is None or p is None or line["people"] < FEWEST_PEOPLE:
        return None
    side = int(low > 0) - int(high < 0)
    return side if (p < ALPHA) == (side != 0) else None


def _determined(leaks: pd.DataFrame) -> Iterator[str]:
    """Items that a known item nearly determines."""
    found = leaks[leaks["leak"] == "determined"]
    if len(found):
        named = ", ".join(f"{line.item} by {line.by}" for line in found.itertuples())
        yield f"Nearly determined by an item of the profile ({len(found)}): {named}."


def _useless(tables: AnalysisTables) -> Iterator[str]:
    """Methods that are not shown to be better than the most frequent answer of the country."""
    every = tables.comparisons
    bottom = ladder_bottom(every["against"])
    against = every[
        (every["scope"] == "all") & (every["measure"] == "accuracy") & (every["against"] == bottom)
    ]
    for line in records(against):
        found, title = verdict_of(line), line_title(line, every)
        if found == -1:
            by = format_figure(-line["difference"])
            yield f"{title} is worse than the {METHOD_LABELS[bottom]}, by {by}."
        elif found == 0:
            yield f"{title} is not shown to be better than the {METHOD_LABELS[bottom]}."


def find_unmoved(tables: AnalysisTables) -> Iterator[str]:
    """Methods that do as well with another person's profile, or with none."""
    every = tables.comparisons
    of_accuracy = every[(every["scope"] == "all") & (every["measure"] == "accuracy")]
    for line in records(of_accuracy):
        control = {"shuffled", "blank"} & set(line["variant"].split("+"))
        if control and verdict_of(line) in (0, 1):
            profile = "another person's profile" if "shuffled" in control else "no profile"
            title = line_title(line, every)
            yield f"{title} is not shown to be worse with {profile} than with the person's own."


def _collapsed(tables: AnalysisTables) -> Iterator[str]:
    """Methods whose people are too much alike."""
    for line in collapsed_lines(tables):
        title, ratio = line_title(line, tables.variety), format_figure(line["sd_ratio"])
        interval = format_interval(line["sd_ratio_low"], line["sd_ratio_high"])
        yield f"{title} gives answers that vary too little: {ratio} {interval} of the real spread."


def collapsed_lines(tables: AnalysisTables) -> Iterator[Line]:
    """The lines of `variety` of methods whose people are too much alike; references are none."""
    for line in records(unweighted_lines(tables.variety)):
        high = number_or_none(line["sd_ratio_high"])
        enough = line["graph"] not in REFERENCES and line["people"] >= FEWEST_PEOPLE
        if enough and high is not None and high < COLLAPSED:
            yield line


def find_gaps(tables: AnalysisTables) -> Iterator[str]:
    """Groups that differ in accuracy, beyond chance."""
    for line in records(unweighted_lines(tables.gaps)):
        p, least = number_or_none(line["p_holm"]), number_or_none(line["gap_low"])
        told = p is not None and p < ALPHA and least is not None and least > 0
        if told and line["graph"] not in REFERENCES:
            title, gap = line_title(line, tables.gaps), format_figure(line["gap"])
            high, low = (f"{line['by']} {line[group]}" for group in ("high_group", "low_group"))
            yield f"{title} is {gap} more accurate for {high} than for {low}."
