"""Prints the tables and findings of a study."""

from collections.abc import Sequence
from pathlib import Path

from evals.analysis.tables import AnalysisTables
from evals.render.analysis import describe_comparisons, describe_standing
from evals.render.console import (
    print_findings,
    print_incomplete,
    print_offline_banner,
    print_ridges,
    print_table,
    print_written,
    terminal,
)
from evals.render.coverage import coverage_warnings
from evals.render.overview import print_overview
from evals.render.study import describe_ablations, describe_size_curve
from evals.studies.overview import study_overview
from evals.studies.results import StudyResults


def print_study(
    results: StudyResults, tables: AnalysisTables, findings: Sequence[str], folder: Path
) -> None:
    """Print the tables of a study, or what is short of them, its findings, and where all is."""
    console = terminal()
    if results.base.tables == "short":
        print_overview(console, study_overview(results, tables, folder))
        return
    print_offline_banner(console, results.base.offline)
    if results.name == "ablations":
        print_table(console, describe_ablations(tables.standing, results.base.as_in_paper))
        console.print()
    if results.name == "scale":
        print_table(console, describe_size_curve(tables.standing))
        console.print()
    print_table(console, describe_standing(tables.standing))
    console.print()
    print_table(console, describe_comparisons(tables.comparisons))
    print_ridges(console, sorted(results.ridges))
    print_findings(console, [*findings, *coverage_warnings(tables.coverage)], tables.failed)
    if results.failed:
        again = "--retry-failed asks them again"
        print_incomplete(console, f"{results.failed} calls failed", again)
    print_written(console, folder)
