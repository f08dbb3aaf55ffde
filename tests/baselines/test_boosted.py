"""Trees on made-up people: what they find, what they may see, and that the run goes on while they grow."""

import asyncio
import sys
from collections.abc import Collection, Mapping

import lightgbm
import numpy as np
import pytest

from baselines.boosted import MOST_PEOPLE, Boosted
from baselines.method import Case, Person, Row
from survey.respondents import Respondents
from tests.baselines.crowd import BOOK, crowd, respondents

IDLE = ("Q2", "Q3", "Q4")
SOMEBODY = {"Q2": 4, "Q46": 3, "Q56": 1, "Q260": 2, "Q262": 40}


def prepared(fitting: Respondents) -> Boosted:
    method = Boosted("fair")
    method.prepare(fitting)
    return method


def case(item: str, known: Collection[str], answers: Mapping[str, int], country: str = "DEU", person: int = 7) -> Case:
    return Case(Person(person, 1, country, answers, (), tuple(known)), BOOK.items[item])


def ask(method: Boosted, *cases: Case) -> list[Row]:
    async def all_of_them() -> list[Row]:
        return await asyncio.gather(*(method.answer(each) for each in cases))

    return asyncio.run(all_of_them())


def crossed(people: int) -> Respondents:
    """People who answer 1 to Q1 where Q260 and Q164 are both low or both high, else 3."""
    rng = np.random.default_rng(8)
    sex, god = rng.choice([1, 2], size=people, p=[0.7, 0.3]), rng.choice([1, 10], size=people, p=[0.7, 0.3])
    first = np.where((sex == 1) == (god == 1), 1, 3)
    idle = rng.integers(1, 5, size=(people, 3))
    return respondents(np.column_stack([first, sex, god, idle]), ("Q1", "Q260", "Q164", *IDLE), ["AND"] * people)


def test_it_finds_what_two_items_say_only_together() -> None:
    told = [{"Q260": sex, "Q164": god} | dict.fromkeys(IDLE, 2) for sex in (1, 2) for god in (1, 10)]

    rows = ask(prepared(crossed(2000)), *(case("Q1", list(told[0]), each, "AND") for each in told))

    assert [row.predicted for row in rows] == [1, 3, 3, 1]
    assert all(row.probabilities[row.predicted or 0] > 0.9 for row in rows)


def test_where_nothing_is_to_be_found_it_stays_near_the_shares() -> None:
    fitting = crowd(3000, lean=0.0)
    known = ["Q2", "Q46", "Q56", "Q260", "Q262"]

    [row] = ask(prepared(fitting), case("Q1", known, SOMEBODY, "AND"))

    answers = fitting.codes[:, 0]
    shares = np.bincount(answers[answers > 0])[1:] / (answers > 0).sum()
    assert list(row.probabilities.values()) == pytest.approx(shares.tolist(), abs=0.05)


def test_a_row_has_shares_of_all_options_in_the_order_of_codes_and_their_mode() -> None:
    fitting = crossed(200)

    [row] = ask(prepared(fitting), case("Q1", ["Q260"], {"Q260": 1, "Q1": 4}, "FRA"))

    assert list(row.probabilities) == [1, 2, 3, 4]
    assert sum(row.probabilities.values()) == pytest.approx(1)
    assert 0 < row.probabilities[2] < 1e-5 and 0 < row.probabilities[4] < 1e-5  # nobody's answers
    assert row.predicted == max(row.probabilities, key=lambda code: row.probabilities[code])
    assert (row.graph, row.variant, row.model, row.decided_by, row.truth) == ("boosted", "full", "", "reference", 4)
    assert Boosted.uses_others and Boosted("fair", "profile_58").variant == "profile_58"


def test_answers_outside_the_profile_are_never_looked_at_nor_the_answer_itself() -> None:
    method = prepared(crowd(400))
    hidden = {"Q1": 1, "Q241": 0, "Q164": 10, "Q289": 3}

    rows = ask(
        method,
        case("Q1", ["Q2", "Q260"], {"Q2": 1, "Q260": 2}),
        case("Q1", ["Q2", "Q260"], {"Q2": 1, "Q260": 2} | hidden),
        case("Q1", ["Q1", "Q2", "Q260"], {"Q2": 1, "Q260": 2, "Q1": 1}),
        case("Q1", ["Q1", "Q2", "Q260"], {"Q2": 1, "Q260": 2, "Q1": 4}),
        case("Q1", ["Q2", "Q260"], {"Q2": 4, "Q260": 2}),
    )

    given = [row.probabilities for row in rows]
    assert given[0] == given[1] == given[2] == given[3] != given[4]


