"""Figures of the report: their look, and their files.

They are narrow, so that a phone shows them with readable letters.
"""

import io
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

WIDTH = 5.0
"""Inches; a phone shows that at about its own size."""
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Told apart by colour-blind people as well (Okabe and Ito)."""
REAL, FAINT = "#222222", "#767676"
MARKERS = "osD^vP"
STYLE: Any = {
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "figure.constrained_layout.use": True,
}
PROLOGUE = re.compile(r"\A.*?(?=<svg )", re.DOTALL)
METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)


@dataclass(frozen=True)
class Drawing:
    """One figure with what it shows: `frame` holds every number in it, `about` says it in words."""

    name: str
    title: str
    about: str
    figure: Figure
    frame: pd.DataFrame

    @cached_property
    def _drawn(self) -> str:
        """The figure as svg; it is laid out once."""
        stream = io.StringIO()
        salt = {"svg.hashsalt": self.name}  # so that no two figures of a page share an id
        with rc_context(STYLE | salt):
            self.figure.savefig(stream, format="svg", metadata={"Date": None})
        self.figure.set_layout_engine("none")
        return stream.getvalue()

    def svg(self) -> str:
        """Return the figure as an element of a page, without ids that nothing refers to."""
        text = METADATA.sub("", PROLOGUE.sub("", self._drawn))
        used = set(re.findall(r"#([\w.-]+)", text))
        return re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", text)

    def write(self, folder: Path) -> None:
        """Write it as svg and pdf, and its numbers as csv."""
        (folder / f"{self.name}.svg").write_text(self._drawn, encoding="utf-8")
        with rc_context(STYLE):
            self.figure.savefig(folder / f"{self.name}.pdf", metadata={"CreationDate": None})
        self.frame.to_csv(folder / f"{self.name}.csv", index=False, lineterminator="\n")


def new_canvas(
    height: float, rows: int = 1, columns: int = 1, **layout: Any
) -> tuple[Figure, Sequence[Any]]:
    """Make an empty figure, `height` inches high; return it and its panels in reading order."""
    with rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height))
        panels = figure.subplots(rows, columns, squeeze=False, **layout)
    return figure, list(panels.flat)


def escape_formula(text: str) -> str:
    """Escape dollar signs, which would begin a formula."""
    return text.replace("$", r"\$")


def wrap_label(text: str, width: int = 24, most: int = 3) -> str:
    """Break a label into up to `most` lines of `width` letters."""
    lines = textwrap.wrap(text, width, max_lines=most, placeholder=" …")
    return escape_formula("\n".join(lines) or text)


def error_bars(frame: pd.DataFrame, name: str, low: str = "", high: str = "") -> Any:
    """The lengths of error bars to the left and right of figures; 0 without an interval."""
    left = frame[name] - frame[low or f"{name}_low"]
    right = frame[high or f"{name}_high"] - frame[name]
    return [left.fillna(0).clip(lower=0), right.fillna(0).clip(lower=0)]


def draw_forest(
    panel: Any,
    frame: pd.DataFrame,
    labels: Sequence[str],
    name: str,
    colours: Sequence[str],
    **ends: str,
) -> None:
    """Draw figures with their intervals, one below the other, the first on top."""
    places = range(len(frame))
    across = error_bars(frame, name, **ends)
    for place, value, left, right, colour in zip(
        places, frame[name], *across, colours, strict=True
    ):
        panel.errorbar(
            [value], [place], xerr=[[left], [right]], fmt="o", color=colour, capsize=3, markersize=5
        )
    panel.set_yticks(list(places), [wrap_label(label) for label in labels])
    panel.set_ylim(len(frame) - 0.5, -0.5)
