"""How widely answers are spread over the scale: real ones beside those that a method simulates."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.analysis.frame import Floats
from evals.analysis.item_answers import ItemAnswers
from evals.analysis.resampling import NAN, Indices, IntervalEstimate, bootstrap_interval

NEGLIGIBLE = 1e-12  # a variance that is left of rounding


@dataclass(frozen=True, eq=False)
class Spread:
    """Moments of the places on the scale, of each person and item. `people`: their numbers,
    ascending.

    `real` and `simulated`, shape (people, items, 4): weight on the scale, and times it the expected
    place, the expected square of the place, and the square of the expected place; all 0 where there
    is no answer on the scale.
    """

    people: NDArray[np.int64]
    real: Floats
    simulated: Floats

    @classmethod
    def of(cls, answers: Iterable[ItemAnswers]) -> "Spread":
        """Gather the items that have a scale; lines of one person and item add up."""
        scaled = [each for each in answers if not np.isnan(each.places).all()]
        people = np.unique(
            np.concatenate([np.empty(0, np.int64), *(each.respondents for each in scaled)])
        )
        both = np.zeros((2, len(people), len(scaled), 4))
        for item, each in enumerate(scaled):
            lines = np.searchsorted(people, each.respondents)
            for side, shares in zip(both, (each.real, each.simulated), strict=True):
                np.add.at(side[:, item], lines, position_moments(shares, each.places, each.weight))
        return cls(people, both[0], both[1])

    def among(self, people: NDArray[np.int64]) -> "Spread":
        """The same of these people alone."""
        chosen = np.isin(self.people, people)
        return Spread(self.people[chosen], self.real[chosen], self.simulated[chosen])

    def ratio(self, seed: int | None = 42) -> IntervalEstimate:
        """Simulated over real standard deviation, variances summed over items; with seed None
        without interval.

        Items count to which two people or more gave and got an answer on the scale; nan where
        nobody's answers vary.
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
        # people drawn from the sample vary less between each other than it does by the same factor
        # once more
        return IntervalEstimate(
            value,
            *bootstrap_interval(lambda places: drawn(_counts(places, size), 2), size, seed=seed),
            people,
        )


def position_moments(shares: Floats, places: Floats, weight: Floats) -> Floats:
    """What `Spread` holds, of each line of shares; shape (lines, 4)."""
    scale = ~np.isnan(places)
    on, at = shares[:, scale], places[scale]
    mass, first = on.sum(axis=1), on @ at
    found: Floats = weight[:, None] * np.column_stack(
        [mass, first, on @ at**2, safe_divide(first**2, mass)]
    )
    return found


def expected_variance(sums: Floats, factor: Floats) -> Floats:
    """The variance that one draw for each person has in expectation, from moments summed over
    people (..., 4).

    Within people as it is, between people times `factor`; 0 where there is no weight.
    """
    mass = sums[..., 0]
    first, second, own = (safe_divide(sums[..., moment], mass) for moment in (1, 2, 3))
    found = (second - own) + (own - first**2) * factor
    return found * (found > NEGLIGIBLE)


def bessel_factor(mass: Floats) -> Floats:
    """What makes the variance between people unbiased, by item: n / (n - 1) for n people of equal
    weight.

    `mass`: weight on the scale by person and item; 0 for fewer than two people.
    """
    total, squares = mass.sum(axis=0) ** 2, (mass**2).sum(axis=0)
    several = total - squares > NEGLIGIBLE * total
    return safe_divide(total, np.where(several, total - squares, 0.0))


def safe_divide(one: Floats, by: Floats, otherwise: float = 0.0) -> Floats:
    """One divided by the other, and `otherwise` where there is nothing to divide by."""
    out: Floats = np.full(np.broadcast(one, by).shape, otherwise)
    return np.asarray(np.divide(one, by, out=out, where=by > 0), dtype=float)


def _drawn(counts: Floats, moments: Floats) -> Floats:
    """Moments summed over people who are drawn so many times each; shape (draws, items, 4)."""
    people, items, kinds = moments.shape
    drawn: Floats = (counts @ moments.reshape(people, items * kinds)).reshape(
        len(counts), items, kinds
    )
    return drawn


def _counts(places: Indices, size: int) -> Floats:
    """How often each of `size` people is drawn; shape (draws, size)."""
    lines = places.reshape(-1, places.shape[-1])
    flat = (lines + size * np.arange(len(lines))[:, None]).ravel()
    return np.bincount(flat, minlength=size * len(lines)).reshape(-1, size).astype(float)
