"""Who is drawn, and which items are held out: exactly as published."""

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
    """One fold over items: `held_out` is asked, `known` makes the profile, both in shuffled
    order.
    """

    number: int
    held_out: tuple[str, ...]
    known: tuple[str, ...]


def draw_respondents(rows: int, count: int, seed: int = 42) -> list[int]:
    """Draw `count` of `rows` respondents without replacement; 1-based row numbers, in the order
    drawn.

    The published draw is `random.sample` of the rows after `random.seed`; with 97,220 rows and seed
    42 it gives the published 100. Raises ValueError when there are fewer rows than that.
    """
    if count > rows:
        raise ValueError(f"{count} respondents cannot be drawn from a file of {rows} rows")
    return random.Random(seed).sample(range(1, rows + 1), count)


def item_folds(items: Sequence[str], seed: int = 42) -> tuple[Fold, ...]:
    """Five folds over items: the list shuffled once with this seed and cut into equal slices (58 of
    290).
    """
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    size = len(shuffled) / FOLDS
    cuts = [(round(size * place), round(size * (place + 1))) for place in range(FOLDS)]
    return tuple(
        Fold(number, tuple(shuffled[start:stop]), tuple(shuffled[:start] + shuffled[stop:]))
        for number, (start, stop) in enumerate(cuts, 1)
    )


def redraw_subsets(
    rows: int, people: int, known: Sequence[str], size: int, seed: int = 42
) -> tuple[list[int], list[list[str]]]:
    """The people and the subsets of `known` of the published study of scale, for one size of
    profile.

    The first `people` of the published draw, each with a subset of its own; subsets of different
    sizes are not nested. They come from the one random stream that drew the people: at each size
    but 0 a subset that is not used, then one a person, sizes in the order of `SIZES`. Raises
    ValueError for another size, or for too few rows.
    """
    if size not in SIZES or people > rows:
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
