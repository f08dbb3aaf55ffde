"""Draws respondents and splits items into folds, exactly as published."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

FOLDS = 5
SIZES = (0, 58, 116, 174, 232)
"""Profile sizes of the published study of scale."""
DRAWN = 100
"""People of the published draw, of whom that study asks the first."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold over items: `held_out` are asked, `known` make the profile, in shuffled order.

    The first `background` of `known` are items that every profile tells, of whatever size.
    """

    number: int
    held_out: tuple[str, ...]
    known: tuple[str, ...]
    background: int = 0

    def profile(self, size: int | None) -> tuple[str, ...]:
        """The items of a profile of `size` items besides the background; None: all of them."""
        return self.known if size is None else self.known[: self.background + size]


def draw_respondents(rows: int, count: int, seed: int = 42) -> list[int]:
    """Draw `count` of `rows` respondents without replacement: row numbers from 1, as drawn.

    The published draw is `random.sample` of the rows after `random.seed`; with 97,220 rows and seed
    42 it gives the published 100. Raises ValueError when there are fewer rows than that.
    """
    if count > rows:
        raise ValueError(f"{count} respondents cannot be drawn from a file of {rows} rows")
    return random.Random(seed).sample(range(1, rows + 1), count)


def item_folds(
    items: Sequence[str], seed: int = 42, background: Sequence[str] = ()
) -> tuple[Fold, ...]:
    """Split items into five folds: shuffled with this seed, cut into equal slices (58 of 290).

    Those among them that are `background` are in no slice: each fold knows them, and first.
    """
    always = set(background)
    shuffled = [item for item in items if item not in always]
    random.Random(seed).shuffle(shuffled)
    size = len(shuffled) / FOLDS
    folds = []
    for number in range(1, FOLDS + 1):
        start, stop = round(size * (number - 1)), round(size * number)
        held_out, known = shuffled[start:stop], shuffled[:start] + shuffled[stop:]
        known = [*background, *known]
        folds.append(Fold(number, tuple(held_out), tuple(known), len(background)))
    return tuple(folds)


def redraw_subsets(
    rows: int, people: int, known: Sequence[str], size: int, seed: int = 42
) -> tuple[list[int], list[list[str]]]:
    """Redraw people and subsets of `known` as the published study of profile sizes drew them.

    The first `people` of the published draw, each with a subset of its own; subsets of different
    sizes are not nested. They come from the one random stream that drew the people: at each size
    but 0 a subset that is not used, then one a person, sizes in the order of `SIZES`. Raises
    ValueError for another size, or for too few rows.
    """
    if size not in SIZES or size > len(known) or people > rows:
        raise ValueError(
            f"profiles of {size} items for {people} of {rows} people are not in the published study"
        )
    stream = random.Random(seed)
    drawn = stream.sample(range(1, rows + 1), min(rows, max(people, DRAWN)))[:people]
    subsets: list[list[str]] = []
    for each in SIZES[: SIZES.index(size) + 1]:
        if each:
            stream.sample(known, each)
        subsets = [stream.sample(known, each) for _ in drawn]
    return drawn, subsets
