"""The floors that need no model, by hand on five people."""

import asyncio

import numpy as np
import pandas as pd
import pytest

from baselines.method import Case, Method, Person, Row
from baselines.statistics import Chance, Mode
from survey.codebook import wvs7
from survey.respondents import Respondents

BOOK = wvs7()
ITEMS = ("Q1", "Q56", "Q111", "Q274")
FITTING = Respondents(
    codes=np.array(
        [
            [1, 1, 3, 0],
            [1, 3, 1, 2],
            [2, 3, -1, 2],
            [4, 2, -4, -3],
            [4, 2, -4, -5],
        ],
        dtype=np.int16,
    ),
    items=ITEMS,
    context=pd.DataFrame({"country": ["AND", "AND", "TUR", "TUR", ""]}),
    notes=(),
    source="five",
    sha256="",
)


def answer(method: Method, item: str, country: str = "AND") -> Row:
    method.prepare(FITTING)
    person = Person(respondent=7, fold=2, country=country, answers={"Q1": 2}, profile=())
    return asyncio.run(method.answer(Case(person, BOOK.items[item])))


def test_chance_is_uniform_over_the_valid_options() -> None:
    assert answer(Chance("fair"), "Q1").probabilities == {1: 0.25, 2: 0.25, 3: 0.25, 4: 0.25}
    assert answer(Chance("fair"), "Q241").probabilities == pytest.approx(dict.fromkeys(range(11), 1 / 11))
    assert answer(Chance("fair"), "Q111").probabilities == pytest.approx({1: 1 / 3, 2: 1 / 3, 3: 1 / 3})


def test_the_papers_chance_draws_from_nought_to_the_number_of_options() -> None:
    assert answer(Chance("published", "paper"), "Q1").probabilities == dict.fromkeys(range(5), 0.2)
    assert answer(Chance("published", "paper"), "Q94").probabilities == dict.fromkeys(range(4), 0.25)


@pytest.mark.parametrize("rule", ["full", "paper"])
@pytest.mark.parametrize("item", ["Q262", "Q266"])
def test_chance_says_nothing_where_there_is_no_option_to_choose(rule: str, item: str) -> None:
    row = answer(Chance("published", rule), item)  # type: ignore[arg-type]

    assert (row.probabilities, row.predicted, row.readable) == ({}, None, False)


def test_chance_predicts_no_single_option_and_is_scored_in_expectation() -> None:
    row = answer(Chance("fair"), "Q1")

    assert (row.predicted, row.readable, row.variant, Chance.uses_others) == (None, True, "full", False)
    assert answer(Chance("fair", "paper"), "Q1").variant == "paper"


@pytest.mark.parametrize(
    ("item", "shares", "mode"),
    [
        ("Q1", {1: 0.4, 2: 0.2, 4: 0.4}, 1),  # a tie: the lower code
        ("Q56", {1: 0.2, 2: 0.4, 3: 0.4}, 2),
        ("Q111", {1: 0.5, 3: 0.5}, 1),  # missing codes do not count
        ("Q274", {0: 1 / 3, 2: 2 / 3}, 2),  # numbers count like options
    ],
)
def test_the_mode_is_what_most_fitting_people_answered(item: str, shares: dict[int, float], mode: int) -> None:
    row = answer(Mode("fair"), item)

    assert row.probabilities == pytest.approx(shares) and row.predicted == mode


@pytest.mark.parametrize(
    ("item", "country", "shares", "mode"),
    [
        ("Q1", "AND", {1: 1.0}, 1),
        ("Q1", "TUR", {2: 0.5, 4: 0.5}, 2),
        ("Q56", "TUR", {2: 0.5, 3: 0.5}, 2),
        ("Q1", "DEU", {1: 0.4, 2: 0.2, 4: 0.4}, 1),  # a country not seen: everybody
        ("Q1", "", {1: 0.4, 2: 0.2, 4: 0.4}, 1),  # a country not known: everybody, not the others unknown
        ("Q111", "TUR", {1: 0.5, 3: 0.5}, 1),  # nobody there answered: everybody
    ],
)
def test_the_mode_of_a_country(item: str, country: str, shares: dict[int, float], mode: int) -> None:
    row = answer(Mode("fair", by_country=True), item, country)

    assert row.probabilities == pytest.approx(shares) and row.predicted == mode


def test_where_nobody_answered_there_is_no_mode() -> None:
    method = Mode("fair")
    nobody = FITTING.others([1, 2, 3])
    method.prepare(nobody)
    person = Person(respondent=7, fold=2, country="TUR", answers={}, profile=())

    row = asyncio.run(method.answer(Case(person, BOOK.items["Q111"])))

    assert (row.probabilities, row.predicted, row.readable) == ({}, None, False)


def test_new_fitting_people_replace_the_old_ones() -> None:
    method = Mode("fair")
    answer(method, "Q1")
    method.prepare(FITTING.others([1, 2]))
    person = Person(respondent=1, fold=1, country="AND", answers={}, profile=())

    assert asyncio.run(method.answer(Case(person, BOOK.items["Q1"]))).predicted == 4


def test_a_row_says_whom_and_what_it_is_about() -> None:
    row = answer(Mode("fair", by_country=True), "Q1")

    assert (row.graph, row.variant, row.model, row.protocol) == ("country_mode", "full", "", "fair")
    assert (row.respondent, row.fold, row.item, row.country, row.dimension) == (7, 2, "Q1", "AND", "core")
    assert (row.truth, row.decided_by, row.error, row.draw) == (2, "reference", "", 0)
    assert Mode.uses_others is True
