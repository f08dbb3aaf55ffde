"""Files of predictions as one table of lines, and what each method is called; docs/scoring.md tells
the columns.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from evals.harness.experiment import REFERENCES
from evals.scoring.predictions_table import ITEM, READ, long_table, wide_table
from evals.scoring.table_file import Texts, read_table_file
from survey.archive import DATA, DataError
from survey.codebook import Codebook


def read_predictions(given: Path, codebook: Codebook) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read the file of one `--predictions`, FILE or NAME=FILE, and what was noticed.

    Columns, one line a prediction: `id` of the respondent, and whether the file is `named` so or
    tells people by `row`; `item`, as the codebook has it where it does; `fold`, or `NO_FOLD`;
    `graph`, `variant`, `model`, `protocol`, `error`, `decided_by`, text; `predicted`, a code or -1;
    `shares` by code, None where there are none; `why` it cannot be read, "" where it can; `empty`,
    whether it is an empty cell of a wide table; `source`, the file. Raises DataError, one line.
    """
    name, path = split_name(given)
    items = {item.upper() for item in codebook.items}
    sheet = read_table_file(path, READ | items)
    lines, notes = (
        (long_table(sheet, codebook), ()) if ITEM in sheet.columns else wide_table(sheet, codebook)
    )
    lines.loc[lines["error"] != "", "predicted"] = -1
    lines["source"] = str(path)
    lines["graph"] = _methods(lines, name, _stem(path))
    _check(lines, str(path))
    return lines, tuple(f"{path}: {note}" for note in (*sheet.notes, *notes))


def split_name(given: Path) -> tuple[str, Path]:
    """The name and the path of FILE or NAME=FILE; a file that bears such a name whole has no
    other.
    """
    name, sign, path = str(given).partition("=")
    return (name.strip(), Path(path)) if sign and not given.exists() else ("", given)


def is_reference(lines: pd.DataFrame) -> "pd.Series[bool]":
    """Whether a line is the answer of one of this project's references, as its `predictions.csv`
    holds them.
    """
    return lines["graph"].isin(REFERENCES) & (lines["decided_by"] == "reference")


def _stem(path: Path) -> str:
    """A file's name without what tells its kind."""
    while path.suffix.lower() in {*DATA, ".zip", ".gz"}:
        path = path.with_suffix("")
    return path.name


def _methods(lines: pd.DataFrame, name: str, stem: str) -> Texts:
    """What each line's method is called: as the file says, else as the command or the file is
    called.

    A name given in the command stands for the only method of a file, and before the names of
    several.
    """
    graph, own = lines["graph"].to_numpy(object), ~is_reference(lines).to_numpy()
    if not name:
        return np.where(graph == "", stem, graph)
    several = len(set(graph[own])) > 1
    called = {each: f"{name}/{each}" if several and each else name for each in set(graph)}
    return np.where(own, np.array([called[each] for each in graph], object), graph)


def _check(lines: pd.DataFrame, source: str) -> None:
    """Refuse names that would be taken for something else."""
    for graph in sorted(
        set(lines.loc[lines["graph"].isin(REFERENCES) & ~is_reference(lines), "graph"])
    ):
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
