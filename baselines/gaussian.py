"""The one-hot Gaussian: ridge regression of every item on any set of known items.

People become columns (`baselines.onehot`). With m their means, G their centred cross-products, S
the columns of what is known and T those of an item's options: p = m_T + (x_S - m_S)(G_SS + ridge
I)^-1 G_ST, made to shares of the options.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from baselines.moments import BLOCK, Matrix, Moments, single_threaded
from baselines.onehot import COUNTRY, Codes, Design, Places, Vector
from baselines.reference import OptionShares, PeopleBlock, Reference
from survey.folds import item_folds
from survey.item import Item
from survey.profile import Protocol
from survey.respondents import Respondents

GRID = (30.0, 100.0, 300.0, 1000.0, 3000.0)
"""Ridges to choose from."""
DEFAULT_RIDGE = 300.0
"""The ridge where people are too few to choose one."""
CHOOSE_FROM = 50
"""People from which on a ridge is chosen."""
LEAST_HELD, MOST_HELD = 20, 1000
"""How many people a ridge is tried on; between the two a tenth."""
SEED = 42
LEAST_SHARE = 1e-6
"""What an option has at least, before shares are made to add up to 1."""
SOLUTIONS = 96
"""Solutions that a method keeps: enough for five folds, each without any of 14 sections."""


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
            found = self.mean + people[:, self.known] @ self.coefficients
        found = np.maximum(found, LEAST_SHARE)
        return found / self.item_sums(found)

    def columns_of(self, item: Item) -> slice | None:
        """Where the options of an item stand; None for one that is not in the solution."""
        for place, other in enumerate(self.items):
            if other.id == item.id:
                start = int(self.starts[place])
                return slice(start, start + len(item.by_code))
        return None

    def item_sums(self, values: Matrix) -> Matrix:
        """For each option the sum over the options of its item; shape (people, options)."""
        sums = np.add.reduceat(values, self.starts, axis=1)
        return np.repeat(sums, np.diff(self.starts, append=len(self.columns)), axis=1)


class OneHotGaussian:
    """A model of some people's answers, which predicts any answer of others from known ones.

    `ridge` is the one in use. Where none is given it is chosen on a tenth of the people (20 to
    1,000), held back until then: the one with the lowest Brier score on a fifth of the items, given
    the others. All draws are seeded.
    """

    def __init__(
        self, fitting: Respondents, items: Mapping[str, Item], ridge: float | None = None
    ) -> None:
        """Fit the people. Raises KeyError where one of their items is not among `items`."""
        self.design = Design(fitting, items)
        order = np.random.default_rng(SEED).permutation(len(fitting))
        choose = ridge is None and len(fitting) >= CHOOSE_FROM
        held_back = min(max(len(fitting) // 10, LEAST_HELD), MOST_HELD) if choose else 0
        held, rest = np.split(order, [held_back])
        self.moments = Moments.of(self.design, fitting, np.sort(rest))
        self.ridge = DEFAULT_RIDGE if ridge is None else ridge
        if choose:
            self.ridge = self._choose_ridge(self.design.codes(fitting, held))
            self.moments += Moments.of(self.design, fitting, held)

    def columns(self, people: PeopleBlock, chosen: slice) -> Matrix:
        """Some people as centred columns, from the answers to known items alone.

        Shape (people, columns). A country that none of the fitting people is from says nothing: its
        columns are at the mean.
        """
        codes = self.design.block_codes(people, chosen)
        found = self.design.rows(codes) - self.moments.mean
        found[np.ix_(codes[:, -1] < 0, self.design.places([COUNTRY]))] = 0
        return found

    def predict(self, people: PeopleBlock, solution: "Solution") -> Matrix:
        """Predict the shares of all options of a solution; shape (people, options)."""
        values = np.empty((len(people), len(solution.columns)))
        for start in range(0, len(people), BLOCK):
            chosen = slice(start, start + BLOCK)
            values[chosen] = solution.shares(self.columns(people, chosen))
        return values

    def solve(
        self, known: Collection[str], asked: Collection[str], ridge: float | None = None
    ) -> Solution:
        """Solve for the items asked, given the known ones and the country.

        `ridge` defaults to the one in use. Items that are not scorable, or that none of the fitting
        people answered, are left out of the solution; an item asked tells nothing about itself. The
        order in which items are given changes nothing.
        """
        given = [item.id for item in self.design.items if item.id in known and item.id not in asked]
        items = tuple(item for item in self.design.items if item.id in asked and item.scorable)
        options = [self.design.places([item.id])[:-1] for item in items]
        columns = np.concatenate([np.arange(0), *options])
        starts = np.cumsum([0, *map(len, options)])[:-1]
        places = self.design.places([*given, COUNTRY])
        coefficients = self.moments.coefficients(places, columns, ridge or self.ridge)
        return Solution(places, items, columns, starts, self.moments.mean[columns], coefficients)

    def _choose_ridge(self, held: Codes) -> float:
        """The ridge with the lowest Brier score over the answers of people who were held back."""
        items = self.design.items
        background = [item.id for item in items if item.use == "background"]
        fold = item_folds([item.id for item in items], SEED, background)[0]
        rows = self.design.rows(held)
        scores = {}
        for ridge in GRID:
            solution = self.solve(fold.known, fold.held_out, ridge)
            truth = rows[:, solution.columns]
            squared_error = (solution.shares(rows - self.moments.mean) - truth) ** 2
            is_answered = solution.item_sums(truth)
            scores[ridge] = float((is_answered * squared_error).sum())
        if not any(scores.values()):
            return DEFAULT_RIDGE
        return min(GRID, key=lambda ridge: scores[ridge])


@lru_cache(maxsize=1)
def fit_gaussian(fitting: Respondents) -> OneHotGaussian:
    """Fit the model of these people once, for all methods."""
    return OneHotGaussian(fitting, fitting.codebook.items)


class Ridge(Reference):
    """Predicts an answer from other answers of the person by ridge regression.

    `ridge` uses the whole profile, `new_topic` those answers that are not in the item's own
    section, `demographics` the demographic items; each uses the country. That a known answer is
    missing counts, too. `ridges` are those in use, one for each group of fitting people.
    """

    uses_others = True
    has_mode = True

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
        self.protocol = protocol
        self.ridges: set[float] = set()

    def prepare(self, fitting: Respondents) -> None:
        """Fit, or take what another method has fitted on the same people."""
        self._model = self._fit(fitting)
        self.ridges.add(self._model.ridge)
        self._solutions: dict[tuple[tuple[str, ...], str], Solution] = {}
        self._items = {item.id: item for item in self._model.design.items}
        self._demographics = demographic_items(self._model.design.items)

    def shares(self, people: PeopleBlock, item: Item) -> OptionShares:
        """Return the share of each option; no option where none of the fitting people chose one."""
        left_out = self._left_out(people.known, item)
        key = self._model, self.graph, left_out
        if key not in people.shared:
            solution = self._solution(people.known, item, left_out)
            people.shared[key] = solution, self._model.predict(people, solution)
        solution, values = people.shared[key]
        columns = solution.columns_of(item)
        codes = sorted(item.by_code) if columns else []
        return OptionShares(np.array(codes, np.int64), values[:, columns or slice(0, 0)])

    def _left_out(self, known: tuple[str, ...], item: Item) -> str:
        """What of the profile must not predict the item: itself, its section, or nothing ("")."""
        if item.id in known:
            return item.id
        return item.section if self.graph == "new_topic" else ""

    def _solution(self, known: tuple[str, ...], item: Item, left_out: str) -> Solution:
        """The solution for these known items; the oldest one gives way where there are too many."""
        key = known, left_out
        if key not in self._solutions:
            if len(self._solutions) >= SOLUTIONS:
                del self._solutions[next(iter(self._solutions))]
            self._solutions[key] = self._solve(known, item)
        return self._solutions[key]

    def _solve(self, known: Collection[str], item: Item) -> Solution:
        """Solve for the item and all others with the same predictors; for a known item alone."""
        predictors, unknown = set(), set()
        for other in self._items.values():
            if other.id in known:
                if self._may_predict(other, item):
                    predictors.add(other.id)
            elif self.graph != "new_topic" or other.section == item.section:
                unknown.add(other.id)
        return self._model.solve(predictors, {item.id} if item.id in known else unknown)

    def _may_predict(self, known: Item, item: Item) -> bool:
        """Whether a known item may predict this one."""
        if self.graph == "new_topic":
            return known.section != item.section
        return self.graph == "ridge" or known.id in self._demographics


def demographic_items(items: Collection[Item]) -> frozenset[str]:
    """The ids of the demographic items: the background ones, or those of the dimension so named."""
    background = frozenset(item.id for item in items if item.use == "background")
    return background or frozenset(item.id for item in items if item.dimension == "demographics")
