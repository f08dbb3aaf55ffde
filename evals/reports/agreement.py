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
"""How all answers of a variant come about whose perspectives cannot disagree."""
COLUMNS = ["run", *METHOD, "decided_by", "meaning", "answers", "share", "share_low", "share_high"]
COLUMNS += ["accuracy", "accuracy_low", "accuracy_high"]


def agreement_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Work out how often valuesim's answers come about in each way, and how often they are right.

    `rows`: scored rows with their `run`. One line for each method and way; columns: `run`, those of
    `METHOD`, `decided_by`, `meaning`, `answers`; `share` of the answers that count and `accuracy`
    among them, means over respondents with their 95 % intervals.
    """
    lines: list[dict[str, Any]] = []
    counted = rows[rows["accuracy"].notna() & (rows["graph"] == "valuesim")]
    for name, own in counted.groupby(["run", *METHOD], sort=False):
        always_asked = "always" in str(name[-1]).split("+")
        if not always_asked and not own["decided_by"].isin(ALIKE).any():
            named = dict(zip(["run", *METHOD], name, strict=True))
            lines += [named | line for line in _method_lines(own)]
    return pd.DataFrame(lines, columns=COLUMNS)


def _method_lines(own: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The lines of one method, without its name; `own`: its rows."""
    for kind, meaning in KINDS.items():
        here = own["decided_by"] == kind
        if not here.any():
            continue
        share = estimate_mean(own.assign(accuracy=here.astype(float)), "accuracy")
        accuracy = estimate_mean(own[here], "accuracy")
        yield {
            "decided_by": kind,
            "meaning": meaning,
            "answers": int(here.sum()),
            "share": share.value,
            "share_low": share.low,
            "share_high": share.high,
            "accuracy": accuracy.value,
            "accuracy_low": accuracy.low,
            "accuracy_high": accuracy.high,
        }


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
