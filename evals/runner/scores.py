"""Scores of a run's methods, and penalties of its regressions, as `metrics.json` has them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from baselines.gaussian import Ridge
from baselines.method import Method
from evals.metrics import OVERALL, Rule, score_tables
from evals.render.scores import MethodLine
from survey.codebook import Codebook

RIDGE = "ridge_lambda"


def score_methods(
    methods: Sequence[Method], answers: pd.DataFrame, codebook: Codebook, headline: Rule
) -> tuple[dict[str, Any], list[MethodLine]]:
    """Return the scores of each method by rule and dimension, and the lines of the table.

    `headline` is the rule whose scores the table shows.
    """
    scores: dict[str, Any] = {}
    lines: list[MethodLine] = []
    for method in methods:
        own = answers[(answers["graph"] == method.graph) & (answers["variant"] == method.variant)]
        name = method.graph, method.variant, method.uses_others
        scores[f"{method.graph}/{method.variant}"], found = scores_of(own, codebook, headline, name)
        lines += found
    return scores, lines


def scores_of(
    answers: pd.DataFrame, codebook: Codebook, headline: Rule, name: tuple[str, str, bool]
) -> tuple[dict[str, Any], list[MethodLine]]:
    """Return the scores of one method by rule and dimension, and its line of the table.

    There is no line where no answer counts. `name` holds the first fields of a `MethodLine`.
    """
    by_rule = score_tables(answers, codebook)
    lines = []
    if OVERALL in by_rule[headline]:
        failed = answers["error"] != ""
        unread = ~answers["readable"] & ~failed & (answers["decided_by"] != "reference")
        lines.append(MethodLine(*name, by_rule[headline], int(failed.sum()), int(unread.sum())))
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
