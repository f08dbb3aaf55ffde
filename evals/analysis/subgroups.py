"""Accuracy, MAE and spread by group of people, and the widest gap between two groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from evals.analysis.bootstrap import NAN, bootstrap_interval, mean_with_interval
from evals.analysis.frame import MEASURES, METHOD, Measure, error_basis, split_methods
from evals.analysis.groups import Group, welch
from evals.analysis.inference import holm
from evals.analysis.item_answers import item_answers
from evals.analysis.spread import Spread
from survey.codebook import Codebook

SCORES = [f"{measure}{bound}" for measure in MEASURES for bound in ("", "_low", "_high")]
SUBGROUP_COLUMNS = [*METHOD, "by", "group", "people", *SCORES, "mae_by", "spread", "p", "p_holm"]
GAP_COLUMNS = [
    *METHOD,
    "by",
    "high_group",
    "low_group",
    "gap",
    "gap_low",
    "gap_high",
    "p",
    "p_holm",
]


def subgroup_table(
    frame: pd.DataFrame,
    groups: pd.DataFrame,
    codebook: Codebook,
    weights: pd.Series | None = None,
    seed: int = 42,
) -> pd.DataFrame:
    """Score each group of people, with 95 % intervals; one line a method, grouping and group.

    `frame`: as `score_frame` returns it. `groups`: as `assign_groups` returns it; people whose
    group is "" are left out. `weights`: by respondent; people without one are left out. Figures of
    groups below 30 people are nan. Column `spread`: the simulated over the real standard deviation
    within the group; `p`: Welch's test of the group's accuracy against all others' in the grouping;
    `p_holm`: corrected over all groups of the method.
    """
    lines: list[dict[str, Any]] = []
    for name, own in split_methods(frame):
        everybody = {measure: Group.of(own, measure, weights) for measure in MEASURES}
        spread = Spread.of(item_answers(own, codebook, weights).values())
        named, found = dict(zip(METHOD, name, strict=True)) | {"mae_by": error_basis(own)}, []
        for by, labels in _groupings(groups):
            for group in sorted(set(labels[labels.index.isin(everybody["accuracy"].people)])):
                figures = _figures(everybody, spread, labels, group, seed)
                found.append({**named, "by": by, "group": group, **figures})
        corrected = holm(line.get("p", NAN) for line in found)
        lines += [{**line, "p_holm": p} for line, p in zip(found, corrected, strict=True)]
    return pd.DataFrame(lines, columns=SUBGROUP_COLUMNS)


def gap_table(
    frame: pd.DataFrame, groups: pd.DataFrame, weights: pd.Series | None = None, seed: int = 42
) -> pd.DataFrame:
    """Find the two groups that differ most in accuracy; one line a method and grouping.

    Only groups of at least 30 people are compared. Column `gap`: the mean of `high_group` less that
    of `low_group`, with its 95 % bootstrap interval; `p`: Welch's test of the two; `p_holm`:
    corrected over all pairs of groups of the method, since the widest of them is picked.
    """
    lines = []
    for name, own in split_methods(frame):
        pairs = _pairs(Group.of(own, "accuracy", weights), groups)
        corrected = holm(pair.p for pair in pairs)
        for by in dict.fromkeys(pair.by for pair in pairs):
            own_pairs = [each for each in zip(pairs, corrected, strict=True) if each[0].by == by]
            pair, p_holm = max(own_pairs, key=lambda each: each[0].gap)
            groups_shown = [by, pair.high, pair.low]
            lines.append([*name, *groups_shown, pair.gap, *pair.interval(seed), pair.p, p_holm])
    return pd.DataFrame(lines, columns=GAP_COLUMNS)


@dataclass(frozen=True, eq=False)
class GroupPair:
    """Two groups of one grouping; `best` has the higher mean accuracy, `worst` the lower."""

    by: str
    high: str
    low: str
    best: Group
    worst: Group

    @property
    def gap(self) -> float:
        """The difference between the means."""
        return float(self.best.mean() - self.worst.mean())

    @property
    def p(self) -> float:
        """The two-sided p of Welch's test of the two."""
        return welch(self.best, self.worst)

    def interval(self, seed: int) -> tuple[float, float]:
        """Return the 95 % bootstrap interval of the gap; people of each group are resampled."""
        return bootstrap_interval(
            lambda best, worst: self.best.mean(best) - self.worst.mean(worst),
            len(self.best.people),
            len(self.worst.people),
            seed=seed,
        )


def _figures(
    everybody: Mapping[Measure, Group], spread: Spread, labels: pd.Series, group: str, seed: int
) -> dict[str, float]:
    """Return the figures of one group; its size alone where it has too few people."""
    one = everybody["accuracy"].among(labels, group)
    if not one.shown:
        return {"people": len(one.people)}
    figures: dict[str, float] = {"people": len(one.people)}
    for measure in MEASURES:
        members = everybody[measure].among(labels, group)
        if members.shown:
            found = mean_with_interval(members.values, members.weight, seed)
            figures |= {
                measure: found.value,
                f"{measure}_low": found.low,
                f"{measure}_high": found.high,
            }
    others = everybody["accuracy"].among(labels, group, inside=False)
    return figures | {
        "spread": spread.among(one.people).ratio(seed=None).value,
        "p": welch(one, others),
    }


def _pairs(everybody: Group, groups: pd.DataFrame) -> list[GroupPair]:
    """Return all pairs of groups of one grouping that have enough people."""
    pairs = []
    for by, labels in _groupings(groups):
        of = {group: everybody.among(labels, group) for group in sorted(set(labels))}
        shown = [group for group, members in of.items() if members.shown]
        for two in combinations(shown, 2):
            high, low = sorted(two, key=lambda group: -float(of[group].mean()))
            pairs.append(GroupPair(by, high, low, of[high], of[low]))
    return pairs


def _groupings(groups: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """Yield each grouping with its groups by person; people without a group are left out."""
    for by in groups.columns:
        yield str(by), groups.loc[groups[by] != "", by]
