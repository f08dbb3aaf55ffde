"""Who is drawn, and which items are held out: exactly as published."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold over items: `held_out` is asked, `known` makes the profile, both in shuffled order."""

    number: int
    held_out: tuple[str, ...]
    known: tuple[str, ...]


def draw_respondents(rows: int, count: int, seed: int = 42) -> list[int]:
    """Draw `count` of `rows` respondents without replacement; 1-based row numbers, in the order drawn.

    The published draw is `random.sample` of the rows after `random.seed`; with 97,220 rows and seed 42 it gives the
    published 100. Raises ValueError when there are fewer rows than that.
    """
    if count > rows:
        raise ValueError(f"{count} respondents cannot be drawn from a file of {rows} rows")
    return random.Random(seed).sample(range(1, rows + 1), count)


def item_folds(items: Sequence[str], seed: int = 42) -> tuple[Fold, ...]:
    """Five folds over items: the list shuffled once with this seed and cut into equal slices (58 of 290)."""
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    size = len(shuffled) / FOLDS
    cuts = [(round(size * place), round(size * (place + 1))) for place in range(FOLDS)]
    return tuple(
        Fold(number, tuple(shuffled[start:stop]), tuple(shuffled[:start] + shuffled[stop:]))
        for number, (start, stop) in enumerate(cuts, 1)
    )
