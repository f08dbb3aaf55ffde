"""Rows -> the files and tables of a run."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from baselines.gaussian import Ridge
from baselines.method import Method, Row
from evals.analysis.frame import score_frame
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables, make_run_tables
from evals.costs.prices import tariff_of
from evals.costs.spending import usage_record
from evals.formats import write_csv, write_json
from evals.harness.plan import Plan
from evals.harness.predictions_csv import PREDICTION_COLUMNS, prediction_line
from evals.metrics import OVERALL, RULES, Rule, score_table
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
from evals.render.findings import find_findings
from evals.render.paper import paper_figures_of
from evals.render.scores import MethodLine, print_scores
from evals.runner.failures import FailedCalls
from evals.runner.run_result import RunResult
from evals.runner.tally import EarlyEnd
from evals.runner.unread import count_unread, print_unread, record_unread
from evals.store.budget import EMBEDDINGS
from graph.llm.offline import NOTICE
from survey.codebook import Codebook

RIDGE = "ridge_lambda"
PAPER_ROWS = 97_220


def write_predictions(folder: Path, rows: Sequence[Row]) -> None:
    """Write `predictions.csv`."""
    write_csv(folder / "predictions.csv", PREDICTION_COLUMNS, map(prediction_line, rows))


def write_results(plan: Plan, folder: Path, answered: RunResult) -> int:
    """Write predictions, metrics and tables, print the tables, and return how many calls failed."""
    rows = answered.rows
    write_predictions(folder, rows)
    failures = FailedCalls.of((row.error, row.message) for row in rows)
    unread = count_unread(rows)
    headline: Rule = "paper_tables" if plan.experiment.is_paper else "strict"
    skipped = SkippedTables()
    scores, lines = skipped.attempt(
        "scores", lambda: _scores(plan, answered, headline), lambda: ({}, [])
    )
    paid, prices = dict(answered.used), tariff_of(plan.experiment)
    if plan.experiment.embeddings_at[0] == "offline":
        paid.pop(EMBEDDINGS, None)
    notice = {"notice": NOTICE} if plan.experiment.offline else {}
    counts: dict[str, Any] = {
        "truncated_prompts": answered.cut.calls if answered.cut else 0,
        **failures.record(),
    }
    counts["unread"] = record_unread(unread)
    complete = {"complete": not failures.total and not answered.early} | _partial(answered.early)
    content = notice | complete | {**counts, **usage_record(paid, prices), "scores": scores}
    content |= recorded(ridges_of(answered.methods))
    write_json(
        folder / "metrics.json", content
    )  # now: whatever becomes of the tables, the figures are there
    worked_out = skipped.attempt(
        "tables",
        lambda: _tables(plan, answered, headline, skipped),
        partial(AnalysisTables.empty, skipped),
    )
    worked_out.write(folder)
    said: list[str] = skipped.attempt("findings", lambda: find_findings(worked_out), list)
    write_json(
        folder / "metrics.json",
        content | {"findings": said} | worked_out.warned() | skipped.record(),
    )
    if answered.early:
        return failures.total
    _print(plan, lines, headline, worked_out, said, ridges_of(answered.methods))
    print_usage(paid, prices, Counter(row.graph for row in rows if not row.error))
    print_cut(terminal(), answered.cut)
    print_unread(terminal(), unread)
    _print_end(folder, failures)
    return failures.total


def ridges_of(methods: Iterable[Method]) -> list[float]:
    """The penalties that the regressions among some methods use."""
    return sorted(
        {ridge for method in methods if isinstance(method, Ridge) for ridge in method.ridges}
    )


def recorded(ridges: Sequence[float]) -> dict[str, list[float]]:
    """What `metrics.json` keeps of them; nothing where there are none."""
    return {RIDGE: list(ridges)} if ridges else {}


def _tables(
    plan: Plan, answered: RunResult, headline: Rule, skipped: SkippedTables
) -> AnalysisTables:
    """All tables, their methods in the order shown."""
    order = {(method.graph, method.variant): place for place, method in enumerate(answered.methods)}
    shown = sorted(answered.rows, key=lambda row: order.get((row.graph, row.variant), len(order)))
    return make_run_tables(plan, score_frame(shown, plan.codebook, headline), skipped=skipped)


def _partial(early: EarlyEnd | None) -> dict[str, Any]:
    """What `metrics.json` says of a run that ended early: why, and how many answers it has of how
    many.
    """
    if early is None:
        return {}
    return {"partial": early.why, "answers": early.tally.answers, "answers_of": early.tally.total}


def _scores(
    plan: Plan, answered: RunResult, headline: Rule
) -> tuple[dict[str, Any], list[MethodLine]]:
    """The scores of each method by rule and dimension, as `metrics.json` keeps them, and the lines
    to be shown.
    """
    scores: dict[str, Any] = {}
    lines: list[MethodLine] = []
    for method in answered.methods:
        own = [
            row
            for row in answered.rows
            if (row.graph, row.variant) == (method.graph, method.variant)
        ]
        name = method.graph, method.variant, method.uses_others
        scores[f"{method.graph}/{method.variant}"], shown = scores_of(
            own, plan.codebook, headline, name
        )
        lines += shown
    return scores, lines


def scores_of(
    own: Sequence[Row], codebook: Codebook, headline: Rule, name: tuple[str, str, bool]
) -> tuple[dict[str, Any], list[MethodLine]]:
    """The scores of one method by rule and dimension, and its line to be shown; none where no row
    counts.

    `name`: the first fields of a `MethodLine`.
    """
    by_rule = {rule: score_table(own, codebook, rule) for rule in RULES}
    lines = []
    if OVERALL in by_rule[headline]:
        failed = sum(bool(row.error) for row in own)
        unread = sum(
            not row.readable and not row.error for row in own if row.decided_by != "reference"
        )
        lines.append(MethodLine(*name, by_rule[headline], failed, unread))
    return {
        rule: {at: asdict(score) for at, score in found.items()} for rule, found in by_rule.items()
    }, lines


def _print(
    plan: Plan,
    lines: Sequence[MethodLine],
    rule: str,
    worked_out: AnalysisTables,
    said: Sequence[str],
    ridges: Sequence[float],
) -> None:
    """Show the scores, and what follows from them."""
    console = terminal()
    print_offline_banner(console, plan.experiment.offline)
    paper = paper_figures_of(plan.experiment.model) if plan.experiment.is_paper else {}
    print_scores(console, lines, [*plan.codebook.dimensions, OVERALL], rule, paper)
    if paper and len(plan.survey) != PAPER_ROWS:
        console.print(
            "The paper drew other people: its 100 are of the pooled file of 97,220 rows.",
            style="bold",
        )
    console.print()
    print_analysis(console, worked_out)
    print_ridges(console, ridges)
    print_findings(console, [*said, *worked_out.warnings], worked_out.failed)


def _print_end(folder: Path, failures: FailedCalls) -> None:
    """Say what failed, and where everything is."""
    console = terminal()
    if failures.total:
        what = f"calls failed ({failures.summary})"
        print_incomplete(console, what, "--retry-failed asks those alone again", failures.lines())
    print_written(console, folder)
