"""Accuracy and normalised MAE under three rules: pure functions of answer frames.

`strict` (ours, the headline), `published` (as the released scripts score) and `paper_tables` (the
rule that reproduces the paper's printed chance row) are defined in docs/metrics.md. Every rule
scores each respondent, then averages over respondents.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baselines.answer_frame import NO_CODE, Codes, Floats, Shares, categorical, codes_of_column
from evals.score_rules import (
    BASES,
    RULES,
    ErrorBasis,
    ItemReplies,
    ReplyScores,
    Rule,
    score_replies,
)
from survey.codebook import Codebook

__all__ = ["OVERALL", "RULES", "ErrorBasis", "Rule", "Score", "score_answers", "score_tables"]

OVERALL = "overall"
MEASURED = ["accuracy", "mae", "mae_code"]
"""The columns that scores of single answers have, beside `mae_by`."""


@dataclass(frozen=True, slots=True)
class Score:
    """The scores of one method on one dimension, or overall; None where no answer counts.

    `accuracy`, `mae`: means over respondents of each one's mean; `mae_valid`: the same over the
    replies that were read; `readable`: their share; `items`, `rows`, `respondents`: how many count.
    `mae_by`: what `mae` is measured from; `mae_code` takes the most likely code of every method.
    """

    accuracy: float | None
    mae: float | None
    mae_valid: float | None
    readable: float | None
    items: int
    rows: int
    respondents: int
    mae_code: float | None = None
    mae_by: ErrorBasis = ""


def score_answers(
    answers: pd.DataFrame, codebook: Codebook, rules: Sequence[Rule] = RULES
) -> dict[Rule, pd.DataFrame]:
    """Score each answer by each rule; lines as in `answers`.

    Columns: `accuracy`, `mae` and `mae_code`, the hit and the errors of the answer, nan where it
    does not count, and `mae_by`, one of `BASES`. A failed call, a missing truth and an item with a
    country's own options count nowhere.
    """
    whole = {rule: ReplyScores.none(len(answers)) for rule in rules}
    for lines, replies in replies_by_item(answers, codebook):
        for rule, scores in whole.items():
            found = score_replies(replies, rule)
            for name in ("hit", "error", "code_error", "by"):
                getattr(scores, name)[lines] = getattr(found, name)
    return {rule: _score_columns(scores, answers.index) for rule, scores in whole.items()}


def _score_columns(scores: ReplyScores, index: pd.Index) -> pd.DataFrame:
    """Return scores as columns."""
    by = categorical(scores.by, BASES)
    measured = (scores.hit, scores.error, scores.code_error)
    columns = dict(zip(MEASURED, measured, strict=True))
    return pd.DataFrame({**columns, "mae_by": by}, index=index, copy=False)


def replies_by_item(
    answers: pd.DataFrame, codebook: Codebook
) -> Iterator[tuple[NDArray[np.intp], ItemReplies]]:
    """Yield the replies to each item that people can be shown, and their lines in `answers`.

    Failed calls and answers without a truth are left out. Items stand in the order of the
    categories of the column `item`.
    """
    truth, predicted = (codes_of_column(answers[name]) for name in ("truth", "predicted"))
    names, items = answers["item"].cat.categories, answers["item"].cat.codes.to_numpy()
    lines = np.flatnonzero((truth != NO_CODE) & (answers["error"] == "").to_numpy(bool))
    lines = lines[np.argsort(items[lines], kind="stable")]
    shares, readable = Shares.of(answers).take(lines), answers["readable"].to_numpy(bool)
    edges = np.searchsorted(items[lines], np.arange(len(names) + 1)).tolist()
    for name, first, last in zip(names, edges[:-1], edges[1:], strict=True):
        item = codebook.items[str(name)]
        if first == last or not item.shown:
            continue
        own, given = lines[first:last], shares.slice(first, last)
        codes, named = np.unique(given.codes), np.diff(given.edges)
        dense = given.dense(codes)
        yield own, ItemReplies(item, codes, dense, named, truth[own], predicted[own], readable[own])


def score_table(answers: pd.DataFrame, codebook: Codebook, rule: Rule) -> dict[str, Score]:
    """Score the answers of one method by dimension, and overall under the name `OVERALL`.

    Dimensions stand in the codebook's order; those without an answer are left out.
    """
    return score_tables(answers, codebook, [rule])[rule]


def score_tables(
    answers: pd.DataFrame, codebook: Codebook, rules: Sequence[Rule] = RULES
) -> dict[Rule, dict[str, Score]]:
    """Score the answers of one method by each rule, as `score_table` does by one."""
    tables: dict[Rule, dict[str, Score]] = {rule: {} for rule in rules}
    if not len(answers):
        return tables
    places = answers.groupby("dimension", observed=True).indices
    lines = {str(name): found for name, found in places.items()}
    lines[OVERALL] = np.arange(len(answers))
    scored = score_answers(answers, codebook, rules)
    for name in filter(lines.__contains__, [*codebook.dimensions, OVERALL]):
        part = answers.iloc[lines[name]]
        for rule, scores in scored.items():
            tables[rule][name] = _average(part, scores.iloc[lines[name]], codebook)
    return tables


def summarise(answers: pd.DataFrame, codebook: Codebook, rule: Rule) -> Score:
    """Average over each respondent's answers, then over respondents.

    Raises ValueError where there are none.
    """
    if not len(answers):
        raise ValueError("a score of no rows")
    return score_table(answers, codebook, rule)[OVERALL]


def _average(answers: pd.DataFrame, scores: pd.DataFrame, codebook: Codebook) -> Score:
    """Average the scores of answers; both have the same lines."""
    respondents, items = answers["respondent"].to_numpy(), answers["item"].cat
    readable = answers["readable"].to_numpy(bool)
    hits, errors, code_errors = (scores[name].to_numpy(float) for name in MEASURED)
    counted = ~(np.isnan(hits) & np.isnan(errors))
    scorable = [codebook.items[str(name)].scorable for name in items.categories]
    asked = (answers["truth"].notna() & (answers["error"] == "")).to_numpy(bool)
    asked = asked & np.array(scorable, dtype=bool)[items.codes]
    return Score(
        accuracy=mean_of_means(respondents, hits),
        mae=mean_of_means(respondents, errors),
        mae_valid=mean_of_means(respondents, np.where(readable, errors, np.nan)),
        readable=float(readable[asked].mean()) if asked.any() else None,
        items=len(np.unique(items.codes[counted])),
        rows=int(counted.sum()),
        respondents=len(np.unique(respondents[counted])),
        mae_code=mean_of_means(respondents, code_errors),
        mae_by=combine_bases(scores["mae_by"].unique()),
    )


def mean_of_means(respondents: Codes, values: Floats) -> float | None:
    """The mean over respondents of each one's mean; nan counts nowhere, None where all are nan.

    Values are added up in ascending order, so that the order of lines changes no digit.
    """
    known = ~np.isnan(values)
    if not known.any():
        return None
    own, by_respondent = values[known], respondents[known]
    order = np.lexsort((own, by_respondent))
    _, starts, counts = np.unique(by_respondent[order], return_index=True, return_counts=True)
    return float((np.add.reduceat(own[order], starts) / counts).mean())


def combine_bases(bases: Iterable[ErrorBasis]) -> ErrorBasis:
    """What the errors of several answers are measured from, together.

    The median where any is: a method that gives shares may give a single one, whose median is the
    code. "" where no answer has an error.
    """
    found = set(bases)
    order: tuple[ErrorBasis, ...] = ("median", "code", "expectation")
    return next(filter(found.__contains__, order), "")
