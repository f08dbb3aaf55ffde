"""Scores by dimension, the paper's figures beside them, and what stands behind the figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from evals.analysis.frame import METHOD
from evals.harness.experiment import REFERENCES
from evals.metrics import OVERALL
from evals.render.analysis_console import number_or_none
from evals.render.console import (
    SHORT,
    format_figure,
    is_same_model,
    paper_figures,
    paper_figures_of,
)
from evals.render.table import Table, count_cell, method_title, three_decimals
from evals.reports.sources import ReportSource
from evals.reports.tables import join_sources


def scores_frame(sources: Sequence[ReportSource]) -> pd.DataFrame:
    """Scores by method, rule and dimension, the paper's figures beside those that were got in its
    setting.
    """
    frame = join_sources(sources, "scores")
    frame = frame.iloc[frame["graph"].isin(REFERENCES).argsort(kind="stable")].reset_index(
        drop=True
    )
    printed: dict[tuple[Any, ...], Mapping[str, float]] = {}
    for source in sources:
        for run in source.asking if source.as_in_paper else ():
            for key, cell in _printed(run.experiment.model, run.experiment.is_paper).items():
                printed[(source.name, *key)] = cell
    beside = [
        printed.get(
            (line["run"], line["model"], line["graph"], line["variant"], line["dimension"]), {}
        )
        if line["rule"] == "paper_tables"
        else {}
        for line in frame.to_dict("records")
    ]
    for measure in ("accuracy", "mae"):
        frame[f"paper_{measure}"] = [cell.get(measure, float("nan")) for cell in beside]
    return frame


def _printed(model: str, whole: bool) -> dict[tuple[str, str, str, str], Mapping[str, float]]:
    """What the paper prints for a model, by model, graph, variant and dimension."""
    found: dict[tuple[str, str, str, str], Mapping[str, float]] = {}
    for row in paper_figures():
        if row["tables"] == "2 and 4" and is_same_model(row["model"], model):
            variant = "full" if row["method"] == "valuesim" else row["method"]
            cell = {"accuracy": float(row["accuracy"]), "mae": float(row["mae"])}
            found[model, "valuesim", variant, OVERALL] = cell
    for method, cells in paper_figures_of(model).items() if whole else ():
        for dimension, cell in cells.items():
            asks = method not in REFERENCES
            found[model if asks else "", method, "full" if asks else "paper", dimension] = cell
    return found


def dimension_table(sources: Sequence[ReportSource], measure: str) -> Table:
    """One measure by method and dimension, the paper's figures on the line below where they may
    stand.
    """
    frame = scores_frame(sources)
    rule = {source.name: source.rule for source in sources}
    own = frame[frame["rule"] == frame["run"].map(rule)]
    dimensions = [name for name in SHORT if name in set(own["dimension"])]
    title, lines = method_title(own), []
    for _, cells in own.groupby(["run", *METHOD], sort=False):
        of = cells.set_index("dimension")
        for column, name in (
            (measure, title(cells.iloc[0].to_dict())),
            (f"paper_{measure}", "paper"),
        ):
            if column == measure or of[column].notna().any():
                values = [of[column].get(dimension) for dimension in dimensions]
                told = ["-" if pd.isna(value) else format_figure(float(value)) for value in values]
                lines.append([name, *told, *(_by(of, column) if measure == "mae" else ())])
    head = ["method", *(dimension.replace("_", " ") for dimension in dimensions)]
    head += ["by", "overall, one code"] if measure == "mae" else []
    about = f"By rule {' and '.join(dict.fromkeys(rule.values()))}: " + (
        "the share of answers as given."
        if measure == "accuracy"
        else "0 as given, 1 across the scale; by the code said, the median of shares, or in "
        "expectation."
    )
    if own["paper_accuracy"].notna().any():
        about += (
            " Lines 'paper' hold what the paper prints for this model; the people are its own only "
            "in its file."
        )
    named_so = "Accuracy" if measure == "accuracy" else "MAE"
    other = {
        "accuracy": ["mae", "mae_valid", "mae_code", "mae_by", "paper_mae"],
        "mae": ["accuracy", "paper_accuracy"],
    }[measure]
    return Table(
        f"scores_{measure}",
        f"{named_so} by dimension",
        about,
        frame.drop(columns=other, errors="ignore"),
        head,
        lines,
    )


def _by(of: pd.DataFrame, column: str) -> list[str]:
    """What the MAE of a method is of, and its MAE where it is held to one code; nothing of the
    paper's figures.
    """
    if column != "mae" or OVERALL not in of.index:
        return ["", ""]
    overall: dict[Any, Any] = of.loc[OVERALL].to_dict()
    return [str(overall.get("mae_by", "")), format_figure(number_or_none(overall.get("mae_code")))]


def counts_table(sources: Sequence[ReportSource], rows: pd.DataFrame) -> Table:
    """What stands behind the figures."""
    frame = join_sources(sources, "scores")
    rule = frame["run"].map({source.name: source.rule for source in sources})
    frame = frame[(frame["rule"] == rule) & (frame["dimension"] == OVERALL)].drop(
        columns=["accuracy", "mae", "mae_valid", "mae_code", "mae_by"], errors="ignore"
    )
    marks = rows.assign(
        failed=rows["error"] != "", unread=~rows["readable"].astype(bool) & (rows["error"] == "")
    )
    tally = marks.groupby(["run", *METHOD])[["unread", "failed"]].sum()
    keys = pd.MultiIndex.from_frame(frame[["run", *METHOD]])
    for name in ("unread", "failed"):
        frame[name] = tally[name].reindex(keys, fill_value=0).to_numpy(int)
    names = {
        "people": "respondents",
        "items": "items",
        "answers": "rows",
        "unread": "unread",
        "failed": "failed",
    }
    columns = {"method": method_title(frame)} | {
        title: count_cell(name) for title, name in names.items()
    }
    columns |= {"readable": three_decimals("readable")}
    about = "Unread replies count as wrong answers; failed calls are not scored."
    return Table.of("counts", "What stands behind the figures", about, frame, columns)
