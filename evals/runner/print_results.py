"""Prints the tables of a run, what it used, and where its files are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.analysis.tables import AnalysisTables
from evals.costs.prices import Tokens, tariff_of
from evals.harness.plan import Plan
from evals.metrics import OVERALL
from evals.render.analysis import print_analysis
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
from evals.render.published_figures import paper_figures_of
from evals.render.scores import MethodLine, print_scores
from evals.runner.failures import FailedCalls
from evals.runner.run_result import RunResult
from evals.runner.scores import ridges_of
from evals.runner.unread import UnreadReplies, print_unread

PAPER_ROWS = 97_220
"""People in the pooled file, from which the paper drew."""


@dataclass(frozen=True)
class RunFigures:
    """The figures of a run that do not depend on its tables; `lines` are those of its scores."""

    failures: FailedCalls
    unread: Sequence[UnreadReplies]
    used: dict[str, Tokens]
    scores: dict[str, Any]
    lines: Sequence[MethodLine]


def print_tables(
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
    dimensions = [*plan.codebook.asked_dimensions, OVERALL]
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


def print_counts(plan: Plan, result: RunResult, figures: RunFigures) -> None:
    """Print what the run used, the prompts that were cut and the replies that were not read."""
    came_back = result.answers.loc[result.answers["error"] == "", "graph"].astype(str)
    print_usage(figures.used, tariff_of(plan.experiment), Counter(came_back))
    print_cut(terminal(), result.cut)
    print_unread(terminal(), figures.unread)


def print_end(directory: Path, failures: FailedCalls) -> None:
    """Print which calls failed, and where everything is."""
    console = terminal()
    if failures.total:
        what = f"calls failed ({failures.summary})"
        print_incomplete(console, what, "--retry-failed asks those alone again", failures.lines())
    print_written(console, directory)
