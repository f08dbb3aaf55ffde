"""Writes the files of a run from its rows, and prints its tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from baselines.method import Row
from evals.analysis.frame import score_frame
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables, make_run_tables
from evals.costs.prices import Tokens, tariff_of
from evals.costs.spending import usage_record
from evals.formats import METRICS, PREDICTIONS, write_csv
from evals.harness.plan import Plan
from evals.harness.predictions_csv import PREDICTION_COLUMNS, prediction_line
from evals.metrics import OVERALL, Rule
from evals.render.analysis import print_analysis
from evals.render.analysis_files import write_analysis
from evals.render.console import (
    print_cut,
    print_findings,
    print_incomplete,
    print_offline_banner,
    print_ridges,
    print_written,
    terminal,
)
from evals.render.costs import print_usage
from evals.render.coverage import coverage_warnings
from evals.render.findings import find_findings
from evals.render.paper import paper_figures_of
from evals.render.scores import MethodLine, print_scores
from evals.runner.failures import FailedCalls
from evals.runner.run_result import RunResult
from evals.runner.scores import ridge_record, ridges_of, score_methods
from evals.runner.tally import EarlyEnd
from evals.runner.unread import UnreadReplies, count_unread, print_unread, record_unread
from evals.store.budget import EMBEDDINGS
from graph.llm.offline import NOTICE

PAPER_ROWS = 97_220


@dataclass(frozen=True)
class RunFigures:
    """The figures of a run that do not depend on its tables; `lines` are those of its scores."""

    failures: FailedCalls
    unread: Sequence[UnreadReplies]
    used: dict[str, Tokens]
    scores: dict[str, Any]
    lines: Sequence[MethodLine]


def write_predictions(directory: Path, rows: Sequence[Row]) -> None:
    """Write `predictions.csv`."""
    write_csv(directory / PREDICTIONS, PREDICTION_COLUMNS, map(prediction_line, rows))


def write_results(plan: Plan, directory: Path, result: RunResult) -> int:
    """Write predictions, metrics and tables, print the tables, and return how many calls failed.

    What cannot be worked out is left out, and `metrics.json` says why. A run that ended early
    prints nothing.
    """
    write_predictions(directory, result.rows)
    headline: Rule = "paper_tables" if plan.experiment.is_paper else "strict"
    skipped = SkippedTables()
    figures = _work_out_figures(plan, result, headline, skipped)
    content = _metrics(plan, result, figures)
    make_tables = partial(_work_out_tables, plan, result, headline)
    tables, findings = write_analysis(
        directory / METRICS, content, make_tables, find_findings, skipped
    )
    if not result.early:
        _print_tables(plan, result, figures, headline, tables, findings)
        _print_counts(plan, result, figures)
        _print_end(directory, figures.failures)
    return figures.failures.total


def _work_out_figures(
    plan: Plan, result: RunResult, headline: Rule, skipped: SkippedTables
) -> RunFigures:
    """Count failed calls, unread replies and tokens, and score the methods."""
    failures = FailedCalls.of((row.error, row.message) for row in result.rows)
    unread = count_unread(result.rows)
    scores, lines = skipped.attempt(
        "scores",
        lambda: score_methods(result.methods, result.rows, plan.codebook, headline),
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
    rows = sorted(result.rows, key=lambda row: order.get((row.graph, row.variant), len(order)))
    return make_run_tables(plan, score_frame(rows, plan.codebook, headline), skipped=skipped)


def _print_tables(
    plan: Plan,
    result: RunResult,
    figures: RunFigures,
    headline: str,
    tables: AnalysisTables,
    findings: Sequence[str],
) -> None:
    """Print the scores, the tables and the findings."""
    console = terminal()
    print_offline_banner(console, plan.experiment.offline)
    paper = paper_figures_of(plan.experiment.chat) if plan.experiment.is_paper else {}
    dimensions = [*plan.codebook.dimensions, OVERALL]
    print_scores(console, figures.lines, dimensions, headline, paper)
    if paper and len(plan.survey) != PAPER_ROWS:
        console.print(
            "The paper drew other people: its 100 are of the pooled file of 97,220 rows.",
            style="bold",
        )
    console.print()
    print_analysis(console, tables)
    print_ridges(console, ridges_of(result.methods))
    print_findings(console, [*findings, *coverage_warnings(tables.coverage)], tables.failed)


def _print_counts(plan: Plan, result: RunResult, figures: RunFigures) -> None:
    """Print what the run used, the prompts that were cut and the replies that were not read."""
    answers = Counter(row.graph for row in result.rows if not row.error)
    print_usage(figures.used, tariff_of(plan.experiment), answers)
    print_cut(terminal(), result.cut)
    print_unread(terminal(), figures.unread)


def _print_end(directory: Path, failures: FailedCalls) -> None:
    """Print which calls failed, and where everything is."""
    console = terminal()
    if failures.total:
        what = f"calls failed ({failures.summary})"
        print_incomplete(console, what, "--retry-failed asks those alone again", failures.lines())
    print_written(console, directory)
