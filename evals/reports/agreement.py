"""How often the perspectives agree, and how often they are right when they do."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from evals.analysis.frame import METHOD
from evals.analysis.inference import estimate_mean
from evals.render.table import (
    Table,
    count_column,
    interval_column,
    method_column,
    records,
    word_column,
)

KINDS = {
    "unanimous": "all that were read agree",
    "coordinator": "the coordinator decided",
    "single": "one alone could be read",
    "": "none could be read",
}
"""How an answer of valuesim comes about."""
ALIKE = {"direct", "average"}
"""Where all answers of a variant come about alike, and the perspectives cannot disagree."""
FIGURES = [f"{name}{end}" for name in ("share", "accuracy") for end in ("", "_low", "_high")]


def agreement_table(rows: pd.DataFrame) -> pd.DataFrame:
    """One line a method and way in which answers came about, of valuesim: how often, and how often
    right.

    `rows`: scored rows with their `run`. Columns: `run`, those of `METHOD`, `decided_by`,
    `meaning`, `answers`; `share` of the answers that count and `accuracy` among them, means over
    respondents with their 95 % intervals.
    """
    return pd.DataFrame(
        _lines(rows), columns=["run", *METHOD, "decided_by", "meaning", "answers", *FIGURES]
    )


def _lines(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The lines of that table."""
    counted = rows[rows["accuracy"].notna() & (rows["graph"] == "valuesim")]
    for name, own in counted.groupby(["run", *METHOD], sort=False):
        if own["decided_by"].isin(ALIKE).any() or "always" in str(name[-1]).split("+"):
            continue
        for kind, meaning in KINDS.items():
            here = own["decided_by"] == kind
            if not here.any():
                continue
            line: dict[str, Any] = dict(zip(["run", *METHOD], name, strict=True))
            line |= {"decided_by": kind, "meaning": meaning, "answers": int(here.sum())}
            share, right = (
                estimate_mean(own.assign(accuracy=here.astype(float)), "accuracy"),
                estimate_mean(own[here], "accuracy"),
            )
            for title, found in (("share", share), ("accuracy", right)):
                line |= {title: found.value, f"{title}_low": found.low, f"{title}_high": found.high}
            yield line


def describe_agreement(frame: pd.DataFrame) -> Table:
    """The table of the report; `frame` as `agreement_table` returns it."""
    return Table(
        name="agreement",
        title="Agreement of the perspectives",
        about="Of ValueSim's answers; means over respondents, with 95 % intervals.",
        frame=frame,
        rows=records(frame),
        columns=[
            method_column(frame),
            word_column("how the answer came about", "meaning"),
            count_column("answers", "answers"),
            interval_column("how often", "share"),
            interval_column("how often right", "accuracy"),
        ],
        words=2,
    )
