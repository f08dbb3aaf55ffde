"""Test items that the profile gives away: by construction, by the data, and, as a flag alone, by
their wording.

A test item is *leaked* where it is tied to a known item by the questionnaire, or nearly determined
by one: little of its entropy is left once the known item is told (conditional entropy / entropy,
both with Miller and Madow's correction, since rare options make small samples look determined).
Look-alike wording and soft ties are flags.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import isnan, nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.codebook import Codebook
from survey.folds import Fold
from survey.item import Item
from survey.respondents import Respondents

LEAKED = ("tied", "determined")
FLAGS = ("soft", "wording")
LEAK_COLUMNS = ["fold", "item", "leak", "by", "left"]
THRESHOLD = 0.5
"""An item is determined where less than this share of its entropy is left."""
MIN_SIMILARITY = 0.8
"""Cosine of two wordings, as weighted words, from which on they count as look-alikes."""
MIN_ANSWERED, MAX_FITTING = 100, 5_000
"""Fitting people who must have answered both items, and the most that are looked at."""

WORD = re.compile(r"\w\w")
"""What the vectors take for a word: two signs or more."""

Counts = NDArray[np.float64]


class LeakDetector:
    """Finds leaks in profiles, from the codebook and from people who are not scored."""

    def __init__(
        self, fitting: Respondents, codebook: Codebook, threshold: float = THRESHOLD
    ) -> None:
        self._fitting, self._codebook, self._threshold = fitting, codebook, threshold

    def find_leaks(self, folds: Sequence[Fold], size: int | None = None) -> pd.DataFrame:
        """One line a fold and held-out item that is scored.

        Columns `fold`, `item`; `leak`: tied, determined, soft, wording or ""; `by`: the known item
        that gives it away, without a leak the one that tells most; `left`: the share of its entropy
        that this one leaves, nan where fewer than `MIN_ANSWERED` people tell. `size` is that of the
        profile, None for all known items.
        """
        lines = []
        for fold in folds:
            known = [item for item in fold.known[:size] if self._codebook.items[item].shown]
            asked = [
                self._codebook.items[item]
                for item in fold.held_out
                if self._codebook.items[item].scorable
            ]
            told = [item for item in known if item in self.entropy_left.columns]
            left = (
                self.entropy_left.reindex(index=[item.id for item in asked], columns=told)
                .to_numpy(float)
                .tolist()
            )
            for item, shares in zip(asked, left, strict=True):
                by_item = {
                    other: share
                    for other, share in zip(told, shares, strict=True)
                    if not isnan(share)
                }
                lines.append((fold.number, item.id, *self._leak(item, known, by_item)))
        return pd.DataFrame(lines, columns=LEAK_COLUMNS)

    def _leak(
        self, item: Item, known: Sequence[str], left: Mapping[str, float]
    ) -> tuple[str, str, float]:
        """The strongest leak of one item, by which known item, and how much of its entropy that one
        leaves.
        """
        ties = {
            tie.tie: sorted(tie.others & set(known))
            for tie in self._codebook.ties
            if tie.item == item.id
        }
        closest = min(left, key=lambda other: left[other], default="")
        if ties.get("tied"):
            leak, by = "tied", ties["tied"][0]
        elif closest and left[closest] < self._threshold:
            leak, by = "determined", closest
        elif ties.get("soft"):
            leak, by = "soft", ties["soft"][0]
        elif alike := self._look_alike(item, known):
            leak, by = "wording", alike
        else:
            leak, by = "", closest
        return leak, by, left.get(by, nan)

    def _look_alike(self, item: Item, known: Sequence[str]) -> str:
        """The known item of its section whose words are most like its own, if they are like enough;
        else "".
        """
        section = [other for other in known if self._codebook.items[other].section == item.section]
        alike = self.similarity[item.id].reindex(section)
        return str(alike.idxmax()) if (alike >= MIN_SIMILARITY).any() else ""

    @cached_property
    def similarity(self) -> pd.DataFrame:
        """Cosine similarity of the wordings of all items that can be shown."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        shown = [item for item in self._codebook.items.values() if item.shown]
        if not any(WORD.search(item.question) for item in shown):
            return pd.DataFrame(
                0.0, index=[item.id for item in shown], columns=[item.id for item in shown]
            )
        vectors = TfidfVectorizer().fit_transform(item.question for item in shown)
        names = [item.id for item in shown]
        return pd.DataFrame((vectors @ vectors.T).toarray(), index=names, columns=names)

    @cached_property
    def entropy_left(self) -> pd.DataFrame:
        """The share of the row item's entropy that is left once the column item is told, both
        answered; else nan.
        """
        items = list(self._fitting.items)
        codes = self._fitting.codes
        if len(codes) < MIN_ANSWERED:
            return pd.DataFrame(np.nan, index=items, columns=items)
        if len(codes) > MAX_FITTING:
            codes = codes[
                np.sort(np.random.default_rng(0).choice(len(codes), MAX_FITTING, replace=False))
            ]
        return pd.DataFrame(_left(codes), index=items, columns=items)


def _left(codes: NDArray[np.int16]) -> Counts:
    """The same for codes of shape (people, items), of which negative ones are missing."""
    matrix, starts = _indicators(codes)
    joint = (matrix.T @ matrix).astype(float)  # whole numbers below 2**24, which are exact
    of_other = np.add.reduceat(
        joint, starts, axis=0
    )  # how those who answered the row's item answered the column's
    people = np.add.reduceat(of_other, starts, axis=1)
    both = _entropy(
        joint, people, lambda cells: np.add.reduceat(np.add.reduceat(cells, starts, 0), starts, 1)
    )
    other = _entropy(of_other, people, lambda cells: np.add.reduceat(cells, starts, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        left = (both - other) / other.T
    left[(people < MIN_ANSWERED) | (other.T <= 0)] = np.nan
    np.fill_diagonal(left, np.nan)
    return np.asarray(left)


def _entropy(counts: Counts, people: Counts, blocks: Callable[[Counts], Counts]) -> Counts:
    """Entropy in nats of each block of counts, which adds up to `people`, with Miller and Madow's
    correction.
    """
    logs = np.log(counts, out=np.zeros_like(counts), where=counts > 0)
    filled = blocks((counts > 0).astype(float))
    many = np.maximum(people, 1)
    entropy: Counts = np.log(many) - blocks(counts * logs) / many + (filled - 1) / (2 * many)
    return entropy


def _indicators(codes: NDArray[np.int16]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """A column for each code of each item, side by side, those of missing codes empty; and where
    each item begins.
    """
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(sparse_output=False, dtype=np.float32).fit(codes)
    matrix: NDArray[np.float32] = encoder.transform(codes)
    matrix[:, np.concatenate(encoder.categories_) < 0] = 0
    return matrix, np.cumsum([0, *map(len, encoder.categories_[:-1])])
