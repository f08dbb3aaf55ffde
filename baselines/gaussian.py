"""The one-hot Gaussian: ridge regression of every item on any set of known ones, after one pass
over the people.

People become columns (`baselines.onehot`). With m their means, G their centred cross-products, S
the columns of what is known and T those of an item's options: p = m_T + (x_S - m_S)(G_SS + ridge
I)^-1 G_ST, made to shares of the options.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from baselines.method import Case, Person, Row
from baselines.moments import Matrix, Moments, single_threaded
from baselines.onehot import COUNTRY, Codes, Design, Places, Vector
from baselines.statistics import Shares, reference_row
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.item import Item
from survey.profile import Protocol
from survey.respondents import Respondents

GRID = (30.0, 100.0, 300.0, 1000.0, 3000.0)
"""Ridges to choose from."""
USUAL = 300.0
"""The ridge where people are too few to choose one."""
CHOOSE_FROM = 50
"""So many people choose one."""
LEAST_HELD, MOST_HELD = 20, 1000
"""How many people a ridge is tried on; between the two a tenth."""
SEED = 42
LEAST = 1e-6
"""What an option has at least, before shares are made to add up to 1."""
KEPT = 96
"""Known sets whose coefficients a method keeps: room for five folds, each without any of 14
sections.
"""


@dataclass(frozen=True)
class Solution:
    """The coefficients of one known set, which serve everybody who shares it.

    `columns` are the options of `items`, item by item from `starts` on; `mean` and `coefficients`
    have one for each.
    """

    known: Places
    items: tuple[Item, ...]
    columns: Places
    starts: Places
    mean: Vector
    coefficients: Matrix

    def shares(self, people: Matrix) -> Matrix:
        """The share of each option, for people in centred columns; shape (people, options)."""
        with single_threaded():
            found = np.maximum(self.mean + people[:, self.known] @ self.coefficients, LEAST)
        return found / self.of_item(found)

    def of_item(self, found: Matrix) -> Matrix:
        """The sum over each option's item."""
        sums = np.add.reduceat(found, self.starts, axis=1)
        return np.repeat(sums, np.diff(self.starts, append=len(self.columns)), axis=1)


