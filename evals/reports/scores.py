"""Scores by dimension, the paper's figures beside them, and what stands behind the figures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from evals.analysis.frame import METHOD
from evals.harness.method_names import REFERENCES
from evals.metrics import OVERALL
from evals.render.labels import method_title, order_dimensions
from evals.render.published_figures import ablation_figures, is_same_model, paper_figures_of
from evals.render.scores import describe_counts, describe_scores, method_row, paper_row
from evals.render.table import Line, Table, records
from evals.reports.sources import ReportSource
from evals.reports.tables import join_sources

WHAT = {
    "accuracy": "the share of answers as given.",
    "mae": "0 as given, 1 across the scale; by the code said, the median of shares, or in "
    "expectation.",
}
PAPER_LINES = (
    " Lines 'paper' hold what the paper prints for this model; the people are its own only in its "
    "file."
)
SCORES = ["accuracy", "mae", "mae_valid", "mae_code", "mae_by"]
OTHER_COLUMNS = {"accuracy": [*SCORES[1:], "paper_mae"], "mae": ["accuracy", "paper_accuracy"]}
"""What a table of one measure leaves out of its files."""


def scores_frame(sources: Sequence[ReportSource]) -> pd.DataFrame:
    """Scores by method, rule and dimension, beside the paper's where a run has its setting."""
    frame = join_sources(sources, "scores")
    order = frame["graph"].isin(REFERENCES).argsort(kind="stable")
    frame = frame.iloc[order].reset_index(drop=True)
    printed: dict[tuple[Any, ...], Mapping[str, float]] = {}
    for source in sources:
        for run in source.asking if source.as_in_paper else ():
            for key, cell in _printed(run.experiment.model_name, run.experiment.is_paper).items():
                printed[(source.name, *key)] = cell
    keys = ("run", *METHOD, "dimension")
    beside: list[Mapping[str, float]] = []
    for line in records(frame):
        as_printed = line["rule"] == "paper_tables"
        beside.append(printed.get(tuple(line[key] for key in keys), {}) if as_printed else {})
    for measure in ("accuracy", "mae"):
        frame[f"paper_{measure}"] = [cell.get(measure, float("nan")) for cell in beside]
    return frame


def _printed(model: str, whole: bool) -> dict[tuple[str, str, str, str], Mapping[str, float]]:
    """What the paper prints for a model, by model, graph, variant and dimension."""
    found: dict[tuple[str, str, str, str], Mapping[str, float]] = {}
    for row in ablation_figures():
        if is_same_model(row["model"], model):
            variant = "full" if row["method"] == "valuesim" else row["method"]
            cell = {"accuracy": float(row["accuracy"]), "mae": float(row["mae"])}
            found[model, "valuesim", variant, OVERALL] = cell
    for method, cells in paper_figures_of(model).items() if whole else ():
        for dimension, cell in cells.items():
            asks = method not in REFERENCES
            found[model if asks else "", method, "full" if asks else "paper", dimension] = cell
    return found


def dimension_table(sources: Sequence[ReportSource], measure: str) -> Table:
    """One measure by method and dimension, the paper's figures below where they may stand."""
    frame = scores_frame(sources)
    rule = {source.name: source.rule for source in sources}
    own = frame[frame["rule"] == frame["run"].map(rule)]
    rules = " and ".join(dict.fromkeys(rule.values()))
    about = f"By rule {rules}: {WHAT[measure]}"
    if own["paper_accuracy"].notna().any():
        about += PAPER_LINES
    return describe_scores(
        measure,
        rows=list(_score_rows(own, measure)),
        dimensions=order_dimensions(own["dimension"]),
        rule=rules,
        frame=frame.drop(columns=OTHER_COLUMNS[measure], errors="ignore"),
        about=about,
    )


def _score_rows(own: pd.DataFrame, measure: str) -> Iterator[Line]:
    """The rows of one measure; `own`: the scores of each run by the rule of its tables."""
    title = method_title(own)
    for _, cells in own.groupby(["run", *METHOD], sort=False):
        by_dimension = cells.set_index("dimension")
        name = title(cells.iloc[0].to_dict())
        yield method_row(name, by_dimension[measure].to_dict(), **_overall(by_dimension))
        printed = by_dimension[f"paper_{measure}"]
        if printed.notna().any():
            yield paper_row(printed.to_dict())


def _overall(by_dimension: pd.DataFrame) -> dict[str, Any]:
    """What the MAE of a method is of, and its MAE where it is held to one code."""
    if OVERALL not in by_dimension.index:
        return {"one_code": ""}
    overall = by_dimension.loc[OVERALL].to_dict()
    return {"mae_by": str(overall.get("mae_by", "")), "one_code": overall.get("mae_code")}


def counts_table(sources: Sequence[ReportSource], rows: pd.DataFrame) -> Table:
    """What stands behind the figures; `rows`: scored rows with their `run`."""
    frame = join_sources(sources, "scores")
    rule = frame["run"].map({source.name: source.rule for source in sources})
    frame = frame[(frame["rule"] == rule) & (frame["dimension"] == OVERALL)]
    frame = frame.drop(columns=SCORES, errors="ignore")
    failed = rows["error"] != ""
    marks = rows.assign(failed=failed, unread=~rows["readable"].astype(bool) & ~failed)
    tally = marks.groupby(["run", *METHOD])[["unread", "failed"]].sum()
    keys = pd.MultiIndex.from_frame(frame[["run", *METHOD]])
    for name in ("unread", "failed"):
        frame[name] = tally[name].reindex(keys, fill_value=0).to_numpy(int)
    title = method_title(frame)
    return describe_counts([{**line, "title": title(line)} for line in records(frame)], frame)
