"""One-hot coding of people for the statistical references: a block of columns for each item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from baselines.reference import PeopleBlock
from survey.item import Item, ResponseOption
from survey.respondents import Respondents

WEIGHT = 3.0
"""What a whole scale is worth in a numeric column, where an indicator is worth 1."""
COUNTRY = "B_COUNTRY"
"""The country, which is treated as one more item; the name that it has in the survey's files."""

Codes = NDArray[np.int16]
Vector = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Columns:
    """Where the indicator columns of each item stand: its options by code, then "not answered".

    An item without options, whose answers are numbers, has the last of these alone.
    """

    items: tuple[Item, ...]

    @cached_property
    def codes(self) -> tuple[tuple[int, ...], ...]:
        """The codes of each item's options, in ascending order."""
        return tuple(tuple(sorted(item.by_code)) for item in self.items)

    @cached_property
    def edges(self) -> Places:
        """The first column of each item, and at the end the number of columns."""
        return np.cumsum([0, *(len(codes) + 1 for codes in self.codes)])

    @property
    def width(self) -> int:
        """How many columns there are."""
        return int(self.edges[-1])

    def slice_of(self, item: str) -> slice:
        """All columns of an item, "not answered" the last; KeyError for an item that has none."""
        place = self._place[item]
        return slice(int(self.edges[place]), int(self.edges[place + 1]))

    @cached_property
    def _place(self) -> Mapping[str, int]:
        """The position of each item."""
        return {item.id: place for place, item in enumerate(self.items)}

    @cached_property
    def lookup(self) -> Places:
        """The column of each code at code + 1, shape (items, highest code + 3).

        At 0 stands the column of a missing code.
        A code that is no option counts as not answered. A number has no column of its own, and
        finds `width`.
        """
        top = max((codes[-1] for codes in self.codes if codes), default=0)
        found = np.repeat(self.edges[1:, None] - 1, top + 3, axis=1)
        for place, codes in enumerate(self.codes):
            if codes:
                found[place, np.array(codes) + 1] = self.edges[place] + np.arange(len(codes))
            else:
                found[place, 1:] = self.width
        return found


def indicator_columns(codes: Codes, columns: Columns) -> NDArray[np.float32]:
    """1 where a person chose an option or did not answer, else 0; shape (people, columns).

    `codes` has shape (people, items), in the order of the columns' items; missing codes are
    negative. The product of the matrix with itself counts the people who are in two columns: exact
    in float32 up to 16 million people.
    """
    top = columns.lookup.shape[1] - 2
    chosen = columns.lookup[np.arange(len(columns.items)), np.clip(codes, -1, top) + 1]
    matrix = np.zeros((len(codes), columns.width + 1), np.float32)
    matrix[np.arange(len(codes))[:, None], chosen] = 1
    return matrix[:, :-1]


def scale_slopes(columns: Columns, counts: Vector) -> Vector:
    """The weight of each indicator column in the numeric column of its item; 0 without a scale.

    The numeric column is the semantic rank, scaled to 0-1, times `WEIGHT`, less its mean over the
    people that `counts` has in each column. Answers off the scale and missing ones are taken for
    the mean, so they weigh 0.
    """
    found = np.zeros(columns.width)
    for start, item, codes in zip(columns.edges, columns.items, columns.codes, strict=False):
        on_scale = [place for place, code in enumerate(codes) if code in item.ranks]
        ranks = np.array([item.ranks[codes[place]] for place in on_scale], dtype=float)
        places = start + np.array(on_scale, dtype=np.intp)
        if len(ranks) > 1 and counts[places].sum():
            share = (ranks - ranks.min()) / np.ptp(ranks)
            found[places] = WEIGHT * (share - np.average(share, weights=counts[places]))
    return found


