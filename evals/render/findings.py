"""What the tables say that a reader should not overlook, a sentence each."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from evals.analysis.inference import ALPHA
from evals.analysis.ladder import BOTTOM
from evals.analysis.tables import AnalysisTables
from evals.harness.experiment import REFERENCES
from evals.render.analysis_console import interval_text, line_title, number_or_none
from evals.render.console import TITLES, format_figure

COLLAPSED = 0.9
"""Spread below this share of the real one, with all of its interval, is called a collapse."""


FEWEST = 10
"""Of fewer people nothing is said."""


def find_findings(tables: AnalysisTables) -> list[str]:
    """Leaks found in the data, methods of no use, collapsed spread, and groups simulated worse than
    others.

    What has a test is said only where the corrected test and the interval say the same, and nothing
    of fewer than ten people: that they are too few is then said once.
    """
    return [
        *_determined(tables.leaks),
        *_useless(tables),
        *_collapsed(tables),
        *_gaps(tables),
        *_too_few(tables),
    ]


def _too_few(tables: AnalysisTables) -> Iterator[str]:
    """That people are too few, where there would be something to ask of a method that is no
    reference.
    """
    every = tables.standing
    asked = every[(every["scope"] == "all") & ~every["graph"].isin(REFERENCES)]
    few = [int(people) for people in asked["people"] if 0 < people < FEWEST]
    if few:
        counted = f"{max(few)} person" if max(few) == 1 else f"{max(few)} people"
        yield f"Too few people to say more about methods: {counted}, and findings need {FEWEST}."


def _verdict(line: dict[Any, Any]) -> int | None:
    """1 for a difference above 0, -1 below, 0 for one not told from 0; None where test and interval
    do not agree.

    None of too few people, either.
    """
    low, high, p = (number_or_none(line[name]) for name in ("low", "high", "p_holm"))
    if low is None or high is None or p is None or line["people"] < FEWEST:
        return None
    side = 1 if low > 0 else -1 if high < 0 else 0
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
    against = every[
        (every["scope"] == "all") & (every["measure"] == "accuracy") & (every["against"] == BOTTOM)
    ]
    for line in against.to_dict("records"):
        found = _verdict(line)
        if found == -1:
            yield (
                f"{line_title(line, every)} is worse than the {TITLES[BOTTOM]}, by "
                f"{format_figure(-line['difference'])}."
            )
        elif found == 0:
            yield f"{line_title(line, every)} is not shown to be better than the {TITLES[BOTTOM]}."


def find_unmoved(tables: AnalysisTables) -> Iterator[str]:
    """Methods that do as well with another person's profile, or with none."""
    every = tables.comparisons
    for line in every[(every["scope"] == "all") & (every["measure"] == "accuracy")].to_dict(
        "records"
    ):
        control = {"shuffled", "blank"} & set(line["variant"].split("+"))
        if control and _verdict(line) in (0, 1):
            profile = "another person's profile" if "shuffled" in control else "no profile"
            yield (
                f"{line_title(line, every)} is not shown to be worse with {profile} than with the "
                f"person's own."
            )


def _collapsed(tables: AnalysisTables) -> Iterator[str]:
    """Methods whose people are too much alike."""
    for line in _plain(tables.variety).to_dict("records"):
        high = number_or_none(line["sd_ratio_high"])
        enough = line["graph"] not in REFERENCES and line["people"] >= FEWEST
        if enough and high is not None and high < COLLAPSED:
            ratio = f"{format_figure(line['sd_ratio'])} {interval_text(line['sd_ratio_low'], high)}"
            yield (
                f"{line_title(line, tables.variety)} gives answers that vary too little: {ratio} "
                f"of the real spread."
            )


def _gaps(tables: AnalysisTables) -> Iterator[str]:
    """Groups that differ in accuracy, beyond chance."""
    for line in _plain(tables.gaps).to_dict("records"):
        p, least = number_or_none(line["p_holm"]), number_or_none(line["gap_low"])
        told = p is not None and p < ALPHA and least is not None and least > 0
        if told and line["graph"] not in REFERENCES:
            high, low = (f"{line['by']} {line[group]}" for group in ("high_group", "low_group"))
            yield (
                f"{line_title(line, tables.gaps)} is {format_figure(line['gap'])} more accurate "
                f"for {high} than for {low}."
            )


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """The lines of all items, not weighted."""
    return table[(table["scope"] == "all") & ~table["weighted"]]
