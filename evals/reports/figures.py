"""The figures about methods: where they stand, by dimension, by size of profile."""

from collections.abc import Iterator, Sequence
from math import pi, sin
from typing import Any

import pandas as pd
from matplotlib.ticker import MultipleLocator

from evals.analysis.frame import METHOD
from evals.analysis.ladder import BOTTOMS, TOP, ladder_bottom
from evals.harness.method_names import LLM_GRAPHS, REFERENCES
from evals.metrics import OVERALL
from evals.render.drawing import (
    COLOURS,
    FAINT,
    MARKERS,
    REAL,
    Drawing,
    draw_forest,
    error_bars,
    new_canvas,
    wrap_label,
)
from evals.render.labels import METHOD_LABELS, method_title, order_dimensions
from evals.render.table import Line, records

MEASURED = {"accuracy": "accuracy", "mae_code": "MAE of one code (less is better)"}
"""What figures hold methods side by side in: of all the same."""
STYLES = dict.fromkeys(BOTTOMS, "--") | {TOP: ":"}
"""How the ends of the ladder are drawn."""
MOST = 6
"""Methods that one figure of lines shows."""
KEYS = ["run", *METHOD]
PROFILE = r"^(?:.*\+)?profile_(\d+)(?:\+.*)?$"


def draw_methods(standing: pd.DataFrame) -> Drawing | None:
    """Draw accuracy and MAE of every method with 95 % intervals; None without methods."""
    if standing.empty:
        return None
    title = method_title(standing)
    labels = [title(line) for line in records(standing)]
    colours = [FAINT if graph in REFERENCES else COLOURS[0] for graph in standing["graph"]]
    height = 0.27 * len(standing) + 1.0
    figure, panels = new_canvas(2 * height, 2, 1)
    for panel, (measure, axis_title) in zip(panels, MEASURED.items(), strict=True):
        draw_forest(panel, standing, labels, measure, colours)
        panel.set_xlabel(axis_title)
        if standing["run"].nunique() == 1:
            _draw_ladder(panel, standing, measure)
    about = (
        f"Blue: asks a model; grey: asks none. Dashed line: {_bottom_label(standing)}; dotted "
        "line: ridge. Bars: 95 % intervals."
    )
    return Drawing("methods", "Accuracy and MAE of each method", about, figure, standing)


def _bottom_label(frame: pd.DataFrame) -> str:
    """What the foot of the ladder is called."""
    return METHOD_LABELS[ladder_bottom(frame["graph"])]


def _draw_ladder(panel: Any, standing: pd.DataFrame, measure: str) -> None:
    """Draw the ends of the ladder as lines across a panel."""
    for graph in (ladder_bottom(standing["graph"]), TOP):
        style = STYLES[graph]
        rung = standing[(standing["graph"] == graph) & (standing["variant"] == "full")]
        if len(rung):
            value = rung[measure].iloc[0]
            panel.axvline(value, color=REAL, linestyle=style, linewidth=1, zorder=0)


def draw_radar(scores: pd.DataFrame) -> Drawing | None:
    """Draw accuracy in the value dimensions of the first graphs and the ends of the ladder.

    `scores`: by method and dimension, of one rule a run. None for fewer than three dimensions.
    """
    own = scores[(scores["dimension"] != OVERALL) & scores["accuracy"].notna()]
    shown = own[_first_graphs(own) | _rungs(own)]
    dimensions = order_dimensions(shown["dimension"])
    if len(dimensions) < 3:
        return None
    figure, [panel] = new_canvas(5.2, subplot_kw={"projection": "polar"})
    angles = [2 * pi * place / len(dimensions) for place in range(len(dimensions))]
    title = method_title(shown)
    for place, (_, cells) in enumerate(shown.groupby(KEYS, sort=False)):
        values = cells.set_index("dimension")["accuracy"].reindex(dimensions).tolist()
        graph = str(cells["graph"].iloc[0])
        look = {"color": REAL, "linestyle": STYLES[graph]} if graph in STYLES else _look(place)
        look |= {"label": wrap_label(title(cells.iloc[0].to_dict()), 40)}
        closed = [*values, values[0]]
        panel.plot([*angles, angles[0]], closed, linewidth=1.5, markersize=4, **look)
    _label_spokes(panel, dimensions, angles)
    panel.set_ylim(0, max(0.6, float(shown["accuracy"].max())))
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    about = (
        f"The centre is 0. Up to {MOST} methods that ask a model; black: "
        f"{_bottom_label(shown)} (dashed), ridge (dotted)."
    )
    return Drawing("radar", "Accuracy in the value dimensions", about, figure, shown)


