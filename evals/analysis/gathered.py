"""The answers of all methods by item, gathered once for all the tables that are made of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from evals.analysis.frame import Name, split_methods
from evals.analysis.item_answers import ItemAnswers, item_answers
from evals.analysis.spread import Spread
from survey.codebook import Codebook


@dataclass(frozen=True, eq=False)
class GatheredAnswers:
    """The answers to each item, and how they are spread, by method."""

    by_method: Mapping[Name, Mapping[str, ItemAnswers]]
    spreads: Mapping[Name, Spread]

    @classmethod
    def of(
        cls, frame: pd.DataFrame, codebook: Codebook, weights: pd.Series | None = None
    ) -> "GatheredAnswers":
        """Gather the answers of each method in a frame, as `item_answers` does those of one."""
        by_method, spreads = {}, {}
        for name, own in split_methods(frame):
            by_method[name] = item_answers(own, codebook, weights)
            spreads[name] = Spread.of(by_method[name].values())
        return cls(by_method, spreads)

    def without(self, items: Collection[str]) -> "GatheredAnswers":
        """Return the answers to all other items; a method that has none left is left out."""
        by_method, spreads = {}, {}
        for name, answers in self.by_method.items():
            left = {item: own for item, own in answers.items() if item not in items}
            if left or not answers:
                by_method[name], spreads[name] = left, self.spreads[name].without(items)
        return GatheredAnswers(by_method, spreads)
