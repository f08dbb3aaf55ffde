"""The ladder table: each method's figures with intervals, and its position on the ladder.

The steps of the ladder are mode, country mode, new topic and ridge: what other people's answers
tell about somebody of whom nothing, the country, the other topics, or the whole profile is known.
Its foot is the country mode, or the mode where people are not from several countries.
"""

from collections.abc import Collection, Iterable
from typing import Any

import pandas as pd

from evals.analysis.frame import MEASURES, METHOD, Name, error_basis, methods_of, split_methods
from evals.analysis.inference import IntervalEstimate, estimate_mean, ladder_position
from evals.analysis.retest import AGAIN, retest_figures
from evals.harness.method_names import REFERENCES

FIGURES = [
    f"{name}{end}" for name in (*MEASURES, "mae_code", "climbed") for end in ("", "_low", "_high")
]
LADDER_COLUMNS = [*METHOD, "people", "cases", "mae_by", *FIGURES]
BOTTOMS = ("country_mode", "mode")
"""What may be the foot of the ladder: the first that is there."""
TOP = "ridge"


def ladder_bottom(graphs: Iterable[str]) -> str:
    """The foot of the ladder among the graphs of a table."""
    there = set(graphs)
    return next((name for name in BOTTOMS if name in there), BOTTOMS[0])


def drop_leaked_items(
    frame: pd.DataFrame, leaks: pd.DataFrame, leaked: Collection[str]
) -> pd.DataFrame:
    """Drop the lines of items that a profile gives away in any fold.

    `leaks`: as `LeakDetector.find_leaks` returns them; `leaked`: the values of its column `leak`
    that count.
    """
    return frame[~frame["item"].isin(leaks.loc[leaks["leak"].isin(leaked), "item"])]


def ladder_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Estimate each method's figures; one line a method, in the order of the frame.

    Columns: those of `METHOD`; `people` and `cases` scored; accuracy and MAE with the ends of their
    95 % intervals; `mae_by`, what the MAE is measured from; `mae_code`, the MAE of single codes;
    `climbed`, of graphs alone: the position of its accuracy between the ladder's foot (0) and ridge
    (1), with its interval. Where people were asked twice also `retest`, the share of answers that
    they repeat, and `of_retest`, accuracy divided by it.
    """
    lines = []
    for name, own in split_methods(frame):
        line: dict[str, Any] = dict(zip(METHOD, name, strict=True))
        counted = own[own["accuracy"].notna()]
        line |= {"people": counted["respondent"].nunique(), "cases": len(counted)}
        line |= {"mae_by": error_basis(own)}
        for measure in (*MEASURES, "mae_code"):
            line |= _cells(measure, estimate_mean(own, measure))
        line |= _cells("climbed", _position(frame, own, name))
        for figure, found in retest_figures(own).items():
            line |= _cells(figure, found)
        lines.append(line)
    return pd.DataFrame(lines, columns=None if AGAIN in frame and lines else LADDER_COLUMNS)


def _position(frame: pd.DataFrame, own: pd.DataFrame, name: Name) -> IntervalEstimate:
    """The position of a graph between the steps that know as much of the profile as it does.

    nan for a reference, and where a step is not among the frame's methods.
    """
    foot = ladder_bottom(frame["graph"].unique())
    bottom, top = reference_lines(frame, foot), reference_lines(frame, TOP, _size(name[2]))
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
    """Return an estimate as three cells of a line: value, low end, high end."""
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def list_comparisons(frame: pd.DataFrame) -> list[tuple[Name, Name]]:
    """List the comparisons of a run: each graph with the later ones of its model, and with the
    foot and the top of the ladder.
    """
    pairs = []
    names = methods_of(frame)
    graphs = [name for name in names if name[1] not in REFERENCES]
    bottom = ladder_bottom(name[1] for name in names)
    for number, one in enumerate(graphs, 1):
        steps = {(bottom, "full"), (TOP, _size(one[2]))}
        others = [other for other in graphs[number:] if other[0] == one[0]]
        others += [other for other in names if other[1:] in steps]
        pairs += [(one, other) for other in others]
    return pairs
