"""What people who never lived answer: traits, then each item, from the tables
`wvs7/synthetic_*.csv`.

An answer has a place on its scale, `centre + spread * z`, from 0 (first option) to 1 (last option),
what lies beyond counting as the end. `z` has about mean 0 and variance 1 over all people: `weight`
times one or two traits, `shared` times something that all items of a battery share, something of
the country, and chance. A positive weight draws towards the last option. Rows with an `option` are
of nominal items: there the place is how much the option appeals, and the most appealing is chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from survey.item import Item
from survey.wvs7.synthetic_countries import Codes, Scores, read_rows

Floats = NDArray[np.float64]

BACKGROUND = ("age", "female", "education")
COUNTRY_ITEM = 0.3  # what a country adds to one item, in standard deviations
COUNTRY_BATTERY = 0.35  # and to what a battery shares
EXTREMITY = 0.45  # how much people differ in going to the ends of scales
COARSE = 0.45  # how often people use but five steps of a long scale, on average; they differ by .3
STEPS = {
    10: (0, 0, 4, 4, 4, 4, 7, 7, 9, 9),
    11: (0, 1, 1, 5, 5, 5, 5, 8, 8, 10, 10),
}  # the step taken instead
QUALITIES, MOST = tuple(f"Q{number}" for number in range(7, 18)), 5
CHOICES = (
    ("Q91", ""),
    ("Q92", ""),
    ("Q93", ""),
    ("Q152", "Q153"),
    ("Q154", "Q155"),
    ("Q156", "Q157"),
)


@dataclass(frozen=True)
class AnswerTables:
    """Both tables as arrays: one row an item, or an option of a nominal item."""

    rows: tuple[tuple[str, str], ...]
    traits: tuple[str, ...]
    batteries: tuple[str, ...]
    weights: Floats  # (traits, rows)
    shared: Floats  # (batteries, rows)
    centre: Floats
    spread: Floats


@cache
def read_answer_tables() -> AnswerTables:
    """Read the tables; raises KeyError naming a trait that an item loads on and
    `synthetic_traits.csv` lacks.
    """
    lines = [row for row in read_rows("synthetic_items.csv") if row["centre"]]
    traits = (*BACKGROUND, *(row["trait"] for row in read_rows("synthetic_traits.csv")))
    batteries = tuple(dict.fromkeys(row["battery"] for row in lines if row["battery"]))
    trait_at, battery_at = (
        {name: place for place, name in enumerate(names)} for names in (traits, batteries)
    )
    weights, shared = np.zeros((len(traits), len(lines))), np.zeros((len(batteries), len(lines)))
    for place, row in enumerate(lines):
        for trait, weight in ((row["trait"], row["weight"]), (row["trait2"], row["weight2"])):
            if trait:
                weights[trait_at[trait], place] = float(weight)
        if row["battery"]:
            shared[battery_at[row["battery"]], place] = float(row["shared"])
    centre, spread = (
        np.array([float(row[name]) for row in lines]) for name in ("centre", "spread")
    )
    rows = tuple((row["item"], row["option"]) for row in lines)
    return AnswerTables(rows, traits, batteries, weights, shared, centre, spread)


def draw_traits(born: Codes, mean: dict[str, float], rng: np.random.Generator) -> Scores:
    """Traits of each person, about standard normal: country, age, sex, school, an earlier trait,
    and chance.

    The table gives the weight of each; `country` is how far means of countries spread, `from` names
    an earlier row. `born`: the columns of `synthetic_people.birth`; `mean`: the mean of each trait
    in the country.
    """
    scores: Scores = {
        "age": (born["Q262"] - 43) / 16,
        "female": np.where(born["Q260"] == 2, 1.0, -1.0),
        "education": (born["Q275"] - 3.5) / 2,
    }
    people = len(born["Q262"])
    for row in read_rows("synthetic_traits.csv"):
        weights = {name: float(row[name]) for name in BACKGROUND}
        if row["from"]:
            weights[row["from"]] = float(row["weight"])
        left = 1 - float(row["country"]) ** 2 - sum(weight**2 for weight in weights.values())
        known = sum(weight * scores[name] for name, weight in weights.items())
        scores[row["trait"]] = (
            mean[row["trait"]] + known + np.sqrt(max(left, 0.05)) * rng.normal(0, 1, people)
        )
    return scores


def draw_country_means(rng: np.random.Generator) -> dict[str, float]:
    """Draw the mean of each trait in a country."""
    return {
        row["trait"]: rng.normal(0, float(row["country"]))
        for row in read_rows("synthetic_traits.csv")
    }


def draw_places(traits: Scores, lot: np.random.Generator, rng: np.random.Generator) -> Floats:
    """Places on the scales, shape (people, rows of the table); `lot` draws for the country, `rng`
    for each person.
    """
    model = read_answer_tables()
    scores = np.column_stack([traits[name] for name in model.traits])
    people, rows, batteries = len(scores), len(model.rows), len(model.batteries)
    own = np.sqrt(1 - COUNTRY_BATTERY**2) * rng.normal(0, 1, (people, batteries))
    moods = COUNTRY_BATTERY * lot.normal(0, 1, batteries) + own
    explained = (model.weights**2).sum(axis=0) + (model.shared**2).sum(axis=0) + COUNTRY_ITEM**2
    chance = np.sqrt(np.maximum(1 - explained, 0.05)) * rng.normal(0, 1, (people, rows))
    z = (
        scores @ model.weights
        + moods @ model.shared
        + COUNTRY_ITEM * lot.normal(0, 1, rows)
        + chance
    )
    z *= np.exp(EXTREMITY * rng.normal(0, 1, (people, 1)))
    return np.asarray(model.centre + model.spread * z)


def draw_answers(items: Mapping[str, Item], place: Floats, rng: np.random.Generator) -> Codes:
    """Codes by item from places (people, rows): at most five of Q7-Q17, second choices that differ
    from the first.

    Items without a row in the table are not among them.
    """
    rows = read_answer_tables().rows
    rough = np.clip(rng.normal(COARSE, 0.3, len(place)), 0, 1)
    codes: Codes = {}
    for column, (item, option) in enumerate(rows):
        if not option:
            codes[item] = _on_scale(items[item], place[:, column], rng.random(len(place)) < rough)
    for first, second in CHOICES:
        columns = [column for column, (item, _) in enumerate(rows) if item == first]
        options = np.array([int(rows[column][1]) for column in columns])
        order = np.argsort(-place[:, columns], axis=1)
        codes[first] = options[order[:, 0]]
        if second:
            codes[second] = options[order[:, 1]]
    columns = [rows.index((item, "")) for item in QUALITIES]
    ranked = np.argsort(np.argsort(place[:, columns], axis=1), axis=1)
    for rank, item in zip(ranked.T, QUALITIES, strict=True):
        codes[item] = np.where(rank < MOST, codes[item], 2)
    return codes


def _on_scale(item: Item, place: Floats, rough: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The codes of an item at these places: in semantic order, off-scale codes left out."""
    ranked = sorted(item.ranks, key=item.ranks.__getitem__) or [
        option.code for option in item.options
    ]
    steps = np.clip((place * len(ranked)).astype(np.int64), 0, len(ranked) - 1)
    instead = np.array(STEPS.get(len(ranked), range(len(ranked))))
    return np.array(ranked)[np.where(rough, instead[steps], steps)]