class Design:
    """Everybody in columns: indicators of items and country, then the answers that are numbers.

    A number is scaled to 0-1 over the range of the fitting people, times `WEIGHT`, less the mean;
    missing ones are at the mean. `width` counts the columns.
    """

    def __init__(self, fitting: Respondents, items: Mapping[str, Item]) -> None:
        """Take the items that somebody answered.

        Of fill-ins it takes numbers alone: a country of birth gives other items away.
        """
        taken = []
        for place in np.flatnonzero((fitting.codes >= 0).any(axis=0)).tolist():
            item = items[fitting.items[place]]
            if item.use != "fill_in" or item.kind == "numeric":
                taken.append(place)
        self._taken = np.array(taken, dtype=np.intp)
        self.items = tuple(items[fitting.items[place]] for place in taken)
        self.countries = tuple(sorted(set(fitting.context["country"]) - {""}))
        self.columns = Columns((*self.items, _country_item(self.countries)))
        self._numeric = [place for place, item in enumerate(self.items) if item.kind == "numeric"]
        numbers = fitting.codes[:, self._taken[self._numeric]]
        ranges = [_range(column[column >= 0]) for column in numbers.T]
        self._ranges = np.array(ranges).reshape(-1, 3).T
        self.width = self.columns.width + len(self._numeric)

    def places(self, items: Iterable[str]) -> Places:
        """All columns of these items; an item that is not in the design has none."""
        found = [self._item_columns[item] for item in items if item in self._item_columns]
        return np.concatenate([np.arange(0), *found])

    @cached_property
    def _item_columns(self) -> Mapping[str, Places]:
        """All columns of each item: its indicators, then that of a number."""
        columns = {}
        for item in self.columns.items:
            block = self.columns.slice_of(item.id)
            columns[item.id] = np.arange(block.start, block.stop)
        for column, place in enumerate(self._numeric, self.columns.width):
            item_id = self.items[place].id
            columns[item_id] = np.append(columns[item_id], column)
        return columns

    def codes(self, people: Respondents, chosen: Places) -> Codes:
        """The codes of some people, with that of their country last; shape (chosen, items + 1).

        `people` must have the items of the fitting people; `chosen` are rows from 0.
        """
        number_of = {name: code for code, name in enumerate(self.countries)}
        names = people.context["country"].iloc[chosen]
        country = np.array([number_of.get(name, -1) for name in names], dtype=np.int16)
        return np.column_stack([people.codes[np.ix_(chosen, self._taken)], country])

    def block_codes(self, people: PeopleBlock, chosen: slice) -> Codes:
        """The codes of some people, from the answers to known items alone; shape (chosen, items +
        1).

        A country that none of the fitting people is from is missing.
        """
        given, known = people.codes[chosen], frozenset(people.known)
        column = {item: place for place, item in enumerate(people.items)}
        found = np.full((len(given), len(self.items) + 1), -1, np.int16)
        for place, item in enumerate(self.items):
            if item.id in known and item.id in column:
                found[:, place] = given[:, column[item.id]]
        number_of = {name: code for code, name in enumerate(self.countries)}
        found[:, -1] = [number_of.get(name, -1) for name in people.countries[chosen]]
        return found

    def matrix(self, codes: Codes) -> tuple[NDArray[np.float32], Vector]:
        """Indicators and numbers of these codes, each with a row a person."""
        low, high, mean = self._ranges
        given = codes[:, self._numeric]
        inside = np.clip(np.where(given >= 0, given, mean), low, high)
        numbers = WEIGHT * (inside - mean) / np.where(high > low, high - low, 1)
        return indicator_columns(codes, self.columns), numbers

    def rows(self, codes: Codes) -> NDArray[np.float64]:
        """Both side by side, shape (people, columns)."""
        return np.hstack(self.matrix(codes), dtype=np.float64)


def _country_item(countries: Sequence[str]) -> Item:
    """The country as an item whose options are these countries, with codes from 0."""
    options = [ResponseOption(code, name, None, name) for code, name in enumerate(countries)]
    return Item(COUNTRY, COUNTRY, "", "nominal", "scored", tuple(options), "", "", "")


def _range(numbers: Codes) -> tuple[float, float, float]:
    """Least, greatest and mean of the numbers that were given."""
    return float(numbers.min()), float(numbers.max()), float(numbers.mean(dtype=float))
