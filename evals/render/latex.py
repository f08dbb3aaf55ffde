"""Writes a table in LaTeX: the cells that the page of the report shows."""

import pandas as pd

from evals.render.table import Table

LONG = 40
"""A table of more lines than this may break over pages."""


def format_latex(table: Table) -> str:
    """Write the cells of the page as a LaTeX table, everything in them escaped."""
    lines = [list(map(_printable, line)) for line in table.lines]
    cells = pd.DataFrame(lines, columns=table.head)
    text: str = cells.to_latex(
        index=False,
        escape=True,
        longtable=len(cells) > LONG,
        column_format="l" * table.words + "r" * (len(table.head) - table.words),
        caption=_escaped(f"{table.title}."),
        label=f"tab:{table.name.replace('_', '-')}",
    )
    return text


def _printable(cell: str) -> str:
    """A cell on one line, without control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in cell).split())


def _escaped(text: str) -> str:
    """A caption, which pandas does not escape."""
    return text.translate({ord(sign): f"\\{sign}" for sign in "&%$#_{}"})
