"""Writes the files of a scoring, and prints its tables: those that a run has."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables
from evals.formats import FOLDS, METRICS, PREDICTIONS, PREDICTIONS_PARQUET, write_json
from evals.harness.predictions_csv import write_answers_csv, write_answers_parquet
from evals.harness.run_settings import Tables
from evals.metrics import OVERALL
from evals.render.analysis import print_analysis
from evals.render.analysis_files import write_analysis
from evals.render.console import (
    print_findings,
    print_offline_banner,
    print_ridges,
    print_written,
    terminal,
)
from evals.render.coverage import coverage_warnings
from evals.render.findings import find_findings
from evals.render.overview import print_overview
from evals.render.scores import MethodLine, print_scores
from evals.runner.scores import ridge_record
from evals.scoring.overview import scoring_overview
from evals.scoring.result import ScoringResult
from graph.llm.offline import NOTICE


def print_people_scored(console: Console, result: ScoringResult) -> None:
    """Print how many people the truth holds and how many are scored, and what its reader noted."""
    people = result.truth.people
    scored = result.answers["respondent"].nunique()
    console.print(
        f"{len(people):,} people in {people.source}; {scored:,} with predictions.",
        soft_wrap=True,
    )
    for note in people.notes:
        console.print(note, style="dim", soft_wrap=True, markup=False)


def write_scores(result: ScoringResult, folder: Path, shown: Tables) -> None:
    """Write predictions, folds, scores, tables and findings to a directory.

    `shown`: whether they are printed in short, or all tables.
    """
    write_answers_csv(folder / PREDICTIONS, result.answers, list(result.truth.ids))
    write_answers_parquet(folder / PREDICTIONS_PARQUET, result.answers, list(result.truth.ids))
    folds = {}
    for fold in result.plan.folds:
        folds[fold.number] = {"held_out": fold.held_out, "known": fold.known}
    write_json(folder / FOLDS, folds)
    skipped = SkippedTables()
    scores, methods = skipped.attempt("scores", result.scores, lambda: ({}, []))
    content: dict[str, Any] = {"notice": NOTICE} if result.offline else {}
    content |= {"rule": result.rule, "notes": list(result.notes), "scores": scores}
    content |= ridge_record(result.ridges)
    tables, findings = write_analysis(
        folder / METRICS, content, result.tables, find_findings, skipped
    )
    if shown == "short":
        print_overview(terminal(), scoring_overview(result, folder, methods, tables))
    else:
        _print(result, folder, methods, tables, findings)


def _print(
    result: ScoringResult,
    folder: Path,
    lines: Sequence[MethodLine],
    tables: AnalysisTables,
    findings: Sequence[str],
) -> None:
    """Print scores, tables and findings, and where the files are."""
    console = terminal()
    print_offline_banner(console, result.offline)
    dimensions = list(result.plan.codebook.asked_dimensions)
    if len(dimensions) < 2:
        dimensions = []
    print_scores(console, lines, [*dimensions, OVERALL], result.rule, {})
    print_analysis(console, tables)
    print_ridges(console, result.ridges)
    print_findings(
        console, [*findings, *result.notes, *coverage_warnings(tables.coverage)], tables.failed
    )
    print_written(console, folder)
