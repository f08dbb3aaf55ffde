"""Rows -> the files and tables of a run."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from baselines.gaussian import Ridge
from baselines.method import Method, Row
from evals.analysis.attempts import Attempts
from evals.analysis.findings import findings
from evals.analysis.scored import scored
from evals.analysis.shown import show_ridges, show_sentences, show_tables
from evals.analysis.tables import Tables, of_run
from evals.conduct import Answered
from evals.costs.prices import tariff
from evals.costs.spending import print_usage, record
from evals.failures import Failures
from evals.folder import PREDICTION_COLUMNS, prediction, write_csv, write_json
from evals.harness import Plan
from evals.metrics import OVERALL, RULES, Rule, table
from evals.table import Line, paper_of, print_cut, show, terminal
from evals.tally import Early
from evals.unread import print_unread, record_unread, unread_of
from graph.gate import EMBEDDINGS
from graph.offline import NOTICE
from survey.codebook import Codebook

RIDGE = "ridge_lambda"
PAPER_ROWS = 97_220


def write_predictions(folder: Path, rows: Sequence[Row]) -> None:
    """Write `predictions.csv`."""
    write_csv(folder / "predictions.csv", PREDICTION_COLUMNS, map(prediction, rows))


def write_results(plan: Plan, folder: Path, answered: Answered) -> int:
    """Write predictions, metrics and tables, print the tables, and return how many calls failed."""
    rows = answered.rows
    write_predictions(folder, rows)
    failures = Failures.of((row.error, row.message) for row in rows)
    unread = unread_of(rows)
    headline: Rule = "paper_tables" if plan.experiment.is_paper else "strict"
    attempts = Attempts()
    scores, lines = attempts.attempt("scores", lambda: _scores(plan, answered, headline), lambda: ({}, []))
    paid, prices = dict(answered.used), tariff(plan.experiment)
    if plan.experiment.embeddings_at[0] == "offline":
        paid.pop(EMBEDDINGS, None)
    notice = {"notice": NOTICE} if plan.experiment.offline else {}
    counts: dict[str, Any] = {"truncated_prompts": answered.cut.calls if answered.cut else 0, **failures.record()}
    counts["unread"] = record_unread(unread)
    complete = {"complete": not failures.total and not answered.early} | _partial(answered.early)
    content = notice | complete | {**counts, **record(paid, prices), "scores": scores}
    content |= recorded(ridges_of(answered.methods))
    write_json(folder / "metrics.json", content)  # now: whatever becomes of the tables, the figures are there
    worked_out = attempts.attempt(
        "tables", lambda: _tables(plan, answered, headline, attempts), partial(Tables.none, attempts)
    )
    worked_out.write(folder)
    said: list[str] = attempts.attempt("findings", lambda: findings(worked_out), list)
    write_json(folder / "metrics.json", content | {"findings": said} | worked_out.warned() | attempts.record())
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
    return sorted({ridge for method in methods if isinstance(method, Ridge) for ridge in method.ridges})


def recorded(ridges: Sequence[float]) -> dict[str, list[float]]:
    """What `metrics.json` keeps of them; nothing where there are none."""
    return {RIDGE: list(ridges)} if ridges else {}


def _tables(plan: Plan, answered: Answered, headline: Rule, attempts: Attempts) -> Tables:
    """All tables, their methods in the order shown."""
    order = {(method.graph, method.variant): place for place, method in enumerate(answered.methods)}
    shown = sorted(answered.rows, key=lambda row: order.get((row.graph, row.variant), len(order)))
    return of_run(plan, scored(shown, plan.codebook, headline), attempts=attempts)


def _partial(early: Early | None) -> dict[str, Any]:
    """What `metrics.json` says of a run that ended early: why, and how many answers it has of how many."""
    if early is None:
        return {}
    return {"partial": early.why, "answers": early.tally.answers, "answers_of": early.tally.total}


def _scores(plan: Plan, answered: Answered, headline: Rule) -> tuple[dict[str, Any], list[Line]]:
    """The scores of each method by rule and dimension, as `metrics.json` keeps them, and the lines to be shown."""
    scores: dict[str, Any] = {}
    lines: list[Line] = []
    for method in answered.methods:
        own = [row for row in answered.rows if (row.graph, row.variant) == (method.graph, method.variant)]
        name = method.graph, method.variant, method.uses_others
        scores[f"{method.graph}/{method.variant}"], shown = scores_of(own, plan.codebook, headline, name)
        lines += shown
    return scores, lines


def scores_of(
    own: Sequence[Row], codebook: Codebook, headline: Rule, name: tuple[str, str, bool]
) -> tuple[dict[str, Any], list[Line]]:
    """The scores of one method by rule and dimension, and its line to be shown; none where no row counts.

    `name`: the first fields of a `Line`.
    """
    by_rule = {rule: table(own, codebook, rule) for rule in RULES}
    lines = []
    if OVERALL in by_rule[headline]:
        failed = sum(bool(row.error) for row in own)
        unread = sum(not row.readable and not row.error for row in own if row.decided_by != "reference")
        lines.append(Line(*name, by_rule[headline], failed, unread))
    return {rule: {at: asdict(score) for at, score in found.items()} for rule, found in by_rule.items()}, lines


def _print(
    plan: Plan, lines: Sequence[Line], rule: str, worked_out: Tables, said: Sequence[str], ridges: Sequence[float]
) -> None:
    """Show the scores, and what follows from them."""
    console = terminal()
    if plan.experiment.offline:
        console.print(f"{NOTICE[0].upper()}{NOTICE[1:]}.", style="bold yellow", soft_wrap=True)
    paper = paper_of(plan.experiment.model) if plan.experiment.is_paper else {}
    show(console, lines, [*plan.codebook.dimensions, OVERALL], rule, paper)
    if paper and len(plan.survey) != PAPER_ROWS:
        console.print("The paper drew other people: its 100 are of the pooled file of 97,220 rows.", style="bold")
    console.print()
    show_tables(console, worked_out)
    show_ridges(console, ridges)
    show_sentences(console, said, worked_out)


def _print_end(folder: Path, failures: Failures) -> None:
    """Say what failed, and where everything is."""
    console = terminal()
    if failures.total:
        for line in failures.lines():
            console.print(line, style="red", soft_wrap=True, markup=False, highlight=False)
        again = "--retry-failed asks those alone again"
        console.print(f"incomplete: calls failed ({failures.summary}); {again}.", style="bold red")
    console.print(f"Written to {folder}", soft_wrap=True)
