"""Made-up people who answer a handful of items, some of them alike because they lean the same way."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from baselines.method import Person
from baselines.reference import PeopleBlock
from survey.codebook import wvs7
from survey.item import Item
from survey.respondents import Respondents

BOOK = wvs7()
ITEMS = ("Q1", "Q2", "Q46", "Q56", "Q111", "Q164", "Q241", "Q254", "Q260", "Q262", "Q266", "Q274", "Q289")
"""Ordinal, binary and nominal items, two out of code order or off the scale, two numbers, a country of birth."""
COUNTRIES = ("AND", "DEU", "TUR")


def crowd(
    people: int, seed: int = 0, items: tuple[str, ...] = ITEMS, lean: float = 1.0, missing: float = 1 / 12
) -> Respondents:
    """People of three countries; with `lean` 0 their answers have nothing in common."""
    rng = np.random.default_rng(seed)
    country = rng.integers(len(COUNTRIES), size=people)
    own = rng.normal(size=people) + 0.7 * country
    codes = [_answers(BOOK.items[item], lean * own + rng.normal(size=people), missing, rng) for item in items]
    names = np.array(COUNTRIES)[country]
    return respondents(np.column_stack(codes), items, names.tolist())


def respondents(codes: np.ndarray, items: tuple[str, ...], countries: list[str]) -> Respondents:
    """People with these codes, a row a person."""
    return Respondents(codes.astype(np.int16), items, pd.DataFrame({"country": countries}), (), "made up", "")


def one_person(known: Collection[str], answers: Mapping[str, int], country: str) -> PeopleBlock:
    """A block of one person with these known items and answers."""
    return PeopleBlock.of_person(Person(1, 1, country, answers, (), tuple(known)))


def _answers(item: Item, leaning: np.ndarray, missing: float, rng: np.random.Generator) -> np.ndarray:
    """Codes by how far people lean, and some missing."""
    codes = np.array(sorted(item.by_code)[:6]) if item.options else np.arange(18, 80)
    share = np.argsort(np.argsort(leaning)) / len(leaning)
    found = codes[(share * len(codes)).astype(int)]
    return np.where(rng.random(len(leaning)) < missing, rng.integers(-5, 0, size=len(leaning)), found)
