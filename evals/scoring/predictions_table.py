"""A file of predictions as a table with one line a prediction, read from a long or a wide file."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.scoring.probabilities import PROBABILITIES, read_probabilities
from evals.scoring.table_file import RESPONDENT, TableFile, Texts, valid_codes, whole_numbers
from survey.archive import DataError
from survey.codebook import Codebook
from survey.survey_table import variable_of

ITEM, FOLD, PREDICTED = "ITEM", "FOLD", "PREDICTED"
METHOD_NAMES = ("GRAPH", "METHOD")
"""The column that names the method; the first of these that a file has."""
TEXT_COLUMNS = ("VARIANT", "MODEL", "PROTOCOL", "ERROR", "DECIDED_BY")
COLUMNS = frozenset(
    {RESPONDENT, ITEM, FOLD, PREDICTED, PROBABILITIES, *METHOD_NAMES, *TEXT_COLUMNS}
)
IGNORED = {
    "",
    "COUNTRY",
    "DIMENSION",
    "TRUTH",
    "READABLE",
    "DRAW",
    "WEIGHT",
    "SEX",
    "AGE",
    "EDUCATION",
    "RELIGION",
}
"""Columns that may stand beside wide predictions without being taken for items."""
NO_FOLD = -1


def long_table(table: TableFile, codebook: Codebook) -> pd.DataFrame:
    """Read a file with one prediction a line; `read_predictions` tells the columns.

    A line without a code gets the most probable one, where the line has probabilities. Raises
    DataError where a column is missing or a cell cannot be read.
    """
    if RESPONDENT not in table.columns or not {PREDICTED, PROBABILITIES} & table.columns.keys():
        raise DataError(
            f"{table.source}: beside item, columns respondent and predicted or probabilities are "
            f"wanted"
        )
    codes, why = np.full(table.rows, -1), np.full(table.rows, "blank", object)
    if PREDICTED in table.columns:
        codes, why = whole_numbers(table.columns[PREDICTED])
    shares = np.full(table.rows, None, object)
    if PROBABILITIES in table.columns:
        shares, modes = read_probabilities(table)
        filled = (why == "blank") & pd.Series(shares).notna().to_numpy()
        codes[filled], why[filled] = modes[filled], ""
    indices, names = _items_of_lines(table, codebook)
    for number, name in enumerate(names):
        if name in codebook.items:
            lines = np.flatnonzero((indices == number) & (codes >= 0))
            why[lines[~valid_codes(codes[lines], codebook.items[name])]] = "no option"
    unread = why != ""
    codes[unread], shares[unread] = -1, None
    return _shared_columns(table).assign(
        item=names[indices], predicted=codes, why=why, shares=shares, empty=False
    )


def _items_of_lines(table: TableFile, codebook: Codebook) -> tuple[NDArray[np.intp], Texts]:
    """The items of a long file, as the codebook writes them, and the index of each line's item."""
    known = {name.upper(): name for name in codebook.items}
    indices, given = pd.factorize(table.texts(ITEM))
    names = [known.get(variable_of(str(name)), str(name)) for name in given]
    return indices, np.array(names, object)


def wide_table(table: TableFile, codebook: Codebook) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a file with one row a person and one column an item, and note columns that are no item.

    The table holds all lines of the first item, then all lines of the next; `read_predictions`
    tells its columns. Raises DataError where no column names an item.
    """
    items = {name.upper(): name for name in codebook.items if name.upper() in table.columns}
    if not items:
        wanted = "respondent, item and predicted, or respondent and one for each item"
        raise DataError(f"{table.source}: no column names an item; columns {wanted} are wanted")
    shared, blocks = _shared_columns(table), []
    for upper, name in items.items():
        codes, why = whole_numbers(table.columns[upper])
        why[(why == "") & ~valid_codes(codes, codebook.items[name])] = "no option"
        codes[why != ""] = -1
        blocks.append(
            shared.assign(item=name, predicted=codes, why=why, shares=None, empty=why == "blank")
        )
    recognised = COLUMNS | IGNORED | items.keys()
    others = [name for name in table.header if name not in recognised]
    notes = []
    if others:
        notes.append(f"Columns that are no item are left aside: {', '.join(others[:8])}.")
    return pd.concat(blocks, ignore_index=True), tuple(notes)


def _shared_columns(table: TableFile) -> pd.DataFrame:
    """The columns of both kinds of file: who is meant, in which fold, and by which method."""
    row = np.arange(1, table.rows + 1)
    named = RESPONDENT in table.columns
    method = METHOD_NAMES[1] if METHOD_NAMES[0] not in table.columns else METHOD_NAMES[0]
    columns = {
        "id": table.ids() if named else row.astype(str).astype(object),
        "named": named,
        "row": row,
        "fold": _folds(table),
        "graph": table.texts(method),
    }
    for name in TEXT_COLUMNS:
        columns[name.lower()] = table.texts(name, "full" if name == "VARIANT" else "")
    return pd.DataFrame(columns)


def _folds(table: TableFile) -> NDArray[np.int64]:
    """The fold of each line, or `NO_FOLD`. Raises DataError for a cell that is no fold."""
    if FOLD not in table.columns:
        return np.full(table.rows, NO_FOLD)
    folds, why = whole_numbers(table.columns[FOLD])
    wrong = np.flatnonzero((why != "") & (why != "blank"))
    if len(wrong):
        raise DataError(f"{table.source}: row {wrong[0] + 1}: a fold is a whole number from 0")
    return folds
