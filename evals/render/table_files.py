"""Writes tables into files: csv and Parquet with every number in full, and LaTeX."""

from pathlib import Path

import pandas as pd

from evals.render.latex import format_latex
from evals.render.table import Table


def write_table(table: Table, folder: Path) -> None:
    """Write a table as csv, Parquet and LaTeX (packages booktabs and, for long ones, longtable)."""
    write_frame(table.frame, folder, table.name)
    (folder / f"{table.name}.tex").write_text(format_latex(table), encoding="utf-8")


def write_frame(frame: pd.DataFrame, folder: Path, name: str) -> None:
    """Write a frame as csv and Parquet."""
    frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    frame.to_parquet(folder / f"{name}.parquet", engine="pyarrow", index=False)
