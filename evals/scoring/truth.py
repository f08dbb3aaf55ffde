"""Reads the truth: what people really answered, from a survey file, a wide or a long table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.analysis.groups import assign_groups
from evals.scoring.long_answers import ANSWER_NAMES, ITEM, describe_unknown_codes, read_long_answers
from evals.scoring.table_file import RESPONDENT, TableFile, Texts, read_table_file
from survey.archive import DataError
from survey.cells import numbers_of
from survey.codebook import Codebook
from survey.column_checks import ENOUGH_ITEMS, OF_ITEMS
from survey.missing_codes import UNKNOWN_CODE
from survey.open_survey import open_survey
from survey.respondents import Respondents, read_survey
from survey.survey_names import is_named

GROUPS = ("SEX", "EDUCATION", "RELIGION")
NUMBERS = ("WEIGHT", "AGE")
CONTEXT = ("COUNTRY", *NUMBERS, *GROUPS)
"""Columns that say of each person what the survey's own columns say in its files."""


@dataclass(frozen=True, eq=False)
class Truth:
    """People with their real answers.

    `ids`, shape (people,), name them in files: their row numbers where `by_row`. `groups`: text
    columns of the file that say which group a person belongs to, one row a person.
    """

    people: Respondents
    ids: Texts
    groups: pd.DataFrame
    by_row: bool

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row (from 1) of each id."""
        return {str(name): row for row, name in enumerate(self.ids, 1)}

    def find_groups(self, respondents: tuple[int, ...], codebook: Codebook) -> pd.DataFrame:
        """Return the groups of these people (rows from 1), as `assign_groups` does.

        Columns of the file replace those that follow from answers.
        """
        groups = assign_groups(self.people, respondents, codebook)
        indices = np.array(respondents, dtype=np.intp) - 1
        for name in self.groups:
            groups[str(name)] = self.groups[name].to_numpy(object)[indices]
        return groups


def read_truth(path: Path, codebook: Codebook) -> Truth:
    """Read a file of answers; docs/scoring.md tells its forms. Raises DataError, one line.

    A survey that is known by name is read as a run reads it.
    """
    if is_named(path):
        people = open_survey(path)
        rows = np.arange(1, len(people) + 1).astype(str).astype(object)
        return Truth(people, rows, pd.DataFrame(index=range(len(people))), by_row=True)
    names = {name.upper(): name for name in codebook.items}
    table = read_table_file(path, {RESPONDENT, ITEM, *ANSWER_NAMES, *CONTEXT} - names.keys(), names)
    by_row = RESPONDENT not in table.columns
    if ITEM in table.columns and not by_row:
        people, ids, person = read_long_answers(path, table, codebook)
    else:
        people = _read_wide(path, table, codebook, names)
        person = np.arange(len(people))
        ids = (person + 1).astype(str).astype(object) if by_row else _unique_ids(table)
    told = _context_columns(table, person, len(people))
    groups = told.filter(GROUPS).rename(columns=str.lower)
    people = replace(people, context=_merge_context(people.context, told))
    return Truth(people, ids, groups, by_row)


def _read_wide(
    path: Path, table: TableFile, codebook: Codebook, names: Mapping[str, str]
) -> Respondents:
    """Read a file with one row a person and one column an item, by the loader of surveys.

    A file with a column of respondents, or with few items, may lack columns of items; any other is
    read as a whole survey, whose loader refuses it where too many are absent. Raises DataError.
    """
    found = [name for name in names if name in table.header or f"{name}P" in table.header]
    if not found:
        title = codebook.facts.title
        hint = f"; surveys other than {title} need --items FILE" if title else ""
        raise DataError(
            f"{table.source}: no column names an item, such as {next(iter(codebook.items))}{hint}"
        )
    whole = RESPONDENT not in table.columns and len(found) * OF_ITEMS >= ENOUGH_ITEMS * len(names)
    items = {}
    for name in names if whole else found:
        items[name] = replace(codebook.items[names[name]], id=name)
    people = read_survey(path, replace(codebook, items=items))
    if not whole:
        unknown = int((people.codes == UNKNOWN_CODE).sum())
        people = replace(people, notes=(*table.notes, *describe_unknown_codes(unknown)))
    return replace(people, items=tuple(names[name] for name in people.items), codebook=codebook)


def _unique_ids(table: TableFile) -> Texts:
    """The respondents of a wide table. Raises DataError for one that has two rows or no id."""
    ids = table.ids()
    wrong = np.flatnonzero(pd.Series(ids).duplicated().to_numpy() | (ids == ""))
    if len(wrong):
        name = ids[wrong[0]]
        fault = f"respondent {name} stands in several rows" if name else "names no respondent"
        raise DataError(f"{table.source}: row {wrong[0] + 1}: {fault}")
    return ids


def _context_columns(table: TableFile, person: NDArray[np.int64], people: int) -> pd.DataFrame:
    """The columns of `CONTEXT` that a file has, one row a person, as text.

    `person`: the index of each line's person; the first of its cells that is not empty counts.
    """
    columns = {name: table.texts(name) for name in CONTEXT if name in table.columns}
    if not columns:
        return pd.DataFrame(index=range(people))
    lines = pd.DataFrame(columns, dtype=object)
    first = lines.where(lines != "", None).groupby(person).first().reindex(range(people))
    return first.astype(object).where(first.notna(), "")


def _merge_context(context: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The context of people, with the file's own columns in place of the survey reader's."""
    own = {}
    for name in NUMBERS:
        if name in told:
            own[name.lower()] = numbers_of(told[name].to_numpy(object))[0]
    if "COUNTRY" in told:
        own["country"] = told["COUNTRY"].to_numpy(object)
    return context.assign(**own)
