"""The one-hot Gaussian against scikit-learn on columns made by other means, and what each reference may see."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge as Direct

from baselines.answer_frame import answer_frame
from baselines.gaussian import DEFAULT_RIDGE, GRID, OneHotGaussian, Ridge, fit_gaussian
from baselines.method import Case, Person, Row
from baselines.moments import BLOCK, Moments
from baselines.onehot import Design
from baselines.statistics import Mode
from evals.harness.config_file import make_experiment
from evals.harness.plan import Plan
from evals.metrics import summarise
from survey.folds import item_folds
from survey.respondents import Respondents, read_survey
from survey.synthetic import sample_path
from tests.baselines.crowd import BOOK, COUNTRIES, ITEMS, crowd, one_person, respondents

KNOWABLE = [item for item in ITEMS if item != "Q266"]
MANY, FEW, ASKED = 700, 24, 5


def explicit(people: Respondents, fitting: Respondents, item: str) -> np.ndarray:
    """The columns of an item as the documents define them, with a numeric column of its own for a scale."""
    own, theirs = (each.codes[:, each.items.index(item)] for each in (people, fitting))
    codes, ranks = sorted(BOOK.items[item].by_code), BOOK.items[item].ranks
    columns = [own == code for code in codes] + [own < 0]
    if codes and not ranks:
        return np.column_stack(columns).astype(float)
    place = {code: (rank - 1) / (max(ranks.values()) - 1) for code, rank in ranks.items()}
    if not codes:
        low, high = theirs[theirs >= 0].min(), theirs[theirs >= 0].max()
        place = {code: (min(max(code, low), high) - low) / (high - low) for code in range(100)}
    mean = np.mean([place[code] for code in theirs if code in place])
    return np.column_stack([*columns, [3 * place.get(code, mean) for code in own]])


def directly(fitting: Respondents, people: Respondents, known: Collection[str], asked: str, ridge: float) -> np.ndarray:
    """Shares of the options of an item by scikit-learn's ridge regression, a row a person."""
    sides = []
    for each in (fitting, people):
        countries = np.array([each.context["country"] == name for name in COUNTRIES], dtype=float).T
        sides.append(np.hstack([countries, *(explicit(each, fitting, item) for item in known)]))
    truth = explicit(fitting, fitting, asked)[:, : len(BOOK.items[asked].by_code)]
    found = Direct(alpha=ridge, solver="cholesky").fit(sides[0], truth).predict(sides[1])
    clipped = np.clip(found, 1e-6, None)
    return clipped / clipped.sum(axis=1, keepdims=True)


@cache
def model(people: int, ridge: float) -> OneHotGaussian:
    return OneHotGaussian(crowd(people, seed=1), BOOK.items, ridge)


def centred(gaussian: OneHotGaussian, known: Collection[str], answers: Mapping[str, int], country: str) -> np.ndarray:
    """One person as centred columns."""
    return gaussian.columns(one_person(known, answers, country), slice(None))


@settings(max_examples=60, deadline=None)
@given(
    people=st.sampled_from([MANY, FEW]),
    ridge=st.sampled_from([3.0, 300.0]),
    known=st.sets(st.sampled_from(KNOWABLE)),
    asked=st.sampled_from([item for item in ITEMS if BOOK.items[item].scorable]),
)
def test_it_is_ridge_regression_on_any_known_set(people: int, ridge: float, known: set[str], asked: str) -> None:
    fitting, others = crowd(people, seed=1), crowd(ASKED, seed=2)
    gaussian = model(people, ridge)

    solution = gaussian.solve(known, {asked})

    told = [centred(gaussian, known - {asked}, others.answers(row), others.country(row)) for row in range(1, ASKED + 1)]
    wanted = directly(fitting, others, sorted(known - {asked}), asked, ridge)
    assert np.abs(solution.shares(np.vstack(told)) - wanted).max() < 1e-9


def test_few_people_are_solved_for_people_and_many_for_columns() -> None:
    every = model(FEW, 3.0).design.places(KNOWABLE)

    assert model(FEW, 3.0).moments.cross is None and len(every) > FEW
    assert model(MANY, 3.0).moments.rows is None


