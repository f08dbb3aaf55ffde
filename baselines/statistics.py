"""Floors that need no model: chance, and the most frequent answer of all or of one's country."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from baselines.method import Case, Row
from baselines.reference import OptionShares, PeopleBlock, Reference
from survey.item import Item
from survey.profile import Protocol
from survey.respondents import Respondents

Shares = Mapping[int, float]


def reference_row(
    case: Case, graph: str, variant: str, protocol: Protocol, shares: Shares, predicted: int | None
) -> Row:
    """The row of a reference's answer to a case."""
    return Row.of(
        case,
        graph=graph,
        variant=variant,
        model="",
        protocol=protocol,
        predicted=predicted,
        probabilities=shares,
        error="",
        decided_by="reference",
    )


class Chance(Reference):
    """Every option equally likely, scored in expectation.

    Variant `full`: uniform over the valid options. Variant `paper`: the paper's own rule, as its
    printed chance row implies: a whole number from 0 to k, k the number of options, so that some
    draws are no option at all.
    """

    graph = "chance"
    uses_others = False
    has_mode = False

    def __init__(self, protocol: Protocol, rule: Literal["full", "paper"] = "full") -> None:
        self.variant: str = rule
        self.protocol = protocol

    def prepare(self, fitting: Respondents) -> None:
        """Nothing to learn."""

    def shares(self, people: PeopleBlock, item: Item) -> OptionShares:
        """Return the same shares for everybody; none where the item is not scorable."""
        codes = list(item.by_code) if item.scorable else []
        if self.variant == "paper" and codes:
            codes = list(range(len(codes) + 1))
        return OptionShares.alike({code: 1 / len(codes) for code in codes}, len(people))


class Mode(Reference):
    """Predicts the mode of the fitting people's answers; MAE takes the median of their shares.

    With `by_country` these are the people of the respondent's country, or all of them where nobody
    in the country answered.
    """

    uses_others = True
    has_mode = True
    variant = "full"

    def __init__(self, protocol: Protocol, by_country: bool = False) -> None:
        self.graph = "country_mode" if by_country else "mode"
        self.protocol = protocol
        self._by_country = by_country
        self._cache: dict[tuple[str, str], Shares] = {}

    def prepare(self, fitting: Respondents) -> None:
        """Keep the fitting people; shares are counted when first asked for."""
        self._columns = {item: column for column, item in enumerate(fitting.items)}
        self._codes = fitting.codes
        self._people = fitting.context.groupby("country").indices
        self._cache.clear()

    def shares(self, people: PeopleBlock, item: Item) -> OptionShares:
        """Return the share of each option among all fitting people, or among those of a country."""
        if not self._by_country:
            return OptionShares.alike(self._shares(item, ""), len(people))
        countries, places = np.unique(people.countries.astype(str), return_inverse=True)
        of_country = []
        for country in countries.tolist():
            of_country.append(self._shares(item, country) if country else {})
        of_country = [shares or self._shares(item, "") for shares in of_country]
        codes = np.array(sorted(set().union(*of_country)), np.int64)
        values = np.zeros((len(countries), len(codes)))
        for country, shares in enumerate(of_country):
            values[country, np.searchsorted(codes, list(shares))] = list(shares.values())
        return OptionShares(codes, values[places])

    def _shares(self, item: Item, country: str) -> Shares:
        """Share of each code in a country, or of everybody for ""; empty where nobody answered."""
        if (item.id, country) not in self._cache:
            people = self._people.get(country, []) if country else slice(None)
            self._cache[item.id, country] = _count(self._codes[people, self._columns[item.id]])
        return self._cache[item.id, country]


def _count(codes: NDArray[np.int16]) -> Shares:
    """Share of each valid code; ties in code order."""
    values, counts = np.unique(codes[codes >= 0], return_counts=True)
    return {
        int(code): float(count / counts.sum()) for code, count in zip(values, counts, strict=True)
    }
