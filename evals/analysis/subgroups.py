"""Accuracy, MAE and spread by group of people, and the widest gap between two groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from evals.analysis.bootstrap import NAN, bootstrap_interval, mean_with_interval
from evals.analysis.frame import MEASURES, METHOD, Measure, error_basis, split_methods
from evals.analysis.gathered import GatheredAnswers
from evals.analysis.groups import Group, welch
from evals.analysis.inference import holm
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
    gathered: GatheredAnswers | None = None,
) -> pd.DataFrame:
    """Score each group of people, with 95 % intervals; one line a method, grouping and group.

    `frame`: as `score_frame` returns it. `groups`: as `assign_groups` returns it; people whose
    group is "" are left out. `weights`: by respondent; people without one are left out. Figures of
    groups below 30 people are nan. Column `spread`: the simulated over the real standard deviation
    within the group; `p`: Welch's test of the group's accuracy against all others' in the grouping;
    `p_holm`: corrected over all groups of the method. `gathered`: the answers of the frame, where
    they are gathered already.
    """
    gathered = gathered or GatheredAnswers.of(frame, codebook, weights)
    lines: list[dict[str, Any]] = []
    for name, own in split_methods(frame):
        everybody = {measure: Group.of(own, measure, weights) for measure in MEASURES}
        named = dict(zip(METHOD, name, strict=True)) | {"mae_by": error_basis(own)}
        found: list[dict[str, Any]] = []
        for by in groups.columns:
            for group, figures in _by_group(everybody, gathered.spreads[name], groups[by], seed):
                found.append({**named, "by": str(by), "group": group, **figures})
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
        return self.best.mean() - self.worst.mean()

    @property
    def p(self) -> float:
        """The two-sided p of Welch's test of the two."""
        return welch(self.best, self.worst)

    def interval(self, seed: int) -> tuple[float, float]:
        """Return the 95 % bootstrap interval of the gap; people of each group are resampled."""
        return bootstrap_interval(
            lambda best, worst: self.best.resampled_means(best) - self.worst.resampled_means(worst),
            len(self.best.people),
            len(self.worst.people),
            seed=seed,
        )


def _by_group(
    everybody: Mapping[Measure, Group], spread: Spread, labels: pd.Series, seed: int
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each group of one grouping with its figures; its size alone where it has too few
    people.
    """
    split = {measure: group.split(labels) for measure, group in everybody.items()}
    labelled = Group.join(split["accuracy"].values()) if split["accuracy"] else None
    for name, one in split["accuracy"].items():
        figures: dict[str, float] = {"people": len(one.people)}
        if labelled and one.shown:
            own = {measure: groups.get(name) for measure, groups in split.items()}
            figures |= _estimates(own, seed)
            figures["spread"] = spread.among(one.people).ratio(seed=None).value
            figures["p"] = welch(one, labelled.without(one))
        yield name, figures


def _estimates(groups: Mapping[Measure, Group | None], seed: int) -> dict[str, float]:
    """Estimate each measure of a group with its interval, where it has enough people."""
    figures: dict[str, float] = {}
    for measure, group in groups.items():
        if group and group.shown:
            found = mean_with_interval(group.values, group.weight, seed)
            for end, value in (("", found.value), ("_low", found.low), ("_high", found.high)):
                figures[f"{measure}{end}"] = value
    return figures


def _pairs(everybody: Group, groups: pd.DataFrame) -> list[GroupPair]:
    """Return all pairs of groups of one grouping that have enough people."""
    pairs = []
    for by in groups.columns:
        shown = {name: group for name, group in everybody.split(groups[by]).items() if group.shown}
        for two in combinations(shown, 2):
            high, low = sorted(two, key=lambda name: -shown[name].mean())
            pairs.append(GroupPair(str(by), high, low, shown[high], shown[low]))
    return pairs
