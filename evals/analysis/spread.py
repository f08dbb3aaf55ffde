"""How widely answers are spread over the scale: real ones beside those that a method simulates."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.analysis.bootstrap import NAN, IntervalEstimate, bootstrap_interval
from evals.analysis.frame import Floats
from evals.analysis.item_answers import ItemAnswers

NEGLIGIBLE = 1e-12
"""A variance up to this is what rounding leaves of 0."""


@dataclass(frozen=True, eq=False)
class Spread:
    """Moments of the positions on the scale, of each person and item.

    `people`, shape (people,): their row numbers, ascending; `items`: their ids. `real` and
    `simulated`, shape (people, items, 4): the weight on the scale; and, times that weight, the
    expected position, the expected square of the position, and the square of the expected position.
    All 0 where there is no answer on the scale. `present`, shape (people, items): who answered.
    """

    people: NDArray[np.int64]
    items: tuple[str, ...]
    present: NDArray[np.bool_]
    real: Floats
    simulated: Floats

    @classmethod
    def of(cls, answers: Iterable[ItemAnswers]) -> "Spread":
        """Gather the items that have a scale; lines of one person and item add up."""
        scaled = [each for each in answers if not np.isnan(each.positions).all()]
        respondents = [each.respondents for each in scaled]
        people = np.unique(np.concatenate([np.empty(0, np.int64), *respondents]))
        both = np.zeros((2, len(people), len(scaled), 4))
        present = np.zeros((len(people), len(scaled)), dtype=bool)
        for item, each in enumerate(scaled):
            lines = np.searchsorted(people, each.respondents)
            present[lines, item] = True
            for side, shares in zip(both, (each.real, each.simulated), strict=True):
                moments = position_moments(shares, each.positions, each.weight)
                if len(np.unique(lines)) == len(lines):
                    side[lines, item] = moments
                else:
                    np.add.at(side[:, item], lines, moments)
        return cls(people, tuple(each.item.id for each in scaled), present, both[0], both[1])

    def without(self, items: Collection[str]) -> "Spread":
        """Return the moments of the other items, and of the people who answered any of them."""
        kept = np.array([item not in items for item in self.items], dtype=bool)
        if kept.all():
            return self
        there = self.present[:, kept].any(axis=1)
        every = np.ix_(there, kept)
        left = tuple(item for item in self.items if item not in items)
        return Spread(
            self.people[there], left, self.present[every], self.real[every], self.simulated[every]
        )

    def among(self, people: NDArray[np.int64]) -> "Spread":
        """Return the moments of these people alone."""
        chosen = np.isin(self.people, people)
        return Spread(
            self.people[chosen],
            self.items,
            self.present[chosen],
            self.real[chosen],
            self.simulated[chosen],
        )

    def ratio(self, seed: int | None = 42) -> IntervalEstimate:
        """Simulated over real standard deviation, with variances summed over items.

        An item counts where two people or more have a real and a simulated answer on the scale. nan
        where nobody's real answers vary; without an interval where `seed` is None.
        """
        both = (self.real[:, :, 0] > 0) & (self.simulated[:, :, 0] > 0)
        items = both.sum(axis=0) > 1
        people = int(both[:, items].any(axis=1).sum())
        real, simulated = self.real[:, items], self.simulated[:, items]
        by_real, by_simulated = bessel_factor(real[..., 0]), bessel_factor(simulated[..., 0])

        def drawn(counts: Floats, power: int) -> Floats:
            spread = expected_variance(_drawn(counts, simulated), by_simulated**power).sum(axis=-1)
            actual = expected_variance(_drawn(counts, real), by_real**power).sum(axis=-1)
            ratios: Floats = np.sqrt(safe_divide(spread, actual, otherwise=np.nan))
            return ratios

        size = len(self.people)
        value = float(drawn(np.ones((1, size)), 1)[0])
        if seed is None or np.isnan(value):
            return IntervalEstimate(value, NAN, NAN, people)
        # a resample varies less than the sample, by the same factor once more: hence the power 2
        low, high = bootstrap_interval(lambda counts: drawn(counts, 2), size, seed=seed)
        return IntervalEstimate(value, low, high, people)


def position_moments(shares: Floats, positions: Floats, weight: Floats) -> Floats:
    """The moments that `Spread` holds, of each line of shares; shape (lines, 4).

    `shares`, shape (lines, options); `positions`, shape (options,); `weight`, shape (lines,).
    """
    scale = ~np.isnan(positions)
    on_scale, position = shares[:, scale], positions[scale]
    mass, first = on_scale.sum(axis=1), on_scale @ position
    second, squared_mean = on_scale @ position**2, safe_divide(first**2, mass)
    moments: Floats = weight[:, None] * np.column_stack([mass, first, second, squared_mean])
    return moments


def expected_variance(sums: Floats, factor: Floats) -> Floats:
    """The expected variance of one draw for each person, from moments summed over people (..., 4).

    The variance within people, and the variance between people times `factor`; 0 without weight.
    """
    mass = sums[..., 0]
    mean, square = safe_divide(sums[..., 1], mass), safe_divide(sums[..., 2], mass)
    squared_means = safe_divide(sums[..., 3], mass)
    variance = (square - squared_means) + (squared_means - mean**2) * factor
    return variance * (variance > NEGLIGIBLE)


def bessel_factor(mass: Floats) -> Floats:
    """The factor that makes the variance between people unbiased (Bessel's correction), by item.

    n / (n - 1) for n people of equal weight; 0 for fewer than two. `mass`, shape (people, items):
    the weight on the scale.
    """
    total, squares = mass.sum(axis=0) ** 2, (mass**2).sum(axis=0)
    several = total - squares > NEGLIGIBLE * total
    return safe_divide(total, np.where(several, total - squares, 0.0))


def safe_divide(one: Floats, by: Floats, otherwise: float = 0.0) -> Floats:
    """Divide element by element; `otherwise` where the divisor is not above 0."""
    out: Floats = np.full(np.broadcast(one, by).shape, otherwise)
    return np.asarray(np.divide(one, by, out=out, where=by > 0), dtype=float)


def _drawn(counts: Floats, moments: Floats) -> Floats:
    """Sum moments over people, each as often as drawn; shape (draws, items, 4).

    `counts`, shape (draws, people); `moments`, shape (people, items, 4).
    """
    people, items, kinds = moments.shape
    sums: Floats = counts @ moments.reshape(people, items * kinds)
    return sums.reshape(len(counts), items, kinds)
