"""The cells of a file of predictions as lines, one a prediction; from a wide table or one that is
tidy already.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.scoring.probabilities import SHARES, read_probabilities
from evals.scoring.table_file import RESPONDENT, TableFile, Texts, valid_codes, whole_numbers
from survey.archive import DataError
from survey.codebook import Codebook
from survey.survey_table import variable_of

ITEM, FOLD, PREDICTED = "ITEM", "FOLD", "PREDICTED"
METHOD = ("GRAPH", "METHOD")
TEXTS = ("VARIANT", "MODEL", "PROTOCOL", "ERROR", "DECIDED_BY")
READ = frozenset({RESPONDENT, ITEM, FOLD, PREDICTED, SHARES, *METHOD, *TEXTS})
ASIDE = {
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


def long_table(sheet: TableFile, codebook: Codebook) -> pd.DataFrame:
    """One prediction a line. A code that is blank follows from the distribution, where there is
    one.
    """
    if RESPONDENT not in sheet.columns or not {PREDICTED, SHARES} & sheet.columns.keys():
        raise DataError(
            f"{sheet.source}: beside item, columns respondent and predicted or probabilities are "
            f"wanted"
        )
    codes, why = np.full(sheet.rows, -1), np.full(sheet.rows, "blank", object)
    if PREDICTED in sheet.columns:
        codes, why = whole_numbers(sheet.columns[PREDICTED])
    shares = np.full(sheet.rows, None, object)
    if SHARES in sheet.columns:
        shares, modes = read_probabilities(sheet)
        told = (why == "blank") & pd.Series(shares).notna().to_numpy()
        codes[told], why[told] = modes[told], ""
    place, given = pd.factorize(sheet.texts(ITEM))
    names = {name.upper(): name for name in codebook.items}
    items = np.array([names.get(variable_of(str(name)), str(name)) for name in given], object)
    for at, name in enumerate(items):
        if name in codebook.items:
            chosen = np.flatnonzero((place == at) & (codes >= 0))
            why[chosen[~valid_codes(codes[chosen], codebook.items[name])]] = "no option"
    unread = why != ""
    codes[unread], shares[unread] = -1, None
    return _columns(sheet).assign(
        item=items[place], predicted=codes, why=why, shares=shares, empty=False
    )


def wide_table(sheet: TableFile, codebook: Codebook) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row a person, one column an item; and which columns are none. The lines of an item follow
    each other.
    """
    items = {name.upper(): name for name in codebook.items if name.upper() in sheet.columns}
    if not items:
        wanted = "respondent, item and predicted, or respondent and one for each item"
        raise DataError(f"{sheet.source}: no column names an item; columns {wanted} are wanted")
    own, blocks = _columns(sheet), []
    for upper, name in items.items():
        codes, why = whole_numbers(sheet.columns[upper])
        why[(why == "") & ~valid_codes(codes, codebook.items[name])] = "no option"
        codes[why != ""] = -1
        blocks.append(
            own.assign(item=name, predicted=codes, why=why, shares=None, empty=why == "blank")
        )
    others = [name for name in sheet.header if name not in READ | ASIDE and name not in items]
    notes = (
        (f"Columns that are no item are left aside: {', '.join(others[:8])}.",) if others else ()
    )
    return pd.concat(blocks, ignore_index=True), notes


def _columns(sheet: TableFile) -> pd.DataFrame:
    """What stands in both kinds of file: who is meant, in which fold, and by which method."""
    method = next((name for name in METHOD if name in sheet.columns), METHOD[0])
    texts: dict[str, Texts] = {
        name.lower(): sheet.texts(name, "full" if name == "VARIANT" else "") for name in TEXTS
    }
    row = np.arange(1, sheet.rows + 1)
    named = RESPONDENT in sheet.columns
    ids = sheet.ids() if named else np.array([str(number) for number in row.tolist()], object)
    fixed = {
        "id": ids,
        "named": named,
        "row": row,
        "fold": _folds(sheet),
        "graph": sheet.texts(method),
    }
    return pd.DataFrame({**fixed, **texts})


def _folds(sheet: TableFile) -> NDArray[np.int64]:
    """The fold of each line, or `NO_FOLD`."""
    if FOLD not in sheet.columns:
        return np.full(sheet.rows, NO_FOLD)
    folds, why = whole_numbers(sheet.columns[FOLD])
    wrong = np.flatnonzero((why != "") & (why != "blank"))
    if len(wrong):
        raise DataError(f"{sheet.source}: row {wrong[0] + 1}: a fold is a whole number from 0")
    return folds
