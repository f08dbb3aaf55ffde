"""Rows -> the files and tables of a run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from baselines.method import Method, Row
from evals.folder import PREDICTION_COLUMNS, prediction, write_csv, write_json
from evals.harness import Plan
from evals.metrics import OVERALL, RULES, Rule, table
from evals.table import Line, paper_of, show
from graph.calls import CallStore
from graph.offline import NOTICE


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
    usage = store.usage()
    offline = plan.experiment.offline
    content = {"complete": not failed, "failed": dict(kinds), "usage": usage, "scores": scores}
    write_json(folder / "metrics.json", ({"notice": NOTICE} if offline else {}) | content)
    _print(plan, folder, lines, headline, kinds, usage)
    return failed.total()


def _print(
    plan: Plan, folder: Path, lines: Sequence[Line], rule: str, kinds: Counter[str], usage: dict[str, dict[str, int]]
) -> None:
    """Show the tables, wide enough for a file where the output is none of a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=100)
    if plan.experiment.offline:
        console.print(f"{NOTICE[0].upper()}{NOTICE[1:]}.", style="bold yellow", soft_wrap=True)
    paper = paper_of(plan.experiment.model) if plan.experiment.is_paper else {}
    show(console, lines, [*plan.codebook.dimensions, OVERALL], rule, paper)
    calls, told, heard = (
        sum(part[name] for part in usage.values()) for name in ("calls", "prompt_tokens", "completion_tokens")
    )
    console.print(f"{calls:,} calls; {told:,} prompt and {heard:,} completion tokens, as the server reported them.")
    if kinds:
        faults = ", ".join(f"{kind} x {count}" for kind, count in kinds.most_common())
        console.print(f"incomplete: calls failed ({faults}); --retry-failed asks those alone again.", style="bold red")
    console.print(f"Written to {folder}", soft_wrap=True)
