"""All that is worked out from the rows of a run, as tables: what the terminal, the csv files and the report show."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from evals.analysis.distributions import distributions, variety
from evals.analysis.groups import groups_of, survey_weights
from evals.analysis.inference import compare_all
from evals.analysis.leaks import LEAKED, Guard
from evals.analysis.scored import MEASURES, Name
from evals.analysis.standing import against_each_other, standing, unleaked
from evals.analysis.subgroups import subgroups, widest
from evals.folder import write_csv
from evals.harness import Plan
from survey.codebook import Codebook

SCOPES = ("all", "without_leaked")


@dataclass(frozen=True)
class Tables:
    """One table a field, each a csv file of that name.

    All but `leaks` have a column `scope`: "all", or "without_leaked" where the items that the profile gives away are
    left out. `distributions`, `variety`, `subgroups` and `gaps` have a column `weighted` too: False, and True where the
    survey has weights.
    """

    leaks: pd.DataFrame
    standing: pd.DataFrame
    comparisons: pd.DataFrame
    distributions: pd.DataFrame
    variety: pd.DataFrame
    subgroups: pd.DataFrame
    gaps: pd.DataFrame

    def write(self, folder: Path) -> None:
        """Write the csv files: numbers in full, empty where there is none."""
        for field in fields(self):
            table: pd.DataFrame = getattr(self, field.name)
            cells = table.astype(object).where(table.notna(), "")
            write_csv(folder / f"{field.name}.csv", table.columns, cells.itertuples(index=False, name=None))


def tables(
    frame: pd.DataFrame,
    codebook: Codebook,
    leaks: pd.DataFrame,
    groups: pd.DataFrame,
    weights: pd.Series | None,
    pairs: Sequence[tuple[Name, Name]],
) -> Tables:
    """Work out all tables of scored rows.

    `leaks` as `Guard.leaks` returns them, `groups` as `groups_of`, `weights` by respondent where the survey has any,
    `pairs` the methods to compare.
    """
    rest = unleaked(frame, leaks, LEAKED)
    parts = {"all": frame} if len(rest) == len(frame) else {"all": frame, "without_leaked": rest}
    once = {
        "standing": [_marked(standing(part), scope=scope) for scope, part in parts.items()],
        "comparisons": [_marked(compare_all(part, pairs, MEASURES), scope=scope) for scope, part in parts.items()],
    }
    weighed: dict[str, list[pd.DataFrame]] = {}
    for by in [None] if weights is None else [None, weights]:
        every = distributions(frame, codebook, by)
        for scope, part in parts.items():
            by_item = every[every["item"].isin(part["item"])]
            for name, table in (
                ("distributions", by_item.copy()),
                ("variety", variety(part, codebook, by, by_item=by_item)),
                ("subgroups", subgroups(part, groups, codebook, by)),
                ("gaps", widest(part, groups, by)),
            ):
                weighed.setdefault(name, []).append(_marked(table, scope=scope, weighted=by is not None))
    joined = {name: _in_both_scopes(pd.concat(made, ignore_index=True)) for name, made in (once | weighed).items()}
    return Tables(leaks=leaks, **joined)


def _in_both_scopes(table: pd.DataFrame) -> pd.DataFrame:
    """The table with both scopes; where no item is leaked they are alike, and worked out once."""
    if table.empty or (table["scope"] != "all").any():
        return table
    return pd.concat([table.assign(scope=scope) for scope in SCOPES], ignore_index=True)


def _marked(table: pd.DataFrame, **marks: str | bool) -> pd.DataFrame:
    """A table with columns in front that hold one value each."""
    for name, value in reversed(marks.items()):
        table.insert(0, name, value)
    return table


def of_run(
    plan: Plan,
    frame: pd.DataFrame,
    pairs: Sequence[tuple[Name, Name]] | None = None,
    groups: pd.DataFrame | None = None,
) -> Tables:
    """The tables of the scored rows of a run.

    `pairs` where other methods are to be compared than usual, `groups` where people are known by others than the
    survey's own.
    """
    survey, drawn = plan.survey, plan.drawn
    fitting = survey.others(drawn) if len(drawn) < len(survey) else survey
    size = plan.experiment.profile_size if plan.experiment.subset == "nested" else None
    leaks = Guard(fitting, plan.codebook).leaks(plan.folds, size)
    groups = groups_of(survey, drawn, plan.codebook) if groups is None else groups
    weights = survey_weights(survey, drawn)
    if weights is not None and weights.nunique() < 2:
        weights = None  # alike: they change nothing
    return tables(frame, plan.codebook, leaks, groups, weights, against_each_other(frame) if pairs is None else pairs)
