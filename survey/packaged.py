"""Surveys whose rows come inside a Python package: real people by name, no row in this project.

Each is a folder beside this module: its codebook (`items.csv`, `scales.csv`) and `survey.toml`,
which tells where the rows are and which columns hold year, age and sex. The rows are read at run
time.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from survey.archive import DataError
from survey.cells import texts_of
from survey.codebook import Codebook, read_codebook
from survey.grouping import SurveyFacts
from survey.item import Item
from survey.respondents import Respondents, read_code_columns
from survey.survey_table import Column, SurveyTable

INSTALL = "pip install -e '.[real]' in the checkout"
NO_OPTION = np.iinfo(np.int16).max
"""Stands for a value that no option has."""


@cache
def packaged_codebook(name: str) -> Codebook:
    """The codebook of one of `PACKAGED`."""
    return read_codebook(files("survey") / name)


def read_packaged(name: str, more: Collection[str] = ()) -> Respondents:
    """Read the people of one of `PACKAGED`.

    `more` columns that the rows have come into the context as text, under their names in capitals.
    Raises DataError, one line, where the package with the rows is not installed or holds others.
    """
    codebook = packaged_codebook(name)
    frame = _frame(name, codebook.facts)
    items = tuple(item.id for item in codebook.items.values() if item.shown)
    table = _table(frame, [codebook.items[item] for item in items])
    codes, _ = read_code_columns(table, items, codebook)
    codes.setflags(write=False)
    sha256 = hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
    context = _context(frame, codebook.facts, codes, items)
    wanted = {column.casefold() for column in more} - {item.casefold() for item in items}
    for column in frame.columns:
        if column.casefold() in wanted:
            context[column.upper()] = texts_of(frame[column].to_numpy())
    return Respondents(codes, items, context, (), name, sha256, codebook)


def _frame(name: str, facts: SurveyFacts) -> pd.DataFrame:
    """The rows, from the installed package."""
    try:
        module = import_module(facts.package)
    except ImportError:
        raise DataError(
            f"{name}: its rows come with the package {facts.package}: {INSTALL}, or "
            "--data synthetic for people who never lived"
        ) from None
    frame = module.data(*facts.data)
    if not isinstance(frame, pd.DataFrame) or frame.empty:
        raise DataError(f"{name}: the installed {facts.package} does not hold its rows: {INSTALL}")
    return frame


def _table(frame: pd.DataFrame, items: Sequence[Item]) -> SurveyTable:
    """The columns of the items, with codes in place of the package's values."""
    absent = [item.id for item in items if item.id not in frame]
    if absent:
        raise DataError(f"the package's rows have no column {', '.join(absent)}: {INSTALL}")
    columns = [_codes(frame[item.id], item) for item in items]

    def chunks(places: Sequence[int]) -> Iterator[list[Column]]:
        yield [columns[place] for place in places]

    return SurveyTable(tuple(item.id for item in items), chunks)


def _codes(values: pd.Series, item: Item) -> Column:
    """The values of one column as codes; nan stays nan."""
    code_of = {option.value: option.code for option in item.options if option.value is not None}
    if not code_of:
        return values.to_numpy(float)
    codes = values.map(code_of)
    return codes.where(codes.notna() | values.isna(), NO_OPTION).to_numpy(float)


def _context(
    frame: pd.DataFrame, facts: SurveyFacts, codes: Column, items: Sequence[str]
) -> pd.DataFrame:
    """The context of each person, as `Respondents` describes it."""
    columns: dict[str, Any] = {"country": np.full(len(frame), facts.country, object)}
    for name, source in facts.context.items():
        if source in items:
            column = codes[:, items.index(source)]
            columns[name] = np.where(column < 0, np.nan, column)
        else:
            columns[name] = frame[source].to_numpy(float)
    return pd.DataFrame(columns)