def test_a_missing_answer_and_the_country_tell_something() -> None:
    method = prepared(crowd(2000, lean=3.0))
    told = {"Q2": 4}

    rows = ask(method, *(case("Q1", ["Q2"], *who) for who in ((told, "AND"), (told, "TUR"), ({}, "AND"))))

    assert len({tuple(row.probabilities.values()) for row in rows}) == 3


def test_why_an_answer_is_missing_makes_no_difference() -> None:
    codes = np.array([[4, -4], [4, -5], [4, -5], [1, -1], [1, 1], [1, 3]] * 100)

    [row] = ask(prepared(respondents(codes, ("Q1", "Q2"), ["AND"] * 600)), case("Q1", ["Q2"], {}, "AND"))

    assert row.predicted == 4


@pytest.mark.parametrize("item", ["Q262", "Q266", "Q2", "Q3"])
def test_there_is_no_answer_without_options_or_fitting_answers(item: str) -> None:
    fitting = crowd(60)
    fitting.codes[:, fitting.items.index("Q2")] = -4

    [row] = ask(prepared(fitting), case(item, ["Q1"], {"Q1": 1}))

    assert (row.probabilities, row.predicted, row.readable) == ({}, None, False)


def test_one_answer_of_all_is_predicted() -> None:
    [row] = ask(prepared(respondents(np.array([[2], [2], [-1]]), ("Q56",), ["AND"] * 3)), case("Q56", [], {}))

    assert row.predicted == 2 and row.probabilities == pytest.approx({1: 0, 2: 1, 3: 0}, abs=1e-5)


def test_two_people_are_enough() -> None:
    [row] = ask(prepared(respondents(np.array([[2], [3]]), ("Q56",), ["AND"] * 2)), case("Q56", [], {}))

    assert row.probabilities[2] + row.probabilities[3] > 0.99


def test_trees_grow_once_for_all_who_share_a_profile_and_anew_for_other_fitting_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grown, train = [], lightgbm.train
    monkeypatch.setattr(lightgbm, "train", lambda *given, **named: grown.append(given) or train(*given, **named))
    method = prepared(crowd(100))
    others = [case("Q1", ["Q2", "Q56"], {"Q2": code}, person=code) for code in (1, 2, 3, 4)]

    first = ask(method, *others)
    ask(method, case("Q1", ["Q2"], {}), case("Q56", ["Q2"], {}))
    assert len(grown) == 3

    method.prepare(crowd(100, seed=1))
    assert [row.probabilities for row in ask(method, *others)] != [row.probabilities for row in first]
    assert len(grown) == 4


def test_no_more_than_20000_people_are_used_and_a_tenth_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, train = [], lightgbm.train

    def watched(settings: dict[str, object], whole: lightgbm.Dataset, rounds: int, **named: list[lightgbm.Dataset]):
        booster = train(settings, whole, rounds, **named)
        sizes.append((whole.num_data(), named["valid_sets"][0].num_data()))
        return booster

    monkeypatch.setattr(lightgbm, "train", watched)

    ask(prepared(crossed(MOST_PEOPLE + 3000)), case("Q1", ["Q260"], {}))
    ask(prepared(crossed(300)), case("Q1", ["Q260"], {}))

    assert sizes == [(18000, 2000), (270, 30)]


def test_the_same_people_give_the_same_shares() -> None:
    asked = case("Q164", ["Q1", "Q2", "Q46", "Q262", "Q289"], SOMEBODY)

    first, second = (ask(prepared(crowd(1500, seed=4)), asked)[0] for _ in range(2))

    assert first.probabilities == second.probabilities


def test_others_are_served_while_trees_grow() -> None:
    method = prepared(crowd(3000))

    async def beats() -> int:
        answer = asyncio.ensure_future(method.answer(case("Q164", list(SOMEBODY), SOMEBODY)))
        count = 0
        while not answer.done():
            await asyncio.sleep(0)
            count += 1
        return count

    assert asyncio.run(beats()) > 20


def test_without_lightgbm_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)

    with pytest.raises(ModuleNotFoundError, match=r"boosted needs LightGBM: pip install -e '\.\[boosted\]'"):
        Boosted("fair")
