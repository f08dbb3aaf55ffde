"""An optional ceiling: gradient-boosted trees for each item and set of known items.

Needs LightGBM, the extra `boosted`.
"""

import asyncio
import os
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.gaussian import LEAST_SHARE
from baselines.method import Case, Row
from baselines.onehot import COUNTRY, Codes, Design
from baselines.reference import PeopleBlock
from baselines.statistics import Shares, reference_row
from survey.item import Item
from survey.profile import Protocol
from survey.respondents import Respondents

SEED = 42
MOST_PEOPLE = 20_000
"""The most fitting people for one item."""
WORKERS = 4
"""Items at once, at most; each takes about 100 MB while it grows on 20,000 people."""
ROUNDS, PATIENCE = 500, 20
"""Rounds of trees at most, and how many without gain end them."""
SETTINGS = {
    "objective": "multiclass",
    "learning_rate": 0.1,
    "num_leaves": 7,
    "lambda_l2": 10.0,
    "feature_fraction": 0.5,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    # items grow side by side instead: threads of one item wait for each other longer than they work
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Trees:
    """The trees of one item.

    `features` are places in a row of codes; `booster` is None where people chose one code alone.
    """

    item: Item
    features: NDArray[np.intp]
    codes: tuple[int, ...]
    booster: Any

    def shares(self, person: Codes) -> Shares:
        """The share of each option for one person, in the order of codes."""
        predicted = [1.0]
        if self.booster is not None:
            predicted = self.booster.predict(_features(person, self.features), num_threads=1)[0]
        shares = dict.fromkeys(sorted(self.item.by_code), LEAST_SHARE)
        for code, share in zip(self.codes, predicted, strict=True):
            shares[code] = max(float(share), LEAST_SHARE)
        whole = sum(shares.values())
        return {code: share / whole for code, share in shares.items()}


class Boosted:
    """Predicts an answer from the profile's codes and the country with trees of other people.

    At most 20,000 of the fitting people who answered the item are drawn; trees are added until a
    tenth of them, held back, are predicted no better. All draws are seeded. Raises
    ModuleNotFoundError where LightGBM is not installed.
    """

    graph = "boosted"
    uses_others = True

    def __init__(self, protocol: Protocol, variant: str = "full") -> None:
        try:
            import lightgbm
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                "boosted needs LightGBM: pip install -e '.[boosted]' in the checkout"
            ) from None
        self.variant = variant
        self._protocol = protocol
        self._library = lightgbm
        self._grower = ThreadPoolExecutor(min(os.cpu_count() or 1, WORKERS))
        self._grown: dict[tuple[tuple[str, ...], str], Future[Trees]] = {}

    def prepare(self, fitting: Respondents) -> None:
        """Keep the fitting people; trees are grown when first asked for."""
        self._fitting = fitting
        self._design = Design(fitting, fitting.codebook.items)
        self._asked = {item.id for item in self._design.items if item.scorable}
        self._order = np.random.default_rng(SEED).permutation(len(fitting))
        self._grown.clear()

    async def answer(self, case: Case) -> Row:
        """Answer with the share of each option, and their mode.

        There are none where none of the fitting people chose an option.
        """
        person, item = case.person, case.item
        shares: Shares = {}
        if item.id in self._asked:
            trees = await self._trees(person.known, item)
            codes = self._design.block_codes(PeopleBlock.of_person(person), slice(None))
            shares = trees.shares(codes)
        mode = max(shares, key=lambda code: shares[code], default=None)
        return reference_row(case, self.graph, self.variant, self._protocol, shares, mode)

    async def _trees(self, known: tuple[str, ...], item: Item) -> Trees:
        """The trees of an item and a known set, grown at the first request, off the event loop."""
        key = known, item.id
        if key not in self._grown:
            self._grown[key] = self._grower.submit(self._grow, frozenset(known) - {item.id}, item)
        return await asyncio.wrap_future(self._grown[key])

    def _grow(self, known: Collection[str], item: Item) -> Trees:
        """Grow trees for one item."""
        given = {*known, COUNTRY}
        items = self._design.columns.items
        features = np.array([place for place, each in enumerate(items) if each.id in given])
        answers = self._fitting.codes[self._order, self._fitting.items.index(item.id)]
        people = self._order[answers >= 0][:MOST_PEOPLE]
        truth = answers[answers >= 0][:MOST_PEOPLE]
        codes, labels = np.unique(truth, return_inverse=True)
        if len(codes) == 1:
            return Trees(item, features, tuple(codes.tolist()), None)
        table = _features(self._design.codes(self._fitting, people), features)
        nominal = [
            column for column, place in enumerate(features) if items[place].kind == "nominal"
        ]
        settings = SETTINGS | {"num_class": len(codes)}
        held = max(len(people) // 10, 1)
        training = self._library.Dataset(
            table[held:], labels[held:], categorical_feature=nominal, params=settings
        )
        validation = self._library.Dataset(table[:held], labels[:held], params=settings)
        stop = self._library.early_stopping(PATIENCE, verbose=False)
        booster = self._library.train(
            settings, training, ROUNDS, valid_sets=[validation], callbacks=[stop]
        )
        return Trees(item, features, tuple(codes.tolist()), booster)


def _features(codes: Codes, places: NDArray[np.intp]) -> NDArray[np.float32]:
    """The codes at these places as trees read them: nan where an answer is missing."""
    found = codes[:, places].astype(np.float32)
    found[found < 0] = np.nan
    return found
