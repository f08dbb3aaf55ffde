"""What the tables say that a reader should not overlook, a sentence each."""

from collections.abc import Iterator

import pandas as pd

from evals.analysis.inference import ALPHA
from evals.analysis.shown import bracket, number, titled
from evals.analysis.standing import BOTTOM
from evals.analysis.tables import Tables
from evals.experiment import REFERENCES
from evals.table import TITLES, figure

COLLAPSED = 0.9
"""Spread below this share of the real one, with all of its interval, is called a collapse."""


def findings(tables: Tables) -> list[str]:
    """Leaks found in the data, methods of no use, collapsed spread, and groups simulated worse than others."""
    return [*_determined(tables.leaks), *_useless(tables), *_collapsed(tables), *_gaps(tables)]


def _determined(leaks: pd.DataFrame) -> Iterator[str]:
    """Items that a known item nearly determines."""
    found = leaks[leaks["leak"] == "determined"]
    if len(found):
        named = ", ".join(f"{line.item} by {line.by}" for line in found.itertuples())
        yield f"Nearly determined by an item of the profile ({len(found)}): {named}."


def _useless(tables: Tables) -> Iterator[str]:
    """Methods that are not shown to be better than the most frequent answer of the country."""
    every = tables.comparisons
    against = every[(every["scope"] == "all") & (every["measure"] == "accuracy") & (every["against"] == BOTTOM)]
    for line in against.to_dict("records"):
        high, p = number(line["high"]), number(line["p_holm"])
        if p is None or high is None:
            continue
        if high < 0:
            yield f"{titled(line, every)} is worse than the {TITLES[BOTTOM]}, by {figure(-line['difference'])}."
        elif not (p < ALPHA and line["difference"] > 0):
            yield f"{titled(line, every)} is not shown to be better than the {TITLES[BOTTOM]}."


def unmoved(tables: Tables) -> Iterator[str]:
    """Methods that do as well with another person's profile, or with none."""
    every = tables.comparisons
    for line in every[(every["scope"] == "all") & (every["measure"] == "accuracy")].to_dict("records"):
        p, control = number(line["p_holm"]), {"shuffled", "blank"} & set(line["variant"].split("+"))
        if control and p is not None and not (p < ALPHA and line["difference"] < 0):
            profile = "another person's profile" if "shuffled" in control else "no profile"
            yield f"{titled(line, every)} is not shown to be worse with {profile} than with the person's own."


def _collapsed(tables: Tables) -> Iterator[str]:
    """Methods whose people are too much alike."""
    for line in _plain(tables.variety).to_dict("records"):
        high = number(line["sd_ratio_high"])
        if line["graph"] not in REFERENCES and high is not None and high < COLLAPSED:
            ratio = f"{figure(line['sd_ratio'])} {bracket(line['sd_ratio_low'], high)}"
            yield f"{titled(line, tables.variety)} gives answers that vary too little: {ratio} of the real spread."


def _gaps(tables: Tables) -> Iterator[str]:
    """Groups that differ in accuracy, beyond chance."""
    for line in _plain(tables.gaps).to_dict("records"):
        p = number(line["p_holm"])
        if line["graph"] not in REFERENCES and p is not None and p < ALPHA:
            high, low = (f"{line['by']} {line[group]}" for group in ("high_group", "low_group"))
            yield f"{titled(line, tables.gaps)} is {figure(line['gap'])} more accurate for {high} than for {low}."


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """The lines of all items, not weighted."""
    return table[(table["scope"] == "all") & ~table["weighted"]]
