"""Rows -> the files and tables of a run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from baselines.method import Method, Row
from evals.costs.prices import tariff, used
from evals.costs.spending import print_usage, record
from evals.folder import PREDICTION_COLUMNS, prediction, write_csv, write_json
from evals.harness import Plan
from evals.metrics import OVERALL, RULES, Rule, table
from evals.table import Line, paper_of, show, terminal
from graph.calls import CallStore
from graph.gate import EMBEDDINGS
from graph.offline import NOTICE

PAPER_ROWS = 97_220


def respondents_table(plan: Plan) -> tuple[list[str], list[list[Any]]]:
    """Header and lines of `respondents.csv`: who was drawn, in the order drawn."""
    context = plan.survey.context.iloc[[row - 1 for row in plan.drawn]]
    lines = [[row, *values] for row, values in zip(plan.drawn, context.itertuples(index=False), strict=True)]
    return ["respondent", *context.columns], lines


def write_results(plan: Plan, folder: Path, rows: Sequence[Row], methods: Sequence[Method], store: CallStore) -> int:
    """Write `predictions.csv` and `metrics.json`, print the tables, and return how many calls failed."""
    write_csv(folder / "predictions.csv", PREDICTION_COLUMNS, map(prediction, rows))
    failed = Counter((row.graph, row.variant) for row in rows if row.error)
    kinds = Counter(row.error for row in rows if row.error)
    scores: dict[str, Any] = {}
    lines = []
    headline: Rule = "paper_tables" if plan.experiment.is_paper else "strict"
    for method in methods:
        name = (method.graph, method.variant)
        own = [row for row in rows if (row.graph, row.variant) == name]
        by_rule = {rule: table(own, plan.codebook, rule) for rule in RULES}
        scores["/".join(name)] = {
            rule: {at: asdict(score) for at, score in found.items()} for rule, found in by_rule.items()
        }
        unread = sum(not row.readable and not row.error for row in own if row.decided_by != "reference")
        if OVERALL in by_rule[headline]:
            lines.append(Line(*name, method.uses_others, by_rule[headline], failed[name], unread))
    paid, prices = used(store), tariff(plan.experiment)
    if plan.experiment.embeddings_at[0] == "offline":
        paid.pop(EMBEDDINGS, None)
    content = {"complete": not failed, "failed": dict(kinds), **record(paid, prices), "scores": scores}
    write_json(folder / "metrics.json", ({"notice": NOTICE} if plan.experiment.offline else {}) | content)
    _print(plan, lines, headline)
    print_usage(paid, prices, Counter(row.graph for row in rows if not row.error))
    _print_end(folder, kinds)
    return failed.total()


def _print(plan: Plan, lines: Sequence[Line], rule: str) -> None:
    """Show the scores."""
    console = terminal()
    if plan.experiment.offline:
        console.print(f"{NOTICE[0].upper()}{NOTICE[1:]}.", style="bold yellow", soft_wrap=True)
    paper = paper_of(plan.experiment.model) if plan.experiment.is_paper else {}
    show(console, lines, [*plan.codebook.dimensions, OVERALL], rule, paper)
    if paper and len(plan.survey) != PAPER_ROWS:
        console.print("The paper drew other people: its 100 are of the pooled file of 97,220 rows.", style="bold")


def _print_end(folder: Path, kinds: Counter[str]) -> None:
    """Say what failed, and where everything is."""
    console = terminal()
    if kinds:
        faults = ", ".join(f"{kind} x {count}" for kind, count in kinds.most_common())
        console.print(f"incomplete: calls failed ({faults}); --retry-failed asks those alone again.", style="bold red")
    console.print(f"Written to {folder}", soft_wrap=True)