@pytest.mark.parametrize("parts", [[30, 20], [2 * BLOCK + 100, 30], [BLOCK, BLOCK + 1]])
def test_blocks_and_parts_add_up_to_exact_counts(parts: list[int]) -> None:
    people = crowd(sum(parts))
    design = Design(people, BOOK.items)
    order = np.random.default_rng(1).permutation(len(people))

    both = Moments.of(design, people, order[: parts[0]]) + Moments.of(design, people, order[parts[0] :])

    rows = design.rows(design.codes(people, np.arange(len(people))))
    plain = design.columns.width
    assert both.people == len(people)
    assert (both.products()[:plain, :plain] == (rows.T @ rows)[:plain, :plain]).all()
    assert np.abs(both.products() - rows.T @ rows).max() < 1e-8
    assert np.abs(both.mean - rows.mean(axis=0)).max() < 1e-12


def test_without_anything_known_it_tells_the_shares_of_a_country_drawn_to_those_of_all() -> None:
    fitting = crowd(MANY, seed=1)
    gaussian = model(MANY, 300.0)
    solution = gaussian.solve([], ["Q1"])

    own, unseen = (solution.shares(centred(gaussian, [], {}, country))[0] for country in ("TUR", "FRA"))

    codes, turkish = fitting.codes[:, 0], (fitting.context["country"] == "TUR").to_numpy()
    everybody, there = (np.bincount(part[part > 0], minlength=5)[1:] for part in (codes, codes[turkish]))
    assert unseen == pytest.approx(everybody / everybody.sum())
    assert own == pytest.approx(directly(fitting, one("TUR"), [], "Q1", 300.0)[0])
    between = np.sort([everybody / everybody.sum(), there / there.sum()], axis=0)
    assert ((between[0] <= own) & (own <= between[1])).all()


def one(country: str) -> Respondents:
    """Somebody from there who answered nothing."""
    return respondents(np.full((1, len(ITEMS)), -1), ITEMS, [country])


@pytest.mark.parametrize(("lean", "ridge"), [(0.0, max(GRID)), (30.0, min(GRID))])
def test_the_ridge_is_large_where_items_have_nothing_in_common_and_small_where_they_have_all(
    lean: float, ridge: float
) -> None:
    assert OneHotGaussian(crowd(3000, seed=3, lean=lean), BOOK.items).ridge == ridge


@pytest.mark.parametrize(("missing", "ridge"), [(0.5, 300.0), (0.9, 1000.0)])
def test_the_ridge_chosen_is_the_best_for_other_people(missing: float, ridge: float) -> None:
    fitting, others = crowd(1000, seed=3, missing=missing), crowd(6000, seed=4, missing=missing)
    fold = item_folds(KNOWABLE)[0]

    def brier(ridge: float) -> float:
        wrong = []
        for item in fold.held_out:
            shares = directly(fitting, others, fold.known, item, ridge)
            truth = explicit(others, others, item)[:, : shares.shape[1]]
            wrong.append(((shares - truth) ** 2).sum(axis=1)[truth.any(axis=1)])
        return float(np.concatenate(wrong).mean())

    assert OneHotGaussian(fitting, BOOK.items).ridge == ridge == min(GRID, key=brier)


def test_too_few_people_choose_no_ridge() -> None:
    assert OneHotGaussian(crowd(49, lean=0.0), BOOK.items).ridge == DEFAULT_RIDGE
    chosen = OneHotGaussian(crowd(50, lean=0.0), BOOK.items)
    assert chosen.ridge > DEFAULT_RIDGE and chosen.moments.people == 50


def test_the_same_people_give_the_same_numbers() -> None:
    first, second = (OneHotGaussian(crowd(300), BOOK.items) for _ in range(2))

    assert first.ridge == second.ridge
    assert (first.moments.products() == second.moments.products()).all()


def ask(method: Ridge, item: str, known: Collection[str], answers: Mapping[str, int], country: str = "DEU") -> Row:
    person = Person(7, 1, country, answers, (), tuple(known))
    return asyncio.run(method.answer(Case(person, BOOK.items[item])))


