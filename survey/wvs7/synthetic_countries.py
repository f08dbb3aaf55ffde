"""The countries that synthetic people live in, and what is drawn once for each country."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Codes = dict[str, NDArray[np.int64]]
"""Codes by item, each of shape (people,)."""

Scores = dict[str, NDArray[np.float64]]
"""Traits and background by name, about standard normal, each of shape (people,)."""


@dataclass(frozen=True)
class Country:
    """A real country's name, codes, language and main faiths; what its people say is drawn."""

    alpha3: str
    numeric: int
    cow: int
    cow_alpha: str
    language: str
    language_code: int
    faiths: tuple[int, int]
    organisation: str


@dataclass(frozen=True)
class Setting:
    """What is drawn once for a country; shares are 0 to 1, `schooling` and `secular` around 0."""

    year: int
    mean_age: float
    schooling: float
    secular: float
    abroad: float
    urban: float
    children: float


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the files `synthetic_*.csv` beside the codebook."""
    text = (files("survey") / "wvs7" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def borrowed_countries() -> tuple[Country, ...]:
    """All countries that may be borrowed, in the order in which they are taken."""
    return tuple(
        Country(
            alpha3=row["alpha3"],
            numeric=int(row["numeric"]),
            cow=int(row["cow"]),
            cow_alpha=row["cow_alpha"],
            language=row["language"],
            language_code=int(row["language_code"]),
            faiths=(int(row["faith"]), int(row["second_faith"])),
            organisation=row["organisation"],
        )
        for row in read_rows("synthetic_countries.csv")
    )


def draw_setting(rng: np.random.Generator) -> Setting:
    """Draw the setting of a country."""
    return Setting(
        year=int(rng.integers(2017, 2023)),
        mean_age=rng.uniform(36, 50),
        schooling=rng.normal(0, 0.4),
        secular=rng.normal(0, 0.6),
        abroad=rng.uniform(0.01, 0.12),
        urban=rng.uniform(0.4, 0.9),
        children=rng.uniform(1.4, 3.2),
    )


def draw_columns(shares: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw one column for each row of `shares`, shape (people, columns); rows need not sum to 1."""
    heights = np.cumsum(shares, axis=1)
    drawn = rng.random((len(shares), 1)) * heights[:, -1:]
    return np.asarray((drawn >= heights[:, :-1]).sum(axis=1), np.int64)
