"""All that is worked out from the rows of a run, as tables: what the terminal, the csv files and
the report show.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from evals.analysis.coverage import different_questions
from evals.analysis.distributions import DISTRIBUTIONS, VARIETY, distribution_table, variety_table
from evals.analysis.frame import MEASURES, Name
from evals.analysis.groups import groups_of, survey_weights
from evals.analysis.inference import COMPARISONS, compare_all
from evals.analysis.ladder import STANDING, ladder_table, run_comparisons, without_leaks
from evals.analysis.leaks import LEAKED, LEAKS, LeakDetector
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.subgroups import GAPS, SUBGROUPS, gap_table, subgroup_table
from evals.harness.engine import Plan
from evals.harness.run_directory import write_csv
from survey.codebook import Codebook

SCOPES = ("all", "without_leaked")
ONCE = {"standing": STANDING, "comparisons": COMPARISONS}
WEIGHED = {"distributions": DISTRIBUTIONS, "variety": VARIETY, "subgroups": SUBGROUPS, "gaps": GAPS}
"""The tables that exist twice where the survey has weights."""
TABLES = ("leaks", *ONCE, *WEIGHED)


@dataclass(frozen=True)
class AnalysisTables:
    """One table a field, each a csv file of that name.

    All but `leaks` have a column `scope`: "all", or "without_leaked" where the items that the
    profile gives away are left out. `distributions`, `variety`, `subgroups` and `gaps` have a
    column `weighted` too: False, and True where the survey has weights. `failed`: the tables, or
    parts of them, that could not be worked out, and why; they lack lines. `warnings`: where figures
    stand side by side that are not of the same questions.
    """

    leaks: pd.DataFrame
    standing: pd.DataFrame
    comparisons: pd.DataFrame
    distributions: pd.DataFrame
    variety: pd.DataFrame
    subgroups: pd.DataFrame
    gaps: pd.DataFrame
    failed: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    @classmethod
    def none(cls, attempts: SkippedTables) -> "AnalysisTables":
        """All of them without lines."""
        empty: dict[str, Any] = {name: _empty(name) for name in TABLES}
        return cls(**empty, failed=attempts.failed)

    def warned(self) -> dict[str, list[str]]:
        """What `metrics.json` keeps of the warnings; nothing where there are none."""
        return {"warnings": list(self.warnings)} if self.warnings else {}

    def write(self, folder: Path) -> None:
        """Write the csv files: numbers in full, empty where there is none."""
        for name in TABLES:
            table: pd.DataFrame = getattr(self, name)
            cells = table.astype(object).where(table.notna(), "")
            write_csv(
                folder / f"{name}.csv", table.columns, cells.itertuples(index=False, name=None)
            )


def make_tables(
    frame: pd.DataFrame,
    codebook: Codebook,
    leaks: pd.DataFrame,
    groups: pd.DataFrame,
    weights: pd.Series | None,
    pairs: Sequence[tuple[Name, Name]],
    attempts: SkippedTables | None = None,
) -> AnalysisTables:
    """Work out all tables of scored rows; one that fails lacks lines, and `attempts` says why.

    `leaks` as `Guard.leaks` returns them, `groups` as `groups_of`, `weights` by respondent where
    the survey has any, `pairs` the methods to compare.
    """
    made = _Making(SkippedTables() if attempts is None else attempts)
    rest = without_leaks(frame, leaks, LEAKED)
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
    """The tables that weights change, once with these weights, or without any."""
    weighted = by is not None
    work = partial(distribution_table, parts["all"], codebook, by)
    every = made.attempts.attempt(
        _named("distributions", weighted=weighted), work, partial(_empty, "distributions")
    )
    for scope, part in parts.items():
        by_item = every[every["item"].isin(part["item"])]
        for name, each in (
            ("distributions", by_item[DISTRIBUTIONS].copy),
            ("variety", partial(variety_table, part, codebook, by, by_item=by_item)),
            ("subgroups", partial(subgroup_table, part, groups, codebook, by)),
            ("gaps", partial(gap_table, part, groups, by)),
        ):
            made.add(name, each, scope=scope, weighted=weighted)


class _Making:
    """The parts of each table that are there so far."""

    def __init__(self, attempts: SkippedTables) -> None:
        self.attempts = attempts
        self._parts: dict[str, list[pd.DataFrame]] = {name: [] for name in (*ONCE, *WEIGHED)}

    def add(self, name: str, work: Callable[[], pd.DataFrame], **marks: str | bool) -> None:
        """Work out one part of a table, with columns in front that hold one value each."""
        part: pd.DataFrame | None = self.attempts.attempt(_named(name, **marks), work, lambda: None)
        if part is not None:
            self._parts[name].append(_marked(part, **marks))

    def tables(self, leaks: pd.DataFrame, scopes: Collection[str]) -> AnalysisTables:
        """All tables. Where no item is leaked both scopes are alike, and were worked out once."""
        joined: dict[str, Any] = {}
        for name, parts in self._parts.items():
            table = pd.concat(parts, ignore_index=True) if parts else _empty(name)
            if len(scopes) == 1 and not table.empty:
                table = pd.concat(
                    [table.assign(scope=scope) for scope in SCOPES], ignore_index=True
                )
            joined[name] = table
        return AnalysisTables(leaks=leaks, failed=self.attempts.failed, **joined)


def _named(name: str, scope: str | bool = "all", weighted: str | bool = False) -> str:
    """What a part of a table is called where it fails."""
    return (
        name
        + (", weighted" if weighted else "")
        + (", without leaked items" if scope == SCOPES[1] else "")
    )


def _empty(name: str) -> pd.DataFrame:
    """A table without lines, which has all its columns."""
    if name == "leaks":
        return pd.DataFrame(columns=LEAKS)
    if name in ONCE:
        return _marked(pd.DataFrame(columns=ONCE[name]), scope="")
    return _marked(pd.DataFrame(columns=WEIGHED[name]), scope="", weighted=False).astype(
        {"weighted": bool}
    )


def _marked(table: pd.DataFrame, **marks: str | bool) -> pd.DataFrame:
    """A table with columns in front that hold one value each."""
    for name, value in reversed(marks.items()):
        table.insert(0, name, value)
    return table


def tables_of_run(
    plan: Plan,
    frame: pd.DataFrame,
    pairs: Sequence[tuple[Name, Name]] | None = None,
    groups: pd.DataFrame | None = None,
    attempts: SkippedTables | None = None,
) -> AnalysisTables:
    """The tables of the scored rows of a run; what cannot be worked out lacks lines, and `failed`
    says why.

    `pairs` where other methods are to be compared than usual, `groups` where people are known by
    others than the survey's own.
    """
    attempts = SkippedTables() if attempts is None else attempts
    survey, drawn = plan.survey, plan.drawn
    leaks = attempts.attempt("leaks", lambda: _leaks(plan), partial(_empty, "leaks"))
    if groups is None:
        groups = attempts.attempt(
            "groups", lambda: groups_of(survey, drawn, plan.codebook), pd.DataFrame
        )
    weights = attempts.attempt("weights", lambda: survey_weights(survey, drawn), lambda: None)
    if weights is not None and weights.nunique() < 2:
        weights = None  # alike: they change nothing
    pairs = run_comparisons(frame) if pairs is None else pairs
    warnings = attempts.attempt("coverage", partial(different_questions, plan, groups), list[str])
    return replace(
        make_tables(frame, plan.codebook, leaks, groups, weights, pairs, attempts),
        warnings=warnings,
    )


def _leaks(plan: Plan) -> pd.DataFrame:
    """What the profile gives away, as people tell who are not scored, if there are such."""
    survey, drawn = plan.survey, plan.drawn
    fitting = survey.others(drawn) if len(drawn) < len(survey) else survey
    size = plan.experiment.profile_size if plan.experiment.subset == "nested" else None
    there = set(survey.items)  # what nobody was asked gives nothing away
    folds = [
        replace(
            fold,
            held_out=tuple(item for item in fold.held_out if item in there),
            known=tuple(item for item in fold.known[:size] if item in there),
        )
        for fold in plan.folds
    ]
    return LeakDetector(fitting, plan.codebook).leaks(folds)
