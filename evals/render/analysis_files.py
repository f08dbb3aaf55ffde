"""Writes the analysis of a run, study or scoring to its directory: figures, tables, findings."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import TABLES, AnalysisTables
from evals.formats import write_csv, write_json
from evals.render.coverage import coverage_warnings


def write_analysis(
    path: Path,
    content: Mapping[str, Any],
    make_tables: Callable[[SkippedTables], AnalysisTables],
    find: Callable[[AnalysisTables], list[str]],
    skipped: SkippedTables,
) -> tuple[AnalysisTables, list[str]]:
    """Write `content` to a JSON file; then the tables beside it; then `content` with findings.

    The figures are on disk before the tables are made, whatever becomes of these. What
    `make_tables` or `find` cannot make is empty, and `skipped` keeps the reason. Returns the tables
    and the findings, a sentence each.
    """
    write_json(path, content)
    tables = skipped.attempt(
        "tables", lambda: make_tables(skipped), partial(AnalysisTables.empty, skipped)
    )
    write_tables(tables, path.parent)
    findings: list[str] = skipped.attempt("findings", lambda: find(tables), list)
    later = {"findings": findings} | _warnings_record(tables) | skipped.record()
    write_json(path, dict(content) | later)
    return tables, findings


def _warnings_record(tables: AnalysisTables) -> dict[str, list[str]]:
    """Return the warnings as `metrics.json` keeps them; nothing where there are none."""
    warnings = coverage_warnings(tables.coverage)
    return {"warnings": warnings} if warnings else {}


def write_tables(tables: AnalysisTables, folder: Path) -> None:
    """Write each table as a csv file of its name: numbers in full, empty where there is none."""
    for name in TABLES:
        table = getattr(tables, name)
        cells = table.astype(object).where(table.notna(), "")
        lines = cells.itertuples(index=False, name=None)
        write_csv(folder / f"{name}.csv", table.columns, lines)
