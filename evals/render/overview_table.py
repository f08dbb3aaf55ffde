"""The table of the short output: accuracy, MAE, ladder position and readable share by method."""

from collections.abc import Mapping, Sequence

from evals.analysis.frame import Name
from evals.analysis.ladder import TOP, ladder_bottom
from evals.analysis.tables import AnalysisTables
from evals.harness.method_names import REFERENCES
from evals.metrics import OVERALL
from evals.render.formatting import DASH, format_figure, number_or_none
from evals.render.labels import METHOD_LABELS, USES_OTHERS, line_title, method_name, title_of
from evals.render.scores import MethodLine
from evals.render.table import Cell, Column, Line, interval_cell, records, unweighted_lines

TITLE_WIDTH, LONGEST_TITLE = 15, 36
"""Columns of a method's name beside what it is, and without."""
WHAT_IT_IS = {
    "valuesim": "story, then 3 views",
    "full_info": "whole profile at once",
    "rag": "closest known answers",
    "chance": "any option at random",
    "mode": "most frequent answer",
    "country_mode": "the same, by country",
    "demographics": "from sex and age",
    "new_topic": "from other topics",
    "ridge": "from all other answers",
    "boosted": "the same, with trees",
}
"""What a method answers by, in a few words."""


def overview_rows(
    tables: AnalysisTables, readable: Mapping[Name, float], lines: Sequence[MethodLine] = ()
) -> list[Line]:
    """The rows of the short output's table: figures of `standing`, and the share of read replies.

    A place on the ladder stands where its interval is known, which is where its ends differ beyond
    chance. Where `standing` could not be worked out the scores of `lines` stand without intervals.
    """
    every = unweighted_lines(tables.standing)
    every = every[~((every["graph"] == "chance") & (every["variant"] != "full"))]
    if every.empty:
        return list(map(_score_row, lines))
    rows: list[Line] = []
    foot = ladder_bottom(every["graph"])
    has_ladder = bool(every["climbed_low"].notna().any())
    for line in records(every):
        place = {foot: 0.0, TOP: 1.0}.get(line["graph"]) if has_ladder else None
        known = number_or_none(line["climbed_low"]) is not None
        rows.append(
            {
                **line,
                "title": line_title(line, every),
                "climbed": line["climbed"] if known else place,
                "readable": readable.get(method_name(line)),
            }
        )
    return rows


def _score_row(line: MethodLine) -> Line:
    """The figures of one method without intervals."""
    score = line.scores[OVERALL]
    row = dict.fromkeys(("accuracy_low", "accuracy_high", "climbed"))
    return row | {
        "graph": line.graph,
        "title": title_of(line.graph, line.variant, line.uses_others),
        "accuracy": score.accuracy,
        "mae": score.mae,
        "readable": None if line.graph in REFERENCES else score.readable,
    }


def overview_note(rows: Sequence[Line]) -> str:
    """What the columns mean."""
    parts = [
        "accuracy: share guessed right [95 % interval]",
        "MAE: distance from the true answer, 1 is the whole scale",
    ]
    foot = METHOD_LABELS[ladder_bottom(str(row["graph"]) for row in rows)]
    if any(number_or_none(row.get("climbed")) is not None for row in rows):
        parts.append(f"ladder: 0 is as good as {foot}, 1 as ridge")
    elif any(row["graph"] == TOP for row in rows):
        parts.append(f"ladder: none, as {foot} and ridge do not differ beyond chance")
    if any(row.get("readable") is not None for row in rows):
        parts.append("readable: replies naming an option")
    if any(row["graph"] in USES_OTHERS for row in rows):
        parts.append("†: knows how others answered")
    return "; ".join(parts) + "."


def overview_columns(rows: Sequence[Line]) -> list[Column]:
    """The columns of the table; what a method is stands beside short names alone."""
    short = all(len(row["title"]) <= TITLE_WIDTH or row["graph"] is None for row in rows)
    columns = [Column("method", lambda row: Cell(_cut(row["title"])), fold=False)]
    if short:
        columns.append(Column("how it guesses", lambda row: Cell(WHAT_IT_IS.get(row["graph"], ""))))
    return [
        *columns,
        Column("accuracy", _accuracy_cell),
        Column("MAE", lambda row: _figure_cell(row, "mae"), right=True),
        Column("ladder", lambda row: _figure_cell(row, "climbed"), right=True),
        Column("readable", _readable_cell, right=True),
    ]


def _cut(title: str) -> str:
    """A name that leaves room for the figures."""
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 3] + "..."


def _accuracy_cell(row: Line) -> Cell:
    """Accuracy and its interval; empty in the row of methods that are not shown."""
    return Cell("") if row["graph"] is None else interval_cell(row, "accuracy")


def _figure_cell(row: Line, name: str) -> Cell:
    """One figure."""
    return Cell("" if row["graph"] is None else format_figure(number_or_none(row[name])))


def _readable_cell(row: Line) -> Cell:
    """The share of replies that could be read; a dash for a method that gets none."""
    if row["graph"] is None:
        return Cell("")
    return Cell(DASH if row["readable"] is None else f"{row['readable']:.1%}")
