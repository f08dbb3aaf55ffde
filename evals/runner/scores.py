"""Scores of a run's methods, and penalties of its regressions, as `metrics.json` has them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from baselines.gaussian import Ridge
from baselines.method import Method, Row
from evals.metrics import OVERALL, RULES, Rule, score_table
from evals.render.scores import MethodLine
from survey.codebook import Codebook

RIDGE = "ridge_lambda"


def score_methods(
    methods: Sequence[Method], rows: Sequence[Row], codebook: Codebook, headline: Rule
) -> tuple[dict[str, Any], list[MethodLine]]:
    """Return the scores of each method by rule and dimension, and the lines of the table.

    `headline` is the rule whose scores the table shows.
    """
    scores: dict[str, Any] = {}
    lines: list[MethodLine] = []
    for method in methods:
        own = []
        for row in rows:
            if (row.graph, row.variant) == (method.graph, method.variant):
                own.append(row)
        name = method.graph, method.variant, method.uses_others
        scores[f"{method.graph}/{method.variant}"], found = scores_of(own, codebook, headline, name)
        lines += found
    return scores, lines


def scores_of(
    rows: Sequence[Row], codebook: Codebook, headline: Rule, name: tuple[str, str, bool]
) -> tuple[dict[str, Any], list[MethodLine]]:
    """Return the scores of one method by rule and dimension, and its line of the table.

    There is no line where no row counts. `name` holds the first fields of a `MethodLine`.
    """
    by_rule = {rule: score_table(rows, codebook, rule) for rule in RULES}
    lines = []
    if OVERALL in by_rule[headline]:
        failed = unread = 0
        for row in rows:
            failed += bool(row.error)
            unread += not row.readable and not row.error and row.decided_by != "reference"
        lines.append(MethodLine(*name, by_rule[headline], failed, unread))
    record: dict[str, Any] = {}
    for rule, scores in by_rule.items():
        record[rule] = {dimension: asdict(score) for dimension, score in scores.items()}
    return record, lines


def ridges_of(methods: Iterable[Method]) -> list[float]:
    """Return the penalties that the regressions among these methods use, in order."""
    ridges: set[float] = set()
    for method in methods:
        if isinstance(method, Ridge):
            ridges |= set(method.ridges)
    return sorted(ridges)


def ridge_record(ridges: Sequence[float]) -> dict[str, list[float]]:
    """Return what `metrics.json` keeps of the penalties; nothing where there are none."""
    return {RIDGE: list(ridges)} if ridges else {}
