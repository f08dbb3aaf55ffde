"""Detects leaks: held-out items whose answer a profile gives away.

A held-out item is *leaked* where the questionnaire ties it to a known item, or where a known item
nearly determines it: little of its entropy is left once the known item is told (conditional
entropy / entropy, both with Miller and Madow's correction, since rare options make small samples
look determined). Look-alike wording and soft ties are flags alone.
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
        """Find the leaks of each fold; one line a fold and held-out item that is scored.

        Columns `fold`, `item`; `leak`: tied, determined, soft, wording or ""; `by`: the known item
        that gives it away, or else the one that tells most; `left`: the share of its entropy that
        remains once `by` is known, nan where fewer than `MIN_ANSWERED` people answered both.
        `size`: that of the profile, None for all known items.
        """
        lines = []
        for fold in folds:
            items = self._codebook.items
            known = [item for item in fold.profile(size) if items[item].shown]
            asked = [item for item in fold.held_out if items[item].scorable]
            answered = [item for item in known if item in self.entropy_left.columns]
            left = self.entropy_left.reindex(index=asked, columns=answered)
            for item, shares in zip(asked, left.to_numpy(float).tolist(), strict=True):
                by_known = {}
                for other, share in zip(answered, shares, strict=True):
                    if not isnan(share):
                        by_known[other] = share
                lines.append((fold.number, item, *self._leak(items[item], known, by_known)))
        return pd.DataFrame(lines, columns=LEAK_COLUMNS)

    def _leak(
        self, item: Item, known: Sequence[str], left: Mapping[str, float]
    ) -> tuple[str, str, float]:
        """The strongest leak of one item, the known item that causes it, and the entropy left.

        `left`: by known item, the share of the entropy that remains.
        """
        ties = {}
        for tie in self._codebook.ties:
            if tie.item == item.id:
                ties[tie.tie] = sorted(tie.others & set(known))
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
        """The known item of its section with the most similar wording; "" if none is similar."""
        section = [other for other in known if self._codebook.items[other].section == item.section]
        alike = self.similarity[item.id].reindex(section)
        return str(alike.idxmax()) if (alike >= MIN_SIMILARITY).any() else ""

    @cached_property
    def similarity(self) -> pd.DataFrame:
        """Cosine similarity of the wordings of all items that can be shown, by item and item."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        shown = [item for item in self._codebook.items.values() if item.shown]
        names = [item.id for item in shown]
        questions = [item.question for item in shown]
        if not any(map(WORD.search, questions)):
            return pd.DataFrame(0.0, index=names, columns=names)
        vectors = TfidfVectorizer().fit_transform(questions)
        return pd.DataFrame((vectors @ vectors.T).toarray(), index=names, columns=names)

    @cached_property
    def entropy_left(self) -> pd.DataFrame:
        """The share of the row item's entropy that is left once the column item is known.

        nan where too few people answered both, and where the row item does not vary.
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
    """The share of entropy left, shape (items, items).

    `codes`, shape (people, items): negative where missing.
    """
    matrix, starts = _indicators(codes)
    joint = (matrix.T @ matrix).astype(float)  # whole numbers below 2**24, which are exact
    # how those who answered the row's item answered the column's
    of_other = np.add.reduceat(joint, starts, axis=0)
    people = np.add.reduceat(of_other, starts, axis=1)

    def sum_blocks(cells: Counts) -> Counts:
        return np.asarray(np.add.reduceat(np.add.reduceat(cells, starts, 0), starts, 1))

    both = _entropy(joint, people, sum_blocks)
    other = _entropy(of_other, people, lambda cells: np.add.reduceat(cells, starts, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        left = (both - other) / other.T
    left[(people < MIN_ANSWERED) | (other.T <= 0)] = np.nan
    np.fill_diagonal(left, np.nan)
    return np.asarray(left)


def _entropy(counts: Counts, people: Counts, blocks: Callable[[Counts], Counts]) -> Counts:
    """Entropy in nats of each block of counts, with Miller and Madow's correction.

    `blocks` sums the cells of each block; the counts of a block add up to `people`.
    """
    logs = np.log(counts, out=np.zeros_like(counts), where=counts > 0)
    filled = blocks((counts > 0).astype(float))
    many = np.maximum(people, 1)
    entropy: Counts = np.log(many) - blocks(counts * logs) / many + (filled - 1) / (2 * many)
    return entropy


def _indicators(codes: NDArray[np.int16]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """One-hot columns of each code of each item, 0 for missing codes; and where each item begins.

    Shapes (people, codes of all items) and (items,).
    """
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(sparse_output=False, dtype=np.float32).fit(codes)
    matrix: NDArray[np.float32] = encoder.transform(codes)
    matrix[:, np.concatenate(encoder.categories_) < 0] = 0
    return matrix, np.cumsum([0, *map(len, encoder.categories_[:-1])])
