"""The figures about answers: agreement of the perspectives, and how answers are distributed."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from evals.analysis.frame import METHOD
from evals.render.drawing import (
    COLOURS,
    FAINT,
    MARKERS,
    Drawing,
    error_bars,
    new_canvas,
    wrap_label,
)
from evals.render.labels import method_title

PANELS = 6
"""Items whose distributions are drawn."""


def draw_agreement(frame: pd.DataFrame) -> Drawing | None:
    """Draw how often the perspectives agree, and how often they are right; None without any."""
    if frame.empty:
        return None
    meanings = list(dict.fromkeys(frame["meaning"]))
    methods = frame[["run", *METHOD]].drop_duplicates()
    height = 2 * (0.3 + 0.16 * len(methods)) * len(meanings) + 1.6 + 0.25 * len(methods)
    figure, panels = new_canvas(height, 2, 1)
    titles = {"share": "how often", "accuracy": "how often right"}
    for panel, (measure, title) in zip(panels, titles.items(), strict=True):
        _draw_agreement_panel(panel, frame, measure, meanings)
        panel.set_yticks(range(len(meanings)), [wrap_label(meaning, 18) for meaning in meanings])
        panel.set_ylim(len(meanings) - 0.5, -0.5)
        panel.set_xlim(-0.02, 1.02)
        panel.set_xlabel(title)
    if len(methods) > 1:
        handles = panels[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=2, frameon=False)
    about = (
        "How ValueSim's answers come about: shares of answers, and the share that is right; bars: "
        "95 % intervals."
    )
    return Drawing("agreement", "Agreement of the perspectives", about, figure, frame)


def _draw_agreement_panel(
    panel: Any, frame: pd.DataFrame, measure: str, meanings: Sequence[str]
) -> None:
    """Draw one measure of all methods, beside each other in the row of each meaning."""
    title = method_title(frame)
    methods = list(frame.groupby(["run", *METHOD], sort=False))
    for place, (_, own) in enumerate(methods):
        offset = (place - (len(methods) - 1) / 2) * 0.8 / max(len(methods), 4)
        height = own["meaning"].map(meanings.index) + offset
        look = {
            "color": COLOURS[place % len(COLOURS)],
            "fmt": MARKERS[place % len(MARKERS)],
            "label": wrap_label(title(own.iloc[0].to_dict()), 40),
        }
        bars = error_bars(own, measure)
        panel.errorbar(own[measure], height, xerr=bars, capsize=3, **look)


def draw_distributions(frame: pd.DataFrame) -> Drawing | None:
    """Draw real beside simulated shares of the options of a few items; None without any."""
    if frame.empty:
        return None
    items = list(frame.groupby("item", sort=False))
    sizes = [len(own) for _, own in items]
    height = sum(sizes) * 0.27 + 0.6 * len(items) + 0.7
    ratios = [size + 1.5 for size in sizes]
    figure, panels = new_canvas(height, len(items), 1, height_ratios=ratios)
    for panel, (item, own) in zip(panels, items, strict=True):
        _draw_shares(panel, own)
        panel.tick_params(axis="x", labelbottom=panel is panels[-1])
        panel.grid(axis="y", visible=False)
        panel.set_title(wrap_label(f"{item}: {own['topic'].iloc[0]}", 34), loc="left", fontsize=10)
    panels[-1].set_xlabel("share of people")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=2, frameon=False)
    method = method_title(frame)(frame.iloc[0].to_dict())
    about = f"{method}: the items farthest from the real answers; tables/shares.csv has all items."
    return Drawing("distributions", "Real and simulated answers", about, figure, frame)


def _draw_shares(panel: Any, own: pd.DataFrame) -> None:
    """Draw real beside simulated shares of the options of one item, the first option on top."""
    places = range(len(own))
    for name, shift, colour in (("real", -0.2, FAINT), ("simulated", 0.2, COLOURS[0])):
        heights = [place + shift for place in places]
        panel.barh(heights, own[name], 0.38, color=colour, label=name)
    panel.set_yticks(places, [wrap_label(str(label), 26, 1) for label in own["label"]])
    panel.set_ylim(len(own) - 0.5, -0.5)
    panel.set_xlim(0, 1)
