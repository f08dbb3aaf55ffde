"""The short output of a command: at most 25 lines of 80 columns, for people who read it first.

Who was asked, one table of the methods, up to three findings, where the rest is, what to type next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten, wrap

from rich.console import Console

from evals.analysis.ladder import BOTTOMS, TOP
from evals.harness.method_names import REFERENCES
from evals.render.console import build_grid
from evals.render.overview_table import overview_columns, overview_note
from evals.render.table import Line

WIDTH, HEIGHT = 80, 25
FEWEST_ROWS = 8
"""Methods that are shown before findings take their lines."""
LONGEST_WARNING = 2 * WIDTH - 10


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


def print_overview(console: Console, overview: Overview) -> None:
    """Print the short output, within `HEIGHT` lines: blank lines, findings and methods give way."""
    who, rest = _wrapped(overview.who), _wrapped(overview.rest)
    note = _wrapped([overview_note(overview.rows)]) if overview.rows else []
    room = HEIGHT - len(who) - len(note) - len(rest) - 2  # the table's head, and a blank line
    said = _fitting(overview, room - min(len(overview.rows), FEWEST_ROWS))
    rows = _first_rows(overview.rows, room - len(said))
    blanks = room - len(said) - len(rows)
    _print_lines(console, who)
    console.print()
    if rows:
        console.print(build_grid("", overview_columns(rows), rows, 1))
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
    if row["graph"] in (BOTTOMS[0], TOP):
        return 0
    return 2 if row["graph"] in REFERENCES else 1
