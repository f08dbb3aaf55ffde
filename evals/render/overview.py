"""The short output of a command: at most 25 lines of 80 columns, for people who read it first.

Who was asked, one table of the methods, up to three findings, where the rest is, what to type next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten, wrap

from rich.console import Console

from evals.analysis.frame import Name
from evals.analysis.ladder import BOTTOM, TOP
from evals.analysis.tables import AnalysisTables
from evals.harness.method_names import REFERENCES
from evals.metrics import OVERALL
from evals.render.console import build_grid
from evals.render.formatting import DASH, format_figure, number_or_none
from evals.render.labels import METHOD_LABELS, USES_OTHERS, line_title, method_name, title_of
from evals.render.scores import MethodLine
from evals.render.table import Cell, Column, Line, interval_cell, records, unweighted_lines

WIDTH, HEIGHT = 80, 25
TITLE_WIDTH, LONGEST_TITLE = 15, 36
"""Columns of a method's name beside what it is, and without."""
FEWEST_ROWS = 8
"""Methods that are shown before findings take their lines."""
LONGEST_WARNING = 2 * WIDTH - 10
WHAT_IT_IS = {
    "valuesim": "story, then 3 views",
    "full_info": "whole profile at once",
    "rag": "closest known answers",
    "chance": "any option alike",
    "mode": "most frequent answer",
    "country_mode": "the same, by country",
    "demographics": "regression, sex and age",
    "new_topic": "regression, new topics",
    "ridge": "regression, all answers",
    "boosted": "trees, all answers",
}
"""What a method answers by, in a few words."""


@dataclass(frozen=True)
class Overview:
    """What the short output says, in the order printed; each text may take several lines.

    `warnings`: what a reader must know before any finding; `rest`: where the rest is, and commands.
    """

    who: Sequence[str]
    rows: Sequence[Line]
    findings: Sequence[str]
    rest: Sequence[str]
    warnings: Sequence[str] = ()


def overview_rows(
    tables: AnalysisTables, readable: Mapping[Name, float], lines: Sequence[MethodLine] = ()
) -> list[Line]:
    """The rows of the short output's table: figures of `standing`, and the share of read replies.

    Where `standing` could not be worked out the scores of `lines` stand without intervals.
    """
    every = unweighted_lines(tables.standing)
    every = every[~((every["graph"] == "chance") & (every["variant"] != "full"))]
    if every.empty:
        return list(map(_score_row, lines))
    rows: list[Line] = []
    has_ladder = bool(every["climbed"].notna().any())
    for line in records(every):
        place = {BOTTOM: 0.0, TOP: 1.0}.get(line["graph"]) if has_ladder else None
        climbed = number_or_none(line["climbed"])
        rows.append(
            {
                **line,
                "title": line_title(line, every),
                "climbed": place if climbed is None else climbed,
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


def print_overview(console: Console, overview: Overview) -> None:
    """Print the short output, within `HEIGHT` lines: blank lines, findings and methods give way."""
    who, rest = _wrapped(overview.who), _wrapped(overview.rest)
    note = _wrapped([_note(overview.rows)]) if overview.rows else []
    room = HEIGHT - len(who) - len(note) - len(rest) - 2  # the table's head, and a blank line
    said = _fitting(overview, room - min(len(overview.rows), FEWEST_ROWS))
    rows = _first_rows(overview.rows, room - len(said))
    blanks = room - len(said) - len(rows)
    _print_lines(console, who)
    console.print()
    if rows:
        console.print(build_grid("", _columns(rows), rows, 1))
        _print_lines(console, note, "dim")
    if blanks > 0:
        console.print()
    _print_lines(console, said)
    if blanks > 1:
        console.print()
    _print_lines(console, rest)


def _wrapped(texts: Sequence[str], first: str = "", later: str = "") -> list[str]:
    """Texts as lines; a word that is longer than a line is not broken."""
    lines: list[str] = []
    for text in texts:
        lines += wrap(
            text,
            WIDTH,
            initial_indent=first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def _print_lines(console: Console, lines: Sequence[str], style: str = "") -> None:
    """Print lines that are wrapped already."""
    for line in lines:
        console.print(line, style=style, soft_wrap=True, markup=False)


def _fitting(overview: Overview, most: int) -> list[str]:
    """The lines of warnings and findings, as many as there is room for."""
    lines: list[str] = []
    warnings = [shorten(text, LONGEST_WARNING, placeholder=" …") for text in overview.warnings]
    for mark, texts in (("! ", warnings), ("* ", overview.findings)):
        for text in texts:
            more = _wrapped([text], mark, "  ")
            if len(lines) + len(more) > most:
                return lines
            lines += more
    return lines


def _first_rows(rows: Sequence[Line], most: int) -> Sequence[Line]:
    """The rows that there is room for; the last one then says how many are missing.

    References that are no end of the ladder go first, the ends last.
    """
    if len(rows) <= most:
        return rows
    ranked = sorted(range(len(rows)), key=lambda place: _rank(rows[place]))
    kept = sorted(ranked[: most - 1])
    left = {"title": f"{len(rows) - len(kept)} more: --tables all", "graph": None}
    return [*(rows[place] for place in kept), left]


def _rank(row: Line) -> int:
    """How soon a row may go: 0 for the ends of the ladder, 2 for other references."""
    if row["graph"] in (BOTTOM, TOP):
        return 0
    return 2 if row["graph"] in REFERENCES else 1


def _note(rows: Sequence[Line]) -> str:
    """What the columns mean."""
    parts = [
        "Accuracy: share as given [95 % interval]",
        "MAE: 0 as given, 1 across the scale",
    ]
    if any(number_or_none(row.get("climbed")) is not None for row in rows):
        parts.append(f"ladder: 0 is {METHOD_LABELS[BOTTOM]}, 1 ridge")
    text = "; ".join(parts) + "."
    if any(row["graph"] in USES_OTHERS for row in rows):
        text += " † sees others' answers to the questions."
    return text


def _columns(rows: Sequence[Line]) -> list[Column]:
    """The columns of the table; what a method is stands beside short names alone."""
    short = all(len(row["title"]) <= TITLE_WIDTH or row["graph"] is None for row in rows)
    columns = [Column("", lambda row: Cell(_cut(row["title"])), fold=False)]
    if short:
        columns.append(Column("", lambda row: Cell(WHAT_IT_IS.get(row["graph"], ""))))
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
