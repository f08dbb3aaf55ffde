"""Floors that need no model: chance, and the most frequent answer of all or of one's country."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from baselines.method import Case, Row
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


class Chance:
    """Every option equally likely, scored in expectation.

    Variant `full`: uniform over the valid options. Variant `paper`: the paper's own rule, as its
    printed chance row implies: a whole number from 0 to k, k the number of options, so that some
    draws are no option at all.
    """

    graph = "chance"
    uses_others = False

    def __init__(self, protocol: Protocol, rule: Literal["full", "paper"] = "full") -> None:
        self.variant: str = rule
        self._protocol = protocol

    def prepare(self, fitting: Respondents) -> None:
        """Nothing to learn."""

    async def answer(self, case: Case) -> Row:
        """Answer with the same shares for everybody; none where the item is not scorable."""
        codes = list(case.item.by_code) if case.item.scorable else []
        if self.variant == "paper" and codes:
            codes = list(range(len(codes) + 1))
        shares = {code: 1 / len(codes) for code in codes}
        return reference_row(case, self.graph, self.variant, self._protocol, shares, None)


class Mode:
    """Predicts the mode of the fitting people's answers; MAE takes the median of their shares.

    With `by_country` these are the people of the respondent's country, or all of them where nobody
    in the country answered.
    """

    uses_others = True
    variant = "full"

    def __init__(self, protocol: Protocol, by_country: bool = False) -> None:
        self.graph = "country_mode" if by_country else "mode"
        self._protocol = protocol
        self._by_country = by_country
        self._cache: dict[tuple[str, str], Shares] = {}

    def prepare(self, fitting: Respondents) -> None:
        """Keep the fitting people; shares are counted when first asked for."""
        self._columns = {item: column for column, item in enumerate(fitting.items)}
        self._codes = fitting.codes
        self._people = fitting.context.groupby("country").indices
        self._cache.clear()

    async def answer(self, case: Case) -> Row:
        """Answer with the share of each option, and their mode."""
        own = self._shares(case.item, case.person.country) if self._by_country else {}
        shares = own or self._shares(case.item, "")
        mode = max(shares, key=lambda code: shares[code], default=None)
        return reference_row(case, self.graph, self.variant, self._protocol, shares, mode)

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
