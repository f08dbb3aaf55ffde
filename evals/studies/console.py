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
from evals.render.study import describe_ablations, describe_size_curve
from evals.studies.results import StudyResults


def print_study(
    results: StudyResults, tables: AnalysisTables, findings: Sequence[str], folder: Path
) -> None:
    """Print the tables and findings of a study, and where its files are."""
    console = terminal()
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
