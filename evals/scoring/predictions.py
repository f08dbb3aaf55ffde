"""Reads files of predictions and names their methods; docs/scoring.md tells the columns."""

from pathlib import Path

import numpy as np
import pandas as pd

from evals.harness.method_names import REFERENCES
from evals.scoring.predictions_table import COLUMNS, ITEM, long_table, wide_table
from evals.scoring.table_file import Texts, read_table_file
from survey.archive import DATA, DataError
from survey.codebook import Codebook


def read_predictions(given: Path, codebook: Codebook) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read the file of one `--predictions`, FILE or NAME=FILE; also return what was noticed.

    The table has one line a prediction, and the columns: `id` of the respondent; `named`, whether
    the file has ids or tells people by `row`; `item`, as the codebook writes it if it has it;
    `fold`, or `NO_FOLD`; `graph`, `variant`, `model`, `protocol`, `error` and `decided_by`, text;
    `predicted`, a code or -1; `shares`, a mapping from code to probability or None; `why` the
    prediction cannot be read, "" where it can; `empty`, whether it is an empty cell of a wide
    table; `source`, the file. Raises DataError, one line.
    """
    name, path = split_name(given)
    table = read_table_file(path, COLUMNS | set(map(str.upper, codebook.items)))
    notes = table.notes
    if ITEM in table.columns:
        lines = long_table(table, codebook)
    else:
        lines, more = wide_table(table, codebook)
        notes += more
    lines.loc[lines["error"] != "", "predicted"] = -1
    lines["source"] = str(path)
    lines["graph"] = _method_names(lines, name, _stem(path))
    _validate_names(lines, str(path))
    return lines, tuple(f"{path}: {note}" for note in notes)


def split_name(given: Path) -> tuple[str, Path]:
    """Split NAME=FILE into name and path; the name of FILE alone is "".

    Where a file is itself called NAME=FILE, that is its path.
    """
    name, sign, path = str(given).partition("=")
    if not sign or given.exists():
        return "", given
    return name.strip(), Path(path)


def is_reference(lines: pd.DataFrame) -> "pd.Series[bool]":
    """Tell which lines a reference of this project answered; a run writes them so."""
    return lines["graph"].isin(REFERENCES) & (lines["decided_by"] == "reference")


def is_scorable(lines: pd.DataFrame, codebook: Codebook) -> "pd.Series[bool]":
    """Tell which lines are about an item that is scored."""
    scorable = {item.id: item.scorable for item in codebook.items.values()}
    return lines["item"].map(scorable).astype(bool)


def _stem(path: Path) -> str:
    """A file's name without its suffixes, such as .csv.gz."""
    while path.suffix.lower() in {*DATA, ".zip", ".gz"}:
        path = path.with_suffix("")
    return path.name


def _method_names(lines: pd.DataFrame, name: str, stem: str) -> Texts:
    """Name the method of each line: by the command's NAME, else as the file says, else by the file.

    NAME replaces the name of a file's only method, and stands before the names of several.
    """
    graph, own = lines["graph"].to_numpy(object), ~is_reference(lines).to_numpy()
    if not name:
        return np.where(graph == "", stem, graph)
    several = len(set(graph[own])) > 1
    renamed = np.full(len(graph), name, object)
    if several:
        renamed = np.where(graph == "", name, f"{name}/" + graph)
    return np.where(own, renamed, graph)


def _validate_names(lines: pd.DataFrame, source: str) -> None:
    """Raise DataError for names of methods that tables would confuse with something else."""
    borrowed = lines["graph"].isin(REFERENCES) & ~is_reference(lines)
    for graph in sorted(set(lines.loc[borrowed, "graph"])):
        raise DataError(
            f"{source}: {graph} is the name of a reference: name the method otherwise, NAME=FILE"
        )
    for column in ("graph", "variant", "model"):
        for text in map(str, lines[column].unique()):
            if "[" in text or not text.isprintable():
                raise DataError(
                    f"{source}: {text[:40]!r} cannot name a method: no bracket and no line break "
                    f"may be in it"
                )
