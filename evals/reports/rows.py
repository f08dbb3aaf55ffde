"""The answers that models gave, read again from `predictions.csv`, with what each is worth."""

from typing import Any

import numpy as np
import pandas as pd

from baselines.answer_frame import answer_frame
from evals.analysis.frame import CASE, METHOD, score_frame
from evals.formats import PREDICTIONS
from evals.harness.errors import ExperimentError
from evals.harness.method_names import LLM_GRAPHS
from evals.harness.predictions_csv import read_answers_csv
from evals.metrics import Rule
from evals.reports.sources import ReportSource, RunDirectory
from survey.codebook import Codebook


def read_rows_of_run(run: RunDirectory, codebook: Codebook, rule: Rule) -> pd.DataFrame:
    """The scored rows of the graphs of one run, as `scored` returns them. Raises ExperimentError,
    one line.
    """
    try:
        answers = read_answers_csv(run.folder / PREDICTIONS)
        shown = answers["graph"].isin(LLM_GRAPHS) & answers["item"].isin(list(codebook.items))
        return score_frame(answers[shown].reset_index(drop=True), codebook, rule)
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
    every = (
        pd.concat(frames, ignore_index=True)
        if frames
        else score_frame(answer_frame(()), codebook, rule)
    )
    order: dict[Any, int] = {}
    for name in source.tables["standing"][METHOD].itertuples(index=False, name=None):
        order.setdefault(name, len(order))
    names = every[METHOD].itertuples(index=False, name=None)
    positions = [order.get(name, len(order)) for name in names]
    every = every.iloc[np.argsort(positions, kind="stable")]
    return every.drop_duplicates([*METHOD, *CASE], ignore_index=True)
