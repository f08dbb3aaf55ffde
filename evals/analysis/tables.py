"""Makes all tables of scored rows: what the terminal, the csv files and the report show."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pandas as pd

from evals.analysis.coverage import QuestionCoverage, find_different_questions
from evals.analysis.distributions import (
    DISTRIBUTION_COLUMNS,
    VARIETY_COLUMNS,
    distribution_table,
    variety_table,
)
from evals.analysis.frame import MEASURES, Name
from evals.analysis.gathered import GatheredAnswers
from evals.analysis.groups import assign_groups, survey_weights
from evals.analysis.inference import COMPARISON_COLUMNS, compare_all
from evals.analysis.ladder import LADDER_COLUMNS, drop_leaked_items, ladder_table, list_comparisons
from evals.analysis.leaks import LEAK_COLUMNS, LEAKED, LeakDetector
from evals.analysis.retest import add_second_answers
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.subgroups import GAP_COLUMNS, SUBGROUP_COLUMNS, gap_table, subgroup_table
from evals.harness.plan import Plan
from survey.codebook import Codebook

SCOPES = ("all", "without_leaked")
ONCE = {"standing": LADDER_COLUMNS, "comparisons": COMPARISON_COLUMNS}
WEIGHED = {
    "distributions": DISTRIBUTION_COLUMNS,
    "variety": VARIETY_COLUMNS,
    "subgroups": SUBGROUP_COLUMNS,
    "gaps": GAP_COLUMNS,
}
"""The tables that exist twice where the survey has weights."""
TABLES = ("leaks", *ONCE, *WEIGHED)


@dataclass(frozen=True)
class AnalysisTables:
    """One table a field, each a csv file of that name.

    All but `leaks` have a column `scope`: "all", or "without_leaked" where the items that the
    profile gives away are left out. `distributions`, `variety`, `subgroups` and `gaps` have a
    column `weighted` too: False, and True where the survey has weights. `failed`: the tables, or
    parts of them, that could not be worked out, and why; they lack lines. `coverage`: where figures
    compare people who were asked different questions.
    """

    leaks: pd.DataFrame
    standing: pd.DataFrame
    comparisons: pd.DataFrame
    distributions: pd.DataFrame
    variety: pd.DataFrame
    subgroups: pd.DataFrame
    gaps: pd.DataFrame
    failed: Mapping[str, str] = field(default_factory=dict)
    coverage: QuestionCoverage = field(default_factory=QuestionCoverage)

    @classmethod
    def empty(cls, skipped: SkippedTables) -> "AnalysisTables":
        """Return all tables without lines."""
        empty: dict[str, Any] = {name: _empty(name) for name in TABLES}
        return cls(**empty, failed=skipped.failed)


def make_tables(
    frame: pd.DataFrame,
    codebook: Codebook,
    leaks: pd.DataFrame,
    groups: pd.DataFrame,
    weights: pd.Series | None,
    pairs: Sequence[tuple[Name, Name]],
    skipped: SkippedTables | None = None,
) -> AnalysisTables:
    """Make all tables of scored rows; one that fails lacks lines, and `skipped` says why.

    `leaks` as `LeakDetector.find_leaks` returns them, `groups` as `assign_groups`, `weights` by
    respondent where the survey has any, `pairs` the methods to compare.
    """
    made = _Making(SkippedTables() if skipped is None else skipped)
    rest = drop_leaked_items(frame, leaks, LEAKED)
    parts = {"all": frame} if len(rest) == len(frame) else {"all": frame, "without_leaked": rest}
    for scope, part in parts.items():
        made.add("standing", partial(ladder_table, part), scope=scope)
        made.add("comparisons", partial(compare_all, part, pairs, MEASURES), scope=scope)
    for by in [None] if weights is None else [None, weights]:
        _add_weighed(made, parts, codebook, groups, by)
    return made.tables(leaks, parts)


def _add_weighed(
    made: "_Making",
    parts: Mapping[str, pd.DataFrame],
    codebook: Codebook,
    groups: pd.DataFrame,
    by: pd.Series | None,
) -> None:
    """Add the tables that weights change, made with these weights or, for None, without any."""
    weighted = by is not None
    every_answer: GatheredAnswers | None = made.skipped.attempt(
        "answers", lambda: GatheredAnswers.of(parts["all"], codebook, by), lambda: None
    )
    work = partial(distribution_table, parts["all"], codebook, by, every_answer)
    every = made.skipped.attempt(
        _named("distributions", weighted=weighted), work, partial(_empty, "distributions")
    )
    for scope, part in parts.items():
        kept = set(part["item"].unique())
        own = every_answer and every_answer.without(set(parts["all"]["item"].unique()) - kept)
        by_item = every[every["item"].isin(kept)]
        for name, each in (
            ("distributions", by_item[DISTRIBUTION_COLUMNS].copy),
            ("variety", partial(variety_table, part, codebook, by, by_item=by_item, gathered=own)),
            ("subgroups", partial(subgroup_table, part, groups, codebook, by, gathered=own)),
            ("gaps", partial(gap_table, part, groups, by)),
        ):
            made.add(name, each, scope=scope, weighted=weighted)


class _Making:
    """Collects the parts of each table as they are made."""

    def __init__(self, skipped: SkippedTables) -> None:
        self.skipped = skipped
        self._parts: dict[str, list[pd.DataFrame]] = {name: [] for name in (*ONCE, *WEIGHED)}

    def add(self, name: str, work: Callable[[], pd.DataFrame], **marks: str | bool) -> None:
        """Make one part of a table, with columns in front that hold one value each."""
        part: pd.DataFrame | None = self.skipped.attempt(_named(name, **marks), work, lambda: None)
        if part is not None:
            self._parts[name].append(_marked(part, **marks))

    def tables(self, leaks: pd.DataFrame, scopes: Collection[str]) -> AnalysisTables:
        """Join the parts; where no item is leaked, both scopes hold the same lines."""
        joined: dict[str, Any] = {}
        for name, parts in self._parts.items():
            table = pd.concat(parts, ignore_index=True) if parts else _empty(name)
            if len(scopes) == 1 and not table.empty:
                table = pd.concat(
                    [table.assign(scope=scope) for scope in SCOPES], ignore_index=True
                )
            joined[name] = table
        return AnalysisTables(leaks=leaks, failed=self.skipped.failed, **joined)


def _named(name: str, scope: str | bool = "all", weighted: str | bool = False) -> str:
    """Return the name of a part of a table, for the message that it failed."""
    if weighted:
        name += ", weighted"
    if scope == SCOPES[1]:
        name += ", without leaked items"
    return name


def _empty(name: str) -> pd.DataFrame:
    """Return a table without lines that has all its columns."""
    if name == "leaks":
        return pd.DataFrame(columns=LEAK_COLUMNS)
    if name in ONCE:
        return _marked(pd.DataFrame(columns=ONCE[name]), scope="")
    return _marked(pd.DataFrame(columns=WEIGHED[name]), scope="", weighted=False).astype(
        {"weighted": bool}
    )


def _marked(table: pd.DataFrame, **marks: str | bool) -> pd.DataFrame:
    """Insert columns in front that hold one value each; return the same table."""
    for name, value in reversed(marks.items()):
        table.insert(0, name, value)
    return table


def make_run_tables(
    plan: Plan,
    frame: pd.DataFrame,
    pairs: Sequence[tuple[Name, Name]] | None = None,
    groups: pd.DataFrame | None = None,
    skipped: SkippedTables | None = None,
) -> AnalysisTables:
    """Make the tables of the scored rows of a run; one that fails lacks lines, `failed` says why.

    `pairs`: the methods to compare, by default those that a run compares. `groups`: the groups of
    people, by default those of the survey file.
    """
    skipped = SkippedTables() if skipped is None else skipped
    survey, drawn = plan.survey, plan.drawn
    frame = add_second_answers(frame, survey)
    leaks = skipped.attempt("leaks", lambda: _leaks(plan), partial(_empty, "leaks"))
    if groups is None:
        groups = skipped.attempt(
            "groups", lambda: assign_groups(survey, drawn, plan.codebook), pd.DataFrame
        )
    weights = skipped.attempt("weights", lambda: survey_weights(survey, drawn), lambda: None)
    if weights is not None and weights.nunique() < 2:
        weights = None  # alike: they change nothing
    pairs = list_comparisons(frame) if pairs is None else pairs
    coverage = skipped.attempt(
        "coverage", partial(find_different_questions, plan, groups), QuestionCoverage
    )
    tables = make_tables(frame, plan.codebook, leaks, groups, weights, pairs, skipped)
    return replace(tables, coverage=coverage)


def _leaks(plan: Plan) -> pd.DataFrame:
    """Find the leaks in a plan's folds, from people who are not scored where there are any."""
    survey, drawn = plan.survey, plan.drawn
    fitting = survey.others(drawn) if len(drawn) < len(survey) else survey
    size = plan.experiment.profile_size if plan.experiment.subset == "nested" else None
    answered = set(survey.items)  # what nobody was asked gives nothing away
    folds = []
    for fold in plan.asked_folds:
        held_out = tuple(filter(answered.__contains__, fold.held_out))
        known = tuple(filter(answered.__contains__, fold.profile(size)))
        folds.append(replace(fold, held_out=held_out, known=known))
    return LeakDetector(fitting, plan.codebook).find_leaks(folds)