def prepared(graph: str, fitting: Respondents) -> Ridge:
    method = Ridge("fair", graph)  # type: ignore[arg-type]
    method.prepare(fitting)
    return method


SOMEBODY = {"Q1": 2, "Q2": 4, "Q46": 3, "Q56": 1, "Q164": 9, "Q241": 0, "Q260": 2, "Q262": 70, "Q274": 40, "Q289": 5}
FITTING = crowd(400, seed=5)


@pytest.mark.parametrize(
    ("graph", "sees"),
    [
        ("ridge", {"Q2", "Q46", "Q56", "Q164", "Q241", "Q260", "Q262", "Q274", "Q289"}),
        ("new_topic", {"Q46", "Q56", "Q164", "Q241", "Q260", "Q262", "Q274", "Q289"}),  # not Q2, of the same section
        ("demographics", {"Q260", "Q262", "Q274", "Q289"}),
    ],
)
def test_what_each_reference_sees(graph: str, sees: set[str]) -> None:
    method = prepared(graph, FITTING)
    known = [item for item in SOMEBODY if item != "Q1"]
    before = ask(method, "Q1", known, SOMEBODY).probabilities

    moved = {item for item in known if ask(method, "Q1", known, SOMEBODY | {item: 2}).probabilities != before}
    silent = {item for item in known if ask(method, "Q1", known, without(SOMEBODY, item)).probabilities != before}

    assert moved == {item for item in sees if SOMEBODY[item] != 2}
    assert silent == sees


def without(answers: Mapping[str, int], item: str) -> dict[str, int]:
    return {each: code for each, code in answers.items() if each != item}


@pytest.mark.parametrize("graph", ["ridge", "new_topic", "demographics"])
def test_answers_outside_the_profile_are_never_looked_at(graph: str) -> None:
    method = prepared(graph, FITTING)
    known = ["Q46", "Q260", "Q262"]
    hidden = {item: 1 for item in ITEMS if item not in known}

    rows = [ask(method, "Q164", known, {"Q46": 1, "Q260": 2} | others) for others in ({}, hidden)]

    assert rows[0].probabilities == rows[1].probabilities
    assert (rows[0].truth, rows[1].truth) == (None, 1)


@pytest.mark.parametrize("graph", ["ridge", "new_topic", "demographics"])
def test_an_item_that_is_asked_tells_nothing_about_itself(graph: str) -> None:
    method = prepared(graph, FITTING)
    person = Person(7, 1, "DEU", SOMEBODY, (), ("Q46", "Q260", "Q262"))

    async def both() -> list[Row]:
        return [await method.answer(Case(person, BOOK.items[item])) for item in ("Q289", "Q260")]

    _, inside = asyncio.run(both())
    outside = ask(method, "Q260", ["Q46", "Q262"], SOMEBODY)
    assert inside.probabilities == pytest.approx(outside.probabilities)


def test_a_solution_is_of_scorable_items_alone() -> None:
    solution = model(FEW, 3.0).solve(["Q1"], ITEMS)

    assert [item.id for item in solution.items] == [item for item in ITEMS if BOOK.items[item].scorable]


def test_missing_answers_of_known_items_tell_something() -> None:
    method = prepared("ridge", FITTING)

    known, unknown = (ask(method, "Q1", items, {}) for items in (["Q2"], []))

    assert known.probabilities != unknown.probabilities


def test_a_row_has_shares_in_the_order_of_codes_and_their_mode() -> None:
    row = ask(prepared("ridge", FITTING), "Q56", ["Q46", "Q266", "Q223"], SOMEBODY)

    assert list(row.probabilities) == [1, 2, 3]
    assert sum(row.probabilities.values()) == pytest.approx(1)
    assert row.predicted == max(row.probabilities, key=lambda code: row.probabilities[code])
    assert (row.graph, row.variant, row.model, row.protocol) == ("ridge", "full", "", "fair")
    assert (row.truth, row.readable, row.decided_by, row.error) == (1, True, "reference", "")
    assert Ridge.uses_others and Ridge("fair", "ridge", "profile_58").variant == "profile_58"