def _first_graphs(scores: pd.DataFrame) -> "pd.Series[bool]":
    """Which lines are of the first methods that ask a model."""
    names = scores.loc[scores["graph"].isin(LLM_GRAPHS), KEYS].drop_duplicates().head(MOST)
    first = set(names.itertuples(index=False, name=None))
    return scores[KEYS].apply(tuple, axis=1).isin(first)


def _rungs(scores: pd.DataFrame) -> "pd.Series[bool]":
    """Which lines are of the ends of the ladder in the first run."""
    ends = (ladder_bottom(scores["graph"]), TOP)
    rung = scores["graph"].isin(ends) & (scores["variant"] == "full")
    return rung & (scores["run"] == scores["run"].iloc[:1].squeeze())


def _label_spokes(panel: Any, dimensions: Sequence[str], angles: Sequence[float]) -> None:
    """Name spokes outside the circle, clockwise from the top, and the rings between two spokes."""
    panel.set_theta_offset(pi / 2)
    panel.set_theta_direction(-1)
    panel.set_xticks(angles, [wrap_label(name.replace("_", " "), 12) for name in dimensions])
    panel.tick_params(axis="x", pad=4)
    for label, angle in zip(panel.get_xticklabels(), angles, strict=True):
        label.set_horizontalalignment(_side(sin(angle)))
    panel.yaxis.set_major_locator(MultipleLocator(0.2))
    panel.set_rlabel_position(180 / len(dimensions))
    panel.tick_params(axis="y", labelcolor=FAINT, labelsize=9)


def _side(right: float) -> str:
    """On which side of its place a label begins, so that it lies outside the circle."""
    if abs(right) < 0.2:
        return "center"
    return "left" if right > 0 else "right"


def _look(place: int) -> dict[str, str]:
    """Colour and marker of a line."""
    return {"color": COLOURS[place % len(COLOURS)], "marker": MARKERS[place % len(MARKERS)]}


def draw_scale(standing: pd.DataFrame) -> Drawing | None:
    """Draw accuracy and MAE by size of profile, with 95 % intervals; None for a single size."""
    size = standing["variant"].str.extract(PROFILE, expand=False)
    sized = standing[size.notna()].assign(size=size.dropna().astype(int))
    sized = sized.sort_values("size", kind="stable")
    if sized["size"].nunique() < 2:
        return None
    figure, panels = new_canvas(7.0, 2, 1, sharex=True)
    for panel, measure in zip(panels, MEASURED, strict=True):
        for look, line in _curves(sized):
            bars = error_bars(line, measure)
            panel.errorbar(line["size"], line[measure], yerr=bars, capsize=3, **look)
        panel.set_ylabel(MEASURED[measure])
    panels[-1].set_xlabel("items of the profile that are told")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2, frameon=False)
    about = (
        "Bars: 95 % intervals. The paper prints no numbers for its own curve, so none is drawn; in "
        "words, most of the gain comes before about 100 items."
    )
    return Drawing("scale", "By size of profile", about, figure, sized)


def _curves(sized: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Each method's look, with its label, and its lines; run and model are named if several."""
    several = [
        name for name in ("run", "model") if sized.loc[sized[name] != "", name].nunique() > 1
    ]
    place = 0
    for (run, model, graph), line in sized.groupby(["run", "model", "graph"], sort=False):
        names = {"run": str(run), "model": str(model)}
        words = [METHOD_LABELS.get(str(graph), str(graph)), *(names[name] for name in several)]
        look = {"color": REAL, "linestyle": STYLES.get(str(graph), "-.")}
        if graph not in REFERENCES:
            look = _look(place)
            place += 1
        look["label"] = wrap_label(", ".join(filter(None, words)), 40)
        yield look, line


def draw_gaps(frame: pd.DataFrame) -> Drawing | None:
    """Draw the widest gap in accuracy of each grouping and method; None without any gap."""
    if frame.empty:
        return None
    title = method_title(frame)
    labels = [f"{title(line)}: {_groups(line)}" for line in records(frame)]
    figure, [panel] = new_canvas(0.6 * len(frame) + 1.0)
    draw_forest(panel, frame, labels, "gap", [COLOURS[0]] * len(frame))
    panel.axvline(0, color=REAL, linewidth=1)
    panel.set_xlabel("gap in accuracy")
    about = (
        "How much more accurate a method is for one group than for the other; bars: 95 % intervals."
    )
    return Drawing("gaps", "Widest gaps between groups", about, figure, frame)


def _groups(line: Line) -> str:
    """The two groups of a gap, and by what they are told apart."""
    return f"{line['by']} {line['high_group']} - {line['low_group']}"