class OneHotGaussian:
    """The answers of some people, from which any answer of others follows by any that are known.

    `ridge` is the one in use. Where none is given it is chosen on a tenth of the people (20 to
    1,000), held back until then: the one with the lowest Brier score on a fifth of the items, given
    the others. All draws are seeded.
    """

    def __init__(
        self, fitting: Respondents, items: Mapping[str, Item], ridge: float | None = None
    ) -> None:
        """Add the fitting people up. Raises KeyError where one of their items is not among
        `items`.
        """
        self.design = Design(fitting, items)
        order = np.random.default_rng(SEED).permutation(len(fitting))
        choose = ridge is None and len(fitting) >= CHOOSE_FROM
        held, rest = np.split(
            order, [min(max(len(fitting) // 10, LEAST_HELD), MOST_HELD) if choose else 0]
        )
        self.moments = Moments.of(self.design, fitting, np.sort(rest))
        self.ridge = USUAL if ridge is None else ridge
        if choose:
            self.ridge = self._choose(self.design.codes(fitting, held))
            self.moments += Moments.of(self.design, fitting, held)

    def person(self, known: Collection[str], answers: Mapping[str, int], country: str) -> Matrix:
        """A person as centred columns, shape (1, columns); answers to items that are not `known`
        are not looked at.

        A country that none of the fitting people is from says nothing: its columns are at the mean.
        """
        found = self.design.rows(self.design.told(known, answers, country)) - self.moments.mean
        if country not in self.design.countries:
            found[:, self.design.places([COUNTRY])] = 0
        return found

    def solve(
        self, known: Collection[str], asked: Collection[str], ridge: float | None = None
    ) -> Solution:
        """The coefficients of the items asked, given the known ones and the country; by default
        with the ridge in use.

        Items that are not scorable, or that none of the fitting people answered, are left out of
        the solution; an item asked tells nothing about itself. The order in which items are given
        changes nothing.
        """
        given = [item.id for item in self.design.items if item.id in known and item.id not in asked]
        items = tuple(item for item in self.design.items if item.id in asked and item.scorable)
        options = [self.design.places([item.id])[:-1] for item in items]
        columns = np.concatenate([np.arange(0), *options])
        starts = np.cumsum([0, *map(len, options)])[:-1]
        places = self.design.places([*given, COUNTRY])
        coefficients = self.moments.coefficients(places, columns, ridge or self.ridge)
        return Solution(places, items, columns, starts, self.moments.mean[columns], coefficients)

    def _choose(self, held: Codes) -> float:
        """The ridge with the lowest Brier score over the answers of people who were held back."""
        fold = item_folds([item.id for item in self.design.items], SEED)[0]
        rows = self.design.rows(held)
        scores = {}
        for ridge in GRID:
            solution = self.solve(fold.known, fold.held_out, ridge)
            truth = rows[:, solution.columns]
            wrong = (solution.shares(rows - self.moments.mean) - truth) ** 2
            scores[ridge] = float(
                (solution.of_item(truth) * wrong).sum()
            )  # where there is an answer
        return min(GRID, key=lambda ridge: scores[ridge]) if any(scores.values()) else USUAL


@lru_cache(maxsize=1)
def fit_gaussian(fitting: Respondents) -> OneHotGaussian:
    """The one object of these people that all methods share."""
    return OneHotGaussian(fitting, wvs7().items)


class Ridge:
    """An answer predicted from other answers of the person, as those go together among the fitting
    people.

    `ridge` takes the whole profile, `new_topic` what of it is not in the item's own section,
    `demographics` its demographic items; each takes the country. Of a profile it sees that an
    answer is missing, too. `ridges` are those in use: one for each group of fitting people, told
    once where several agree.
    """

    uses_others = True

    def __init__(
        self,
        protocol: Protocol,
        graph: Literal["demographics", "new_topic", "ridge"],
        variant: str = "full",
        fit: Callable[[Respondents], OneHotGaussian] = fit_gaussian,
    ) -> None:
        self._fit = fit
        self.graph: str = graph
        self.variant = variant
        self._protocol = protocol
        self.ridges: set[float] = set()

    def prepare(self, fitting: Respondents) -> None:
        """Fit, or take what another method has fitted on the same people."""
        self._model = self._fit(fitting)
        self.ridges.add(self._model.ridge)
        self._solutions: dict[tuple[tuple[str, ...], str], Solution] = {}
        self._items = {item.id: item for item in self._model.design.items}

    async def answer(self, case: Case) -> Row:
        """The share of each option, and their mode; nothing where none of the fitting people chose
        an option.
        """
        person, item = case.person, case.item
        part = (
            item.id
            if item.id in person.known
            else item.section
            if self.graph == "new_topic"
            else ""
        )
        answers = self._once(
            person, f"{self.graph} {part}", lambda: self._answers(person, item, part)
        )
        shares = answers.get(item.id, {})
        mode = max(shares, key=lambda code: shares[code], default=None)
        return reference_row(case, self.graph, self.variant, self._protocol, shares, mode)

    def _answers(self, person: Person, item: Item, part: str) -> Mapping[str, Shares]:
        """The shares of every item that follows from what this one follows from."""
        key = person.known, part
        if key not in self._solutions:
            if len(self._solutions) >= KEPT:
                del self._solutions[next(iter(self._solutions))]
            self._solutions[key] = self._solve(person.known, item)
        solution = self._solutions[key]
        row = self._once(
            person,
            "columns",
            lambda: self._model.person({*person.known}, person.answers, person.country),
        )
        found = iter(solution.shares(row)[0].tolist())
        return {
            each.id: {code: next(found) for code in sorted(each.by_code)} for each in solution.items
        }

    def _solve(self, known: Collection[str], item: Item) -> Solution:
        """The solution for an item and all others that may be told from the same; for itself alone
        if it is known.
        """
        same = [other.id for other in self._items.values() if other.section == item.section]
        unknown = set(same if self.graph == "new_topic" else self._items) - set(known)
        seen = [
            other.id
            for other in self._items.values()
            if other.id in known and self._may_see(other, item)
        ]
        return self._model.solve(seen, {item.id} if item.id in known else unknown)

    def _may_see(self, known: Item, item: Item) -> bool:
        """Whether a known item may tell about this one."""
        if self.graph == "new_topic":
            return known.section != item.section
        return self.graph == "ridge" or known.dimension == "demographics"

    def _once(self, person: Person, name: str, make: Callable[[], Any]) -> Any:
        """What all cases of a person share, made for the first of them, and anew for other fitting
        people.
        """
        kept = person.shared.get(name)
        if kept is None or kept.result()[0] is not self._model:
            kept = person.shared[name] = asyncio.get_running_loop().create_future()
            kept.set_result((self._model, make()))
        return kept.result()[1]
