"""Which people a run asks: of all who fit, a draw, a balanced draw, or those of a list."""

import random
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from evals.harness.selection_settings import SelectionSettings
from survey.codebook import Codebook
from survey.folds import draw_respondents
from survey.respondents import Respondents
from survey.text_columns import TextColumn, is_kept, text_column

SHOWN = 12
"""How many values of a column a refusal lists."""
ID_COLUMN = "interview"
"""The context column with the ids by which a file knows its people."""


def columns_to_read(settings: SelectionSettings, codebook: Codebook) -> list[str]:
    """Return the columns of the survey file that the choice of people needs besides the usual."""
    named = [condition.partition("=")[0].strip() for condition in settings.where]
    named += [settings.balance] if settings.balance else []
    return [name for name in dict.fromkeys(named) if not is_kept(name, codebook)]


def draw_people(
    settings: SelectionSettings, survey: Respondents, codebook: Codebook
) -> tuple[int, ...]:
    """Return the rows (from 1) of the people to ask, in the order drawn.

    Raises ValueError, one line, where too few people fit.
    """
    pool = _people_who_fit(settings, survey, codebook)
    if settings.rows is not None:
        return tuple(pool)
    count, seed = settings.respondents, settings.draw_seed
    if count > len(pool):
        fit = f"{len(pool):,} people fit --where" if settings.where else f"has {len(pool)} rows"
        who = f"in {survey.source} " if settings.where else f"{survey.source} "
        raise ValueError(f"--respondents {count}: {who}{fit}")
    if settings.balance:
        column = _column("--balance", settings.balance, survey, codebook)
        return _balanced(pool, column, count, seed)
    if len(pool) == len(survey):
        return tuple(draw_respondents(len(survey), count, seed))
    return tuple(random.Random(seed).sample(pool, count))


def _people_who_fit(
    settings: SelectionSettings, survey: Respondents, codebook: Codebook
) -> list[int]:
    """Return the rows of those whom every condition holds for: all people, or those of `rows`."""
    fits = np.ones(len(survey), dtype=bool)
    by_column: dict[str, list[str]] = {}
    for condition in settings.where:
        name, _, value = condition.partition("=")
        by_column.setdefault(name.strip(), []).append(value.strip())
    for name, values in by_column.items():
        column = _column("--where", name, survey, codebook)
        holds = np.zeros(len(survey), dtype=bool)
        for value in values:
            holds |= _people_with(column, name, value)
        fits &= holds
    if not fits.any():
        raise ValueError(f"--where: nobody in {survey.source} fits {' and '.join(settings.where)}")
    if settings.rows is None:
        return [int(place) + 1 for place in np.flatnonzero(fits)]
    found = [row for row in _listed_rows(settings.rows, survey) if fits[row - 1]]
    if not found:
        raise ValueError("--rows: nobody on the list fits --where")
    return found


def _column(flag: str, name: str, survey: Respondents, codebook: Codebook) -> TextColumn:
    """Find a column. Raises ValueError, which says what columns there are."""
    column = text_column(survey, codebook, name)
    if column is None:
        groups = [grouping.name for grouping in codebook.facts.groups]
        others = ", ".join(dict.fromkeys([*map(str, survey.context.columns), *groups]))
        raise ValueError(
            f"{flag} {name}: {survey.source} has no such column or item; it has {others}, and the "
            f"items {survey.items[0]} to {survey.items[-1]}"
        )
    return column


def _people_with(column: TextColumn, name: str, value: str) -> NDArray[np.bool_]:
    """Who has a value; where nobody has, who has one of the values between its commas.

    Raises ValueError, which lists the values that there are, for one that nobody has.
    """
    holds = column.matches(value)
    if holds.any():
        return holds
    for part in value.split(","):
        fitting = column.matches(part.strip())
        if not fitting.any():
            there = column.described(SHOWN) or "no value"
            raise ValueError(f"--where {name}={part.strip()}: nobody; there are {there}")
        holds |= fitting
    return holds


def _listed_rows(lines: Sequence[str], survey: Respondents) -> list[int]:
    """Return the rows of a list: row numbers where all lines are such, else ids of the file.

    Raises ValueError for a line that is neither, and for an id of several people.
    """
    if all(line.isdecimal() and 1 <= int(line) <= len(survey) for line in lines):
        return [int(line) for line in lines]
    rows: dict[str, list[int]] = {}
    if ID_COLUMN in survey.context.columns:
        for row, known in enumerate(survey.context[ID_COLUMN].astype(str), 1):
            rows.setdefault(known, []).append(row)
    for line in lines:
        if line not in rows:
            raise ValueError(
                f"--rows: {line} is no row of {survey.source}, which has {len(survey)}, and no id "
                "of anybody in it"
            )
        if len(rows[line]) > 1:
            raise ValueError(f"--rows: {line} is the id of {len(rows[line])} people: name rows")
    return [rows[line][0] for line in lines]


def _balanced(pool: Collection[int], column: TextColumn, count: int, seed: int) -> tuple[int, ...]:
    """Draw people so that all groups have equal numbers, or one more, as far as they have people.

    Whoever has no value belongs to no group. Raises ValueError where too few people have one.
    """
    stream = random.Random(seed)
    groups: dict[str, list[int]] = {}
    for row in stream.sample(sorted(pool), len(pool)):
        if value := column.group_of(str(column.values[row - 1])):
            groups.setdefault(value, []).append(row)
    order = sorted(groups)
    stream.shuffle(order)
    if count > sum(map(len, groups.values())):
        raise ValueError(f"--balance: only {sum(map(len, groups.values()))} people have a value")
    drawn: list[int] = []
    place = 0
    while len(drawn) < count:
        for name in order:
            if place < len(groups[name]) and len(drawn) < count:
                drawn.append(groups[name][place])
        place += 1
    return tuple(drawn)
