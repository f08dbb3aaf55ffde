"""Writes the files of a run from its rows."""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from evals.analysis.frame import order_by_method, score_frame
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables, make_run_tables
from evals.costs.prices import tariff_of
from evals.costs.spending import usage_record
from evals.formats import METRICS, PREDICTIONS, PREDICTIONS_PARQUET
from evals.harness.plan import Plan
from evals.harness.predictions_csv import write_answers_csv, write_answers_parquet
from evals.metrics import Rule
from evals.render.analysis_files import write_analysis
from evals.render.console import terminal
from evals.render.findings import find_findings
from evals.render.overview import print_overview
from evals.runner.failures import FailedCalls
from evals.runner.overview import run_overview
from evals.runner.print_results import RunFigures, print_counts, print_end, print_tables
from evals.runner.run_result import RunResult
from evals.runner.scores import ridge_record, ridges_of, score_methods
from evals.runner.tally import EarlyEnd
from evals.runner.unread import count_unread, record_unread
from evals.store.budget import EMBEDDINGS
from graph.llm.offline import NOTICE


def write_predictions(directory: Path, answers: pd.DataFrame) -> None:
    """Write `predictions.csv` and `predictions.parquet`."""
    write_answers_csv(directory / PREDICTIONS, answers)
    write_answers_parquet(directory / PREDICTIONS_PARQUET, answers)


def write_results(plan: Plan, directory: Path, result: RunResult) -> int:
    """Write predictions, metrics and tables, print what `tables` of the experiment says, and return
    how many calls failed.

    What cannot be worked out is left out, and `metrics.json` says why. A run that ended early
    prints nothing.
    """
    write_predictions(directory, result.answers)
    headline: Rule = "paper_tables" if plan.experiment.is_paper else "strict"
    skipped = SkippedTables()
    figures = _work_out_figures(plan, result, headline, skipped)
    content = _metrics(plan, result, figures)
    make_tables = partial(_work_out_tables, plan, result, headline)
    tables, findings = write_analysis(
        directory / METRICS, content, make_tables, find_findings, skipped
    )
    if not result.early and plan.experiment.tables == "short":
        overview = run_overview(plan, result, tables, figures.lines, figures.unread, directory)
        print_overview(terminal(), overview)
    elif not result.early:
        print_tables(plan, result, figures, headline, tables, findings)
        print_counts(plan, result, figures)
        print_end(directory, figures.failures)
    return figures.failures.total


def _work_out_figures(
    plan: Plan, result: RunResult, headline: Rule, skipped: SkippedTables
) -> RunFigures:
    """Count failed calls, unread replies and tokens, and score the methods."""
    failures = FailedCalls.of_answers(result.answers)
    unread = count_unread(result.answers)
    scores, lines = skipped.attempt(
        "scores",
        lambda: score_methods(result.methods, result.answers, plan.codebook, headline),
        lambda: ({}, []),
    )
    used = dict(result.used)
    if plan.experiment.embeddings_at[0] == "offline":
        used.pop(EMBEDDINGS, None)
    return RunFigures(failures, unread, used, scores, lines)


def _metrics(plan: Plan, result: RunResult, figures: RunFigures) -> dict[str, Any]:
    """Return what `metrics.json` keeps, but for what the tables say."""
    content: dict[str, Any] = {"notice": NOTICE} if plan.experiment.offline else {}
    content["complete"] = not figures.failures.total and not result.early
    content |= _partial_record(result.early)
    content["truncated_prompts"] = result.cut.calls if result.cut else 0
    content |= figures.failures.record()
    content["unread"] = record_unread(figures.unread)
    content |= usage_record(figures.used, tariff_of(plan.experiment))
    content["scores"] = figures.scores
    return content | ridge_record(ridges_of(result.methods))


def _partial_record(early: EarlyEnd | None) -> dict[str, Any]:
    """Return what `metrics.json` says of a run that ended early: why, and its answers so far."""
    if early is None:
        return {}
    return {"partial": early.why, "answers": early.tally.answers, "answers_of": early.tally.total}


def _work_out_tables(
    plan: Plan, result: RunResult, headline: Rule, skipped: SkippedTables
) -> AnalysisTables:
    """Work out all tables, with their methods in the order shown."""
    order = {(method.graph, method.variant): place for place, method in enumerate(result.methods)}
    answers = order_by_method(result.answers, ["graph", "variant"], order)
    return make_run_tables(plan, score_frame(answers, plan.codebook, headline), skipped=skipped)
