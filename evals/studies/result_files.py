"""Writes the files of a study: scores, tables, and `study.json` with what a reader should know."""

from pathlib import Path
from typing import Any

from rich.console import Console

from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables
from evals.formats import write_csv
from evals.harness.plan import Plan
from evals.render.analysis_files import write_analysis
from evals.render.console import print_cut
from evals.render.findings import find_findings, find_unmoved
from evals.runner.identity import directory_of_run
from evals.runner.results import write_predictions
from evals.runner.run_result import RunResult
from evals.runner.scores import ridge_record
from evals.studies.results import SCORE_COLUMNS, StudyResults
from graph.llm.offline import NOTICE


def take_result(results: StudyResults, console: Console, plan: Plan, result: RunResult) -> None:
    """Write the predictions of one experiment that has ended, and add it to the results."""
    write_predictions(directory_of_run(plan), result.answers)
    results.add(plan, result)
    print_cut(console, result.cut)


def write_study(
    results: StudyResults, folder: Path, early: str = ""
) -> tuple[AnalysisTables, list[str]]:
    """Write the scores of a study by dimension, its tables and findings; return the last two.

    `early`: why the study ended before all its experiments were asked, "" if it did not.
    """
    skipped = SkippedTables()
    scores: list[list[Any]] = skipped.attempt("scores", results.scores, list)
    write_csv(folder / "scores.csv", SCORE_COLUMNS, map(_blank_missing, scores))
    content: dict[str, Any] = {"notice": NOTICE} if results.base.offline else {}
    content |= {"study": results.name, "complete": not results.failed and not early}
    if early:
        content["partial"] = early
    content |= ridge_record(sorted(results.ridges))
    return write_analysis(folder / "study.json", content, results.tables, find_in_study, skipped)


def _blank_missing(line: list[Any]) -> list[Any]:
    """A line with empty cells in place of None."""
    return ["" if cell is None else cell for cell in line]


def find_in_study(tables: AnalysisTables) -> list[str]:
    """The findings of a run, and methods that do as well without the person's own profile."""
    return [*find_findings(tables), *find_unmoved(tables)]