def test_of_two_modes_the_lower_code_is_predicted() -> None:
    people = respondents(np.array([[2], [3], [2], [3], [1]]), ("Q56",), ["AND"] * 5)

    row = ask(prepared("ridge", people), "Q56", [], {}, "AND")

    assert row.probabilities == pytest.approx({1: 0.2, 2: 0.4, 3: 0.4}) and row.predicted == 2


@pytest.mark.parametrize("graph", ["ridge", "new_topic", "demographics"])
@pytest.mark.parametrize("item", ["Q262", "Q266", "Q2", "Q3"])
def test_there_is_no_answer_without_options_or_fitting_answers(graph: str, item: str) -> None:
    fitting = crowd(60)
    fitting.codes[:, fitting.items.index("Q2")] = -4
    method = prepared(graph, fitting)

    rows = [ask(method, item, known, SOMEBODY) for known in ([], ["Q1", "Q262", item])]

    assert [(row.probabilities, row.predicted, row.readable) for row in rows] == [({}, None, False)] * 2


def test_nobody_fitting_makes_empty_rows() -> None:
    nobody = crowd(3).others([1, 2, 3])

    assert ask(prepared("ridge", nobody), "Q1", ["Q2"], SOMEBODY).probabilities == {}


def test_a_single_item_tells_nothing_else_and_is_told_by_its_shares() -> None:
    fitting = crowd(80, items=("Q1",), missing=0.0)
    method = prepared("ridge", fitting)

    row, none = ask(method, "Q1", [], {}, "FRA"), ask(method, "Q2", ["Q1"], {"Q1": 1}, "FRA")

    assert fit_gaussian(fitting).ridge == DEFAULT_RIDGE
    assert row.probabilities == pytest.approx({1: 0.25, 2: 0.25, 3: 0.25, 4: 0.25})
    assert none.probabilities == {}


def test_an_option_that_no_fitting_person_chose_is_known_by_its_place_on_the_scale() -> None:
    codes = np.array([[own, other] for own, other in ((1, 1), (2, 2), (3, 3)) for _ in range(200)])
    method = prepared("ridge", respondents(codes, ("Q1", "Q2"), ["AND"] * 600))

    row = ask(method, "Q2", ["Q1"], {"Q1": 4}, "AND")

    assert row.predicted == 3


def test_other_fitting_people_change_the_answer_to_the_same_person() -> None:
    method = prepared("ridge", FITTING)
    person = Person(7, 1, "DEU", SOMEBODY, (), ("Q2", "Q46"))
    case = Case(person, BOOK.items["Q1"])

    async def twice() -> list[Row]:
        rows = [await method.answer(case), await method.answer(case)]
        method.prepare(crowd(400, seed=6))
        return [*rows, await method.answer(case), await method.answer(Case(replace(person, shared={}), case.item))]

    first, again, other, fresh = asyncio.run(twice())

    assert first == again != other == fresh


def test_the_three_share_one_fit() -> None:
    assert fit_gaussian(FITTING) is fit_gaussian(FITTING)
    assert prepared("ridge", FITTING)._model is prepared("new_topic", FITTING)._model is fit_gaussian(FITTING)


def test_on_the_synthetic_sample_each_step_of_the_ladder_is_higher() -> None:
    survey = read_survey(sample_path(), BOOK)
    plan = Plan.of(make_experiment({"respondents": 60}), survey, BOOK)
    [(fitting, drawn)] = plan.groups()
    ladder = [Mode("fair", by_country=True), Ridge("fair", "new_topic"), Ridge("fair", "ridge")]
    for method in ladder:
        method.prepare(fitting)

    async def rows(method: Ridge | Mode) -> list[Row]:
        people = [plan.person(respondent, plan.folds[0]) for respondent in drawn]
        return [await method.answer(case) for person in people for case in plan.cases(person, plan.folds[0])]

    scores = [summarise(answer_frame(asyncio.run(rows(method))), BOOK, "strict") for method in ladder]

    accuracy, mae = ([getattr(score, name) for score in scores] for name in ("accuracy", "mae"))
    assert accuracy == sorted(accuracy) and accuracy[2] > accuracy[0] + 0.03
    assert mae == sorted(mae, reverse=True) and mae[2] < mae[0] - 0.02
