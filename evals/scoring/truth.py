"""What people really answered: a survey file, a wide table of a few items, or one answer a line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from evals.analysis.groups import assign_groups
from evals.analysis.resampling import Indices
from evals.scoring.long_answers import ANSWERS, ITEM, describe_unknown_codes, read_long_answers
from evals.scoring.table_file import RESPONDENT, TableFile, Texts, read_table_file
from survey.archive import DataError
from survey.cells import numbers_of
from survey.codebook import Codebook, wvs7
from survey.column_checks import ENOUGH_ITEMS, OF_ITEMS
from survey.missing_codes import UNKNOWN_CODE
from survey.respondents import Respondents, read_survey

GROUPS = ("SEX", "EDUCATION", "RELIGION")
NUMBERS = ("WEIGHT", "AGE")
CONTEXT = ("COUNTRY", *NUMBERS, *GROUPS)
"""Columns that say of each person what the survey's own columns say in its files."""


@dataclass(frozen=True, eq=False)
class Truth:
    """People with their answers; `ids` name them in files, by row: their row numbers where
    `by_row`.

    `groups`: text columns of the file that say which group a person belongs to, a row a person.
    """

    people: Respondents
    ids: Texts
    groups: pd.DataFrame
    by_row: bool

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row (from 1) of each id."""
        return {str(name): row for row, name in enumerate(self.ids, 1)}

    def grouped(self, respondents: tuple[int, ...], codebook: Codebook) -> pd.DataFrame:
        """The groups of these people, as `assign_groups` returns them; the file's own columns go
        first.
        """
        people = self.people
        if codebook is not wvs7():  # what Q260 asks is known of that survey alone
            people = replace(people, codes=people.codes[:, :0], items=())
        found = assign_groups(people, respondents, codebook)
        places = np.array(respondents, dtype=np.intp) - 1
        for name in self.groups:
            found[str(name)] = self.groups[name].to_numpy(object)[places]
        return found


def read_truth(path: Path, codebook: Codebook) -> Truth:
    """Read a file of answers; its forms are told in docs/scoring.md. Raises DataError, one line."""
    names = {name.upper(): name for name in codebook.items}
    sheet = read_table_file(path, {RESPONDENT, ITEM, *ANSWERS, *CONTEXT} - names.keys(), names)
    by_row = RESPONDENT not in sheet.columns
    if ITEM in sheet.columns and not by_row:
        people, ids, of_row = read_long_answers(path, sheet, codebook)
    else:
        people = _wide(path, sheet, codebook, names)
        of_row = np.arange(len(people))
        ids = np.array([str(row + 1) for row in of_row], object) if by_row else _ids(sheet)
    said = _said(sheet, of_row, len(people))
    groups = said[[name for name in GROUPS if name in said]].rename(columns=str.lower)
    return Truth(
        replace(people, context=_context(people.context, said, codebook)), ids, groups, by_row
    )


def _wide(
    path: Path, sheet: TableFile, codebook: Codebook, names: Mapping[str, str]
) -> Respondents:
    """One row a person, one column an item, read by the loader of surveys.

    Where there are respondents' ids, or few items, those without a column are not missed.
    """
    found = [name for name in names if name in sheet.header or f"{name}P" in sheet.header]
    if not found:
        hint = "" if codebook is not wvs7() else "; surveys other than WVS 7 need --items FILE"
        raise DataError(
            f"{sheet.source}: no column names an item, such as {next(iter(codebook.items))}{hint}"
        )
    whole = RESPONDENT not in sheet.columns and len(found) * OF_ITEMS >= ENOUGH_ITEMS * len(names)
    items = {
        name: replace(codebook.items[names[name]], id=name) for name in (names if whole else found)
    }
    people = read_survey(path, replace(codebook, items=items))
    if not whole:
        people = replace(
            people,
            notes=(
                *sheet.notes,
                *describe_unknown_codes(int((people.codes == UNKNOWN_CODE).sum())),
            ),
        )
    return replace(people, items=tuple(names[name] for name in people.items))


def _ids(sheet: TableFile) -> Texts:
    """The respondents of a wide table, each of whom stands in one row."""
    ids = sheet.ids()
    wrong = np.flatnonzero(pd.Series(ids).duplicated().to_numpy() | (ids == ""))
    if len(wrong):
        name = ids[wrong[0]]
        fault = f"respondent {name} stands in several rows" if name else "names no respondent"
        raise DataError(f"{sheet.source}: row {wrong[0] + 1}: {fault}")
    return ids


def _said(sheet: TableFile, of_row: Indices, people: int) -> pd.DataFrame:
    """What the context columns say of each person: the first cell that is not empty; a row a
    person.
    """
    columns = {name: sheet.texts(name) for name in CONTEXT if name in sheet.columns}
    if not columns:
        return pd.DataFrame(index=range(people))
    lines = pd.DataFrame(columns, dtype=object)
    first = lines.where(lines != "", None).groupby(of_row).first().reindex(range(people))
    return first.astype(object).where(first.notna(), "")


def _context(context: pd.DataFrame, said: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """What is known of people besides their answers; the file's own columns go first."""
    own = {
        name.lower(): numbers_of(said[name].to_numpy(object))[0] for name in NUMBERS if name in said
    }
    if "COUNTRY" in said:
        own["country"] = said["COUNTRY"].to_numpy(object)
    asked = (
        [] if codebook is wvs7() else ["sex", "age"]
    )  # of items that are sex and age in that survey alone
    return context.drop(columns=asked, errors="ignore").assign(**own)
