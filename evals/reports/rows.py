"""The answers that models gave, read again from `predictions.csv`, with what each is worth."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from baselines.method import Row
from evals.analysis.frame import CASE, METHOD, score_frame
from evals.harness.errors import ExperimentError
from evals.harness.method_names import LLM_GRAPHS
from evals.harness.predictions_csv import PREDICTION_COLUMNS
from evals.metrics import Rule
from evals.reports.sources import ReportSource, RunDirectory
from survey.codebook import Codebook

WHOLE = ("respondent", "fold", "draw")


def read_rows_of_run(run: RunDirectory, codebook: Codebook, rule: Rule) -> pd.DataFrame:
    """The scored rows of the graphs of one run, as `scored` returns them. Raises ExperimentError,
    one line.
    """
    try:
        return score_frame(_rows(run.folder / "predictions.csv", codebook), codebook, rule)
    except (OSError, ValueError, KeyError) as error:
        raise ExperimentError(
            f"{run.folder}: its predictions.csv cannot be read ({error})"
        ) from None


def read_rows_of_source(source: ReportSource, codebook: Codebook) -> pd.DataFrame:
    """The scored rows of all graphs of a source, in the order of its tables.

    A row that several runs share stands once.
    """
    rule: Any = source.rule
    frames = [read_rows_of_run(run, codebook, rule) for run in source.asking]
    every = pd.concat(frames, ignore_index=True) if frames else score_frame((), codebook, rule)
    order: dict[Any, int] = {}
    for name in source.tables["standing"][METHOD].itertuples(index=False, name=None):
        order.setdefault(name, len(order))
    names = every[METHOD].itertuples(index=False, name=None)
    positions = [order.get(name, len(order)) for name in names]
    every = every.iloc[np.argsort(positions, kind="stable")]
    return every.drop_duplicates([*METHOD, *CASE], ignore_index=True)


def _rows(path: Path, codebook: Codebook) -> Iterator[Row]:
    """The rows of the graphs, of items that the codebook has."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame = frame.loc[
        frame["graph"].isin(LLM_GRAPHS) & frame["item"].isin(codebook.items),
        list(PREDICTION_COLUMNS),
    ]
    for line in frame.to_dict("records"):
        yield _row({str(name): text for name, text in line.items()})


def _row(cells: dict[str, str]) -> Row:
    """The row of one line of the file. Raises ValueError or KeyError."""
    values: dict[str, Any] = dict(cells)
    for name in WHOLE:
        values[name] = int(cells[name])
    for name in ("truth", "predicted"):
        values[name] = int(cells[name]) if cells[name] else None
    values["probabilities"] = {}
    for code, share in json.loads(cells["probabilities"] or "{}").items():
        values["probabilities"][int(code)] = share
    values["readable"] = cells["readable"] == "True"
    return Row(**values)
