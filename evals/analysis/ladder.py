"""Where each method stands: its figures with intervals, with and without leaked items, and its
place on the ladder.

The ladder is mode, country mode, new topic, ridge: what the answers of other people tell about
somebody of whom nothing, the country, the other topics, and the whole profile is known.
"""

from collections.abc import Collection
from typing import Any

import pandas as pd

from evals.analysis.frame import MEASURES, METHOD, Name, error_basis, split_methods
from evals.analysis.inference import IntervalEstimate, estimate_mean, ladder_position
from evals.harness.experiment import REFERENCES

FIGURES = [
    f"{name}{end}" for name in (*MEASURES, "mae_code", "climbed") for end in ("", "_low", "_high")
]
LADDER_COLUMNS = [*METHOD, "people", "cases", "mae_by", *FIGURES]
BOTTOM, TOP = "country_mode", "ridge"


def drop_leaked_items(
    frame: pd.DataFrame, leaks: pd.DataFrame, leaked: Collection[str]
) -> pd.DataFrame:
    """The lines whose item no profile gives away; `leaked` are the classes that count as leaks.

    An item that is leaked in one fold is left out of all.
    """
    return frame[~frame["item"].isin(leaks.loc[leaks["leak"].isin(leaked), "item"])]


def ladder_table(frame: pd.DataFrame) -> pd.DataFrame:
    """One line a method, in the order of the frame.

    Columns: those of `METHOD`; `people` and `cases` scored; for accuracy and MAE the figure with
    the ends of its 95 % interval, `mae_by` what the MAE is of, and `mae_code` the MAE of single
    codes; `climbed`, of graphs alone: how far accuracy is from country mode (0) to ridge (1), with
    its interval.
    """
    lines = []
    for name, own in split_methods(frame):
        line: dict[str, Any] = dict(zip(METHOD, name, strict=True))
        counted = own[own["accuracy"].notna()]
        line |= {"people": counted["respondent"].nunique(), "cases": len(counted)}
        line |= {"mae_by": error_basis(own)}
        for measure in (*MEASURES, "mae_code"):
            line |= _cells(measure, estimate_mean(own, measure))
        lines.append(line | _cells("climbed", _climbed(frame, own, name)))
    return pd.DataFrame(lines, columns=LADDER_COLUMNS)


def _climbed(frame: pd.DataFrame, own: pd.DataFrame, name: Name) -> IntervalEstimate:
    """Where a graph stands between the two steps of the ladder that know as much of the profile as
    it does.
    """
    bottom, top = reference_lines(frame, BOTTOM), reference_lines(frame, TOP, _size(name[2]))
    if name[1] in REFERENCES or bottom.empty or top.empty:
        return IntervalEstimate(float("nan"), float("nan"), float("nan"), 0)
    return ladder_position(own, bottom, top)


def reference_lines(frame: pd.DataFrame, graph: str, variant: str = "full") -> pd.DataFrame:
    """The lines of one method that asks no model."""
    return frame[(frame["graph"] == graph) & (frame["variant"] == variant)]


def _size(variant: str) -> str:
    """The variant of a reference that is shown as much of the profile."""
    return next((part for part in variant.split("+") if part.startswith("profile_")), "full")


def _cells(name: str, found: IntervalEstimate) -> dict[str, float]:
    """An estimate as three cells of a line."""
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def list_comparisons(frame: pd.DataFrame) -> list[tuple[Name, Name]]:
    """The comparisons of a run: each graph with the others of its model, and with the ends of the
    ladder.
    """
    pairs = []
    names = [name for name, _ in split_methods(frame)]
    graphs = [name for name in names if name[1] not in REFERENCES]
    for place, one in enumerate(graphs):
        pairs += [(one, other) for other in graphs[place + 1 :] if other[0] == one[0]]
        pairs += [
            (one, other) for other in names if other[1:] in {(BOTTOM, "full"), (TOP, _size(one[2]))}
        ]
    return pairs
