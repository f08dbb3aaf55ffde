"""The tables of a study: ablations beside the paper's, and the curve by size of profile."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from evals.render.formatting import DASH, format_figure, number_or_none
from evals.render.labels import line_title
from evals.render.published_figures import ablation_figures, is_same_model
from evals.render.table import (
    Cell,
    Column,
    Line,
    Table,
    console_table,
    interval_cell,
    records,
    word_column,
)
from survey.folds import SIZES

ABLATIONS = {"full": "ValueSim", "no_story": "without story", "no_cab": "without CAB"}
"""The variants that the paper's Tables 2 and 4 have."""


def describe_ablations(standing: pd.DataFrame, as_in_paper: bool) -> Table:
    """Accuracy and MAE by model, as the paper's Tables 2 and 4.

    `as_in_paper`: the setting is the paper's, so that its figures may stand beside.
    """
    every = standing[(standing["scope"] == "all") & (standing["graph"] == "valuesim")]
    models = list(dict.fromkeys(every["model"]))
    return console_table(
        "Ablations as in the paper's Tables 2 and 4 (accuracy, MAE)",
        rows=list(_ablation_rows(every, models, as_in_paper)),
        columns=[word_column("", "title", fold=False), *map(_model_column, models)],
    )


def _ablation_rows(every: pd.DataFrame, models: Sequence[str], as_in_paper: bool) -> Iterator[Line]:
    """A row for each variant, followed by the paper's where it prints one for a model."""
    for variant, title in ABLATIONS.items():
        lines = every[every["variant"] == variant].set_index("model")
        figures = {model: _figure_pair(lines.loc[model].to_dict()) for model in models}
        yield {"title": title, "figures": figures}
        printed = _printed_figures(variant, models) if as_in_paper else {}
        if printed:
            yield {"title": "  paper", "figures": printed, "style": "dim"}


def _printed_figures(variant: str, models: Sequence[str]) -> dict[str, str]:
    """What the paper prints for a variant, by those of the models that it has."""
    method = "valuesim" if variant == "full" else variant
    found: dict[str, str] = {}
    for row in ablation_figures():
        for model in models:
            if row["method"] == method and is_same_model(row["model"], model):
                found.setdefault(model, _figure_pair(row))
    return found


def _figure_pair(line: Line) -> str:
    """Accuracy and MAE side by side."""
    return "  ".join(format_figure(number_or_none(line[name])) for name in ("accuracy", "mae"))


def _model_column(model: str) -> Column:
    """The figures of one model."""
    return Column(model, lambda row: Cell(row["figures"].get(model, DASH)))


def describe_size_curve(standing: pd.DataFrame) -> Table:
    """Accuracy and MAE by size of profile, of graphs and of references at that size."""
    every = standing[(standing["scope"] == "all") & standing["variant"].str.startswith("profile_")]
    methods = dict.fromkeys(every[["model", "graph"]].itertuples(index=False, name=None))
    rows: dict[str, Any] = {f"profile_{size}": {"size": size} for size in SIZES}
    for line in records(every):
        if line["variant"] in rows:
            rows[line["variant"]][line["model"], line["graph"]] = line
    columns = [word_column("items", "size", fold=False)]
    for model, graph in methods:
        title = line_title({"model": model, "graph": graph, "variant": "full"}, every)
        columns.append(_curve_column(title, (model, graph)))
    return console_table(
        "By size of profile: accuracy, MAE of one code each (with 95 % intervals)",
        rows=list(rows.values()),
        columns=columns,
    )


def _curve_column(title: str, method: tuple[str, str]) -> Column:
    """The figures of one method, its MAE below its accuracy."""

    def cell(row: Line) -> Cell:
        line = row.get(method)
        if line is None:
            return Cell(DASH)
        mae = interval_cell(line, "mae_code")
        return replace(interval_cell(line, "accuracy"), below=mae)

    return Column(title, cell)
