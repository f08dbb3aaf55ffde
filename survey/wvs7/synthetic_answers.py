"""What synthetic people answer: traits, then each item, from the tables `synthetic_*.csv`.

An answer has a place on its scale, `centre + spread * z`, from 0 (first option) to 1 (last option),
what lies beyond counting as the end. `z` has about mean 0 and variance 1 over all people: `weight`
times one or two traits, `shared` times something that all items of a battery share, something of
the country, and chance. A positive weight draws towards the last option. Rows with an `option` are
of nominal items: there the place is how much the option appeals, and the most appealing is chosen.
"""

from collections.abc import Iterable, Mapping
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
NOT_MENTIONED = 2
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
    """Both tables as arrays. `rows` are pairs of item and option; the option is "" on a scale."""

    rows: tuple[tuple[str, str], ...]
    traits: tuple[str, ...]
    batteries: tuple[str, ...]
    weights: Floats  # (traits, rows)
    shared: Floats  # (batteries, rows)
    centre: Floats
    spread: Floats


@cache
def read_answer_tables() -> AnswerTables:
    """Read the tables.

    Raises KeyError naming a trait that an item loads on and `synthetic_traits.csv` lacks.
    """
    lines = [row for row in read_rows("synthetic_items.csv") if row["centre"]]
    traits = (*BACKGROUND, *_column(read_rows("synthetic_traits.csv"), "trait"))
    batteries = tuple(dict.fromkeys(filter(None, _column(lines, "battery"))))
    trait_rows, battery_rows = _positions(traits), _positions(batteries)
    weights = np.zeros((len(traits), len(lines)))
    shared = np.zeros((len(batteries), len(lines)))
    for column, line in enumerate(lines):
        for trait, weight in ((line["trait"], line["weight"]), (line["trait2"], line["weight2"])):
            if trait:
                weights[trait_rows[trait], column] = float(weight)
        if line["battery"]:
            shared[battery_rows[line["battery"]], column] = float(line["shared"])
    rows = tuple(zip(_column(lines, "item"), _column(lines, "option"), strict=True))
    centre = np.array([float(text) for text in _column(lines, "centre")])
    spread = np.array([float(text) for text in _column(lines, "spread")])
    return AnswerTables(rows, traits, batteries, weights, shared, centre, spread)


def _column(rows: Iterable[Mapping[str, str]], name: str) -> list[str]:
    """One column of a table."""
    return [row[name] for row in rows]


def _positions(names: Iterable[str]) -> dict[str, int]:
    """The position of each name, from 0."""
    return {name: position for position, name in enumerate(names)}


def draw_traits(born: Codes, mean: dict[str, float], rng: np.random.Generator) -> Scores:
    """Draw the traits of each person, about standard normal, from background and chance.

    The table gives the weights of country, age, sex, school and an earlier trait; `country` is how
    far means of countries spread, `from` names an earlier row. `born`: the columns of
    `synthetic_people.draw_birth`; `mean`: the mean of each trait in the country.
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
    """Draw places on the scales, shape (people, rows of the table).

    `lot` draws for the country, `rng` for each person.
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
    """Draw codes by item from places of shape (people, rows of the table).

    At most five of Q7-Q17 are chosen, and second choices differ from the first. Items without a row
    in the table are left out.
    """
    rows = read_answer_tables().rows
    rough = np.clip(rng.normal(COARSE, 0.3, len(place)), 0, 1)
    codes: Codes = {}
    for column, (item, option) in enumerate(rows):
        if not option:
            codes[item] = _on_scale(items[item], place[:, column], rng.random(len(place)) < rough)
    for first, second in CHOICES:
        codes |= _most_appealing(first, second, place)
    columns = [rows.index((item, "")) for item in QUALITIES]
    ranked = np.argsort(np.argsort(place[:, columns], axis=1), axis=1)
    for rank, item in zip(ranked.T, QUALITIES, strict=True):
        codes[item] = np.where(rank < MOST, codes[item], NOT_MENTIONED)
    return codes


def _most_appealing(first: str, second: str, place: Floats) -> Codes:
    """The codes of a nominal item and, where `second` names one, of the item for second choices."""
    columns, options = [], []
    for column, (item, option) in enumerate(read_answer_tables().rows):
        if item == first:
            columns.append(column)
            options.append(int(option))
    order = np.array(options)[np.argsort(-place[:, columns], axis=1)]
    codes = {first: order[:, 0]}
    if second:
        codes[second] = order[:, 1]
    return codes


def _on_scale(item: Item, place: Floats, rough: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The codes of an item at these places: in the order of ranks, off-scale codes left out."""
    ranked = sorted(item.ranks, key=item.ranks.__getitem__) or list(item.by_code)
    steps = np.clip((place * len(ranked)).astype(np.int64), 0, len(ranked) - 1)
    instead = np.array(STEPS.get(len(ranked), range(len(ranked))))
    return np.array(ranked)[np.where(rough, instead[steps], steps)]
