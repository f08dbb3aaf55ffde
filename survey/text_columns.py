"""One column of people as text: a grouping, an item, a context column or another of the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from survey.codebook import Codebook
from survey.respondents import Respondents
from survey.wvs7.context import COUNTRY

CONTEXT_COLUMNS = ("country", "year", "weight", "sex", "age", "urban", "language", "interview")
"""The columns of the context, by the names that `Respondents` gives them."""


@dataclass(frozen=True)
class TextColumn:
    """A value for each person, in the order of the file, "" where there is none.

    `values`, object of shape (people,). `labels`: what a value stands for, where that is known.
    `bands`: groups of values with their least and greatest number, where the codebook has some.
    """

    values: NDArray[np.object_]
    labels: Mapping[str, str] = field(default_factory=dict)
    bands: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def matches(self, wanted: str) -> NDArray[np.bool_]:
        """Who has this value, or one with this label, or of this band; capitals do not matter."""
        folded = wanted.casefold()
        fitting = {value for value in self.found() if value.casefold() == folded}
        for value, label in self.labels.items():
            if label.casefold() == folded:
                fitting.add(value)
        for value in self.found():
            if self.group_of(value).casefold() == folded:
                fitting.add(value)
        return np.isin(self.values.astype(str), sorted(fitting))

    def group_of(self, value: str) -> str:
        """The band of a value; without bands the value itself."""
        for band, (least, greatest) in self.bands.items():
            if value and least <= float(value) <= greatest:
                return band
        return "" if self.bands else value

    def found(self) -> list[str]:
        """The values that there are: numbers by size, then words."""
        return sorted({str(value) for value in self.values} - {""}, key=_by_size)

    def described(self, most: int) -> str:
        """The values that there are, with their labels, how many more there are, and the bands."""
        found = self.found()
        parts = []
        for value in found[:most]:
            label = self.labels.get(value, "")
            parts.append(f"{value} ({label})" if label else value)
        more = f" and {len(found) - most} more" if len(found) > most else ""
        groups = f"; or a group: {', '.join(self.bands)}" if self.bands else ""
        return ", ".join(parts) + more + groups


def _by_size(value: str) -> tuple[bool, float, str]:
    """The place of a value in a list."""
    try:
        return False, float(value), ""
    except ValueError:
        return True, 0.0, value


def is_kept(name: str, codebook: Codebook) -> bool:
    """Whether `Respondents` always holds a column of this name, so that no file need be read."""
    shown = [item.id for item in codebook.items.values() if item.shown]
    groups = [grouping.name for grouping in codebook.facts.groups]
    kept = (*CONTEXT_COLUMNS, COUNTRY, *shown, *groups)
    return name.casefold() in {one.casefold() for one in kept}


def text_column(survey: Respondents, codebook: Codebook, name: str) -> TextColumn | None:
    """Find a column by its name: a grouping, an item, or of the context; None where there is none.

    Capitals do not matter. A grouping of the codebook is what it sorts people by, with its bands.
    """
    for grouping in codebook.facts.groups:
        if grouping.name.casefold() == name.casefold():
            column = _plain_column(survey, codebook, grouping.context or grouping.item)
            return column and replace(column, bands=grouping.bands)
    return _plain_column(survey, codebook, name)


def _plain_column(survey: Respondents, codebook: Codebook, name: str) -> TextColumn | None:
    """Find an item or a column of the context by its name; None where there is none."""
    folded = name.casefold()
    items = {item.casefold(): item for item in survey.items}
    if folded in items:
        return _item_column(survey, codebook, items[folded])
    if folded == COUNTRY.casefold():
        folded = "country"
    for column in survey.context.columns:
        if str(column).casefold() == folded:
            labels = codebook.country_of if column == "country" else {}
            return TextColumn(_texts(survey.context[column]), labels)
    return None


def _item_column(survey: Respondents, codebook: Codebook, name: str) -> TextColumn:
    """The codes of an item as text, with the labels of its options."""
    codes = survey.codes[:, survey.items.index(name)]
    values = np.where(codes < 0, "", codes.astype(str)).astype(object)
    options = codebook.items[name].options
    return TextColumn(values, {str(option.code): option.label for option in options})


def _texts(column: "pd.Series[Any]") -> NDArray[np.object_]:
    """A column of the context as text; whole numbers without a point, "" where missing."""
    if not is_numeric_dtype(column):
        return column.fillna("").astype(str).to_numpy(object)
    return np.array(["" if pd.isna(value) else f"{value:.12g}" for value in column], object)
