"""Intervals and tests against scipy, statsmodels and numbers worked by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from baselines.answer_frame import answer_frame
from baselines.method import Row
from evals.analysis.bootstrap import IntervalEstimate
from evals.analysis.frame import average_by_respondent
from evals.analysis.inference import Comparison, compare, compare_all, estimate_mean, holm, ladder_position
from evals.analysis.paired_tests import detectable_effect
from evals.metrics import summarise
from tests.evals.analysis.example_rows import BOOK, FOUR, frame, hits, row

ONE, OTHER = ("offline", "valuesim", "full"), ("offline", "rag", "full")
FLOOR = ("", "country_mode", "full")
EMPTY = frame([])


def stream() -> np.random.Generator:
    return np.random.default_rng(7)


def width(found: IntervalEstimate | Comparison) -> float:
    return found.high - found.low


def shares(*hit: int, of: int = 10) -> list[Row]:
    """One person a number, who has so many of ten answers right."""
    return hits(np.arange(of) < np.array(hit)[:, None])


def test_the_estimate_is_the_figure_of_the_tables() -> None:
    rows = [
        row(1, "Q1", 1, 1),
        row(1, "Q2", 1, 4),
        row(1, "Q3", 1, None),
        row(2, "Q1", 2, 3),
        row(2, "Q2", 2, 2, error="timeout"),
        row(3, "Q1", None, 3),
    ]
    score = summarise(answer_frame(rows), BOOK, "strict")

    accuracy, mae = estimate_mean(frame(rows), "accuracy"), estimate_mean(frame(rows), "mae")

    assert (accuracy.value, mae.value) == pytest.approx((score.accuracy, score.mae))
    assert (accuracy.value, mae.value) == pytest.approx((1 / 6, ((0 + 1 + 1) / 3 + 1 / 3) / 2))
    assert accuracy.people == mae.people == score.respondents == 2


def test_the_interval_of_a_mean_is_as_wide_as_students() -> None:
    for people in (10, 100):
        draws = stream()
        values = draws.binomial(40, draws.beta(6, 4, people))
        found = estimate_mean(frame(hits(np.arange(40) < values[:, None])), "accuracy")
        low, high = stats.t.interval(0.95, people - 1, values.mean() / 40, stats.sem(values) / 40)

        assert width(found) == pytest.approx(high - low, rel=0.15)
        assert (found.low, found.high) == pytest.approx((low, high), abs=0.1 * (high - low))


def test_people_are_drawn_and_not_their_answers() -> None:
    """Ten people are right in all of 40 answers, ten in none: 20 observations, not 800."""
    right = np.repeat(np.arange(20) < 10, 40).reshape(20, 40)

    found = estimate_mean(frame(hits(right)), "accuracy")

    assert width(found) == pytest.approx(2 * stats.t.ppf(0.975, 19) * stats.sem(right[:, 0].astype(float)), rel=0.1)
    assert width(found) > 5 * (2 * 1.96 * 0.5 / np.sqrt(right.size))


def test_everybody_counts_once_however_many_answers_they_gave() -> None:
    rows = [row(1, item, 1, 1) for item in FOUR[:30]] + [row(2, "Q1", 1, 2)]

    assert estimate_mean(frame(rows), "accuracy").value == 0.5


def test_weights_are_drawn_with_their_people() -> None:
    weights = pd.Series({1: 3.0, 2: 1.0, 3: float("nan"), 5: 0.0, 6: 9.0})
    rows = frame(shares(10, 0, 10, 10, 10))

    found = estimate_mean(rows, "accuracy", weights)

    assert (found.value, found.people) == (0.75, 2)
    assert (found.low, found.high) == (0, 1)


def test_the_interval_of_a_weighted_mean_allows_for_unequal_weights() -> None:
    values, weight = stream().integers(0, 11, 200), np.where(np.arange(200) < 20, 20.0, 1.0)

    found = estimate_mean(frame(shares(*values)), "accuracy", pd.Series(weight, index=range(1, 201)))

    mean, share = np.average(values / 10, weights=weight), weight / weight.sum()
    error = np.sqrt((share**2 * (values / 10 - mean) ** 2).sum())
    assert found.value == pytest.approx(mean)
    assert width(found) == pytest.approx(2 * 1.96 * error, rel=0.15)


@pytest.mark.parametrize(
    ("rows", "value", "people"),
    [([], float("nan"), 0), (shares(3), 0.3, 1), ([row(1, "Q1", 1, 1, error="timeout")], float("nan"), 0)],
)
def test_fewer_than_two_people_have_no_interval(rows: list[Row], value: float, people: int) -> None:
    found = estimate_mean(frame(rows), "accuracy")

    assert (found.value, found.low, found.high, found.people) == pytest.approx(
        (value, float("nan"), float("nan"), people), nan_ok=True
    )


def test_people_who_do_not_differ_give_no_width() -> None:
    found = estimate_mean(frame([row(person, "Q1", 1, None) for person in range(1, 5)]), "mae")

    assert found == IntervalEstimate(1, 1, 1, 4)


def test_the_same_seed_gives_the_same_interval() -> None:
    rows = frame(shares(*stream().integers(0, 11, 40)))

    assert estimate_mean(rows, "accuracy", seed=1) == estimate_mean(rows, "accuracy", seed=1)
    assert estimate_mean(rows, "accuracy", seed=1) != estimate_mean(rows, "accuracy", seed=2)


def two(people: int = 30, items: int = 20) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People who differ widely, two methods that differ little: the first has one or two more answers right."""
    known = np.linspace(0, items - 3, people).round()
    more = 1 + np.arange(people) % 2
    first = hits(np.arange(items) < (known + more)[:, None])
    second = hits(np.arange(items) < known[:, None], method=OTHER)
    return frame(first), frame(second)


def test_two_methods_are_compared_within_people() -> None:
    one, other = two()
    a, b = average_by_respondent(one, "accuracy"), average_by_respondent(other, "accuracy")

    found = compare(one, other, "accuracy")

    paired = 2 * stats.t.ppf(0.975, 29) * stats.sem(a - b)
    assert found.difference == pytest.approx((a - b).mean())
    assert width(found) == pytest.approx(paired, rel=0.1)
    assert width(found) < 0.2 * (2 * 1.96 * np.hypot(stats.sem(a), stats.sem(b)))
    assert found.p < 0.001 and stats.ttest_ind(a, b).pvalue > 0.2
    assert (found.people, found.cases) == (30, 600)


def test_figures_beside_the_difference_are_those_of_scipy_and_statsmodels() -> None:
    one, other = two()
    a, b = average_by_respondent(one, "mae"), average_by_respondent(other, "mae")
    difference = a - b

    found = compare(one, other, "mae")

    assert found.difference < 0
    assert found.p_t == pytest.approx(stats.ttest_rel(a, b).pvalue)
    assert found.effect == pytest.approx(difference.mean() / difference.std())
    least = TTestPower().solve_power(nobs=30, alpha=0.05, power=0.8, alternative="two-sided")
    assert found.detectable == pytest.approx(least * difference.std(), rel=1e-4)
    assert found.p_holm == found.p


@pytest.mark.parametrize("people", [2, 3, 5, 10, 30, 100, 2415])
def test_what_can_be_detected_is_that_of_statsmodels(people: int) -> None:
    least = TTestPower().solve_power(nobs=people, alpha=0.05, power=0.8, alternative="two-sided")

    assert detectable_effect(people) == pytest.approx(least, rel=1e-4)


def test_with_few_people_every_permutation_is_tried() -> None:
    first, second = (7, 9, 4, 6, 8, 5), (6, 7, 4, 7, 5, 2)
    differences = np.subtract(first, second)
    sums = np.array([np.dot(signs, differences) for signs in product((1, -1), repeat=6)])

    found = compare(frame(shares(*first)), frame(shares(*second)), "accuracy")

    assert found.p == pytest.approx((abs(sums) >= differences.sum()).mean())


def test_with_many_people_permutations_and_t_agree() -> None:
    first, second = stream().integers(0, 11, (2, 80))

    found = compare(frame(shares(*first)), frame(shares(*second)), "accuracy")

    assert found.p == pytest.approx(found.p_t, abs=0.03)


def test_only_cases_that_count_for_both_are_compared() -> None:
    one = [
        row(1, "Q1", 1, 1),
        row(1, "Q2", 1, 1),
        row(1, "Q3", 1, 2, error="timeout"),
        row(2, "Q1", 1, 1),
        row(3, "Q1", 1, 1),
    ]
    other = [
        row(1, "Q1", 1, 2),
        row(1, "Q2", 1, 1, error="timeout"),
        row(1, "Q3", 1, 1),
        row(2, "Q1", 1, None),
        row(4, "Q1", 1, 1),
    ]

    found = compare(frame(one), frame(other), "accuracy")

    assert (found.difference, found.people, found.cases) == (1, 2, 2)


def test_methods_that_never_differ_are_not_told_apart() -> None:
    found = compare(frame(shares(3, 5, 7)), frame(shares(3, 5, 7)), "accuracy")

    assert (found.difference, found.low, found.high, found.p, found.p_t, found.effect) == (0, 0, 0, 1, 1, 0)
    assert np.isnan(found.detectable)


def test_differences_that_do_not_vary_leave_t_without_a_value() -> None:
    found = compare(frame(shares(2, 4, 8)), frame(shares(1, 3, 7)), "accuracy")

    assert (found.difference, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert found.p == 2 / 2**3
    assert np.isnan([found.p_t, found.effect, found.detectable]).all()


@pytest.mark.parametrize(("people", "difference"), [(0, float("nan")), (1, 0.2)])
def test_fewer_than_two_people_are_not_tested(people: int, difference: float) -> None:
    found = compare(frame(shares(*[5] * people)), frame(shares(*[3] * people)), "accuracy")

    assert (found.people, found.difference) == pytest.approx((people, difference), nan_ok=True)
    assert np.isnan([found.low, found.high, found.p, found.p_t, found.p_holm, found.effect, found.detectable]).all()


@pytest.mark.parametrize("size", range(1, 13))
def test_holm_is_that_of_statsmodels(size: int) -> None:
    ps = (stream().random(size) ** 3).round(1 + size % 3)  # small ones, and ties

    assert holm(ps) == pytest.approx(multipletests(ps, method="holm")[1])


def test_holm_does_not_count_what_has_no_p() -> None:
    assert holm([0.01, float("nan"), 0.04]) == pytest.approx([0.02, float("nan"), 0.04], nan_ok=True)
    assert holm([]) == []


def test_a_table_of_comparisons_is_one_family() -> None:
    right = stream().random((12, 20))
    rows = frame(
        hits(right < 0.6, method=ONE)
        + hits(right < 0.5, method=OTHER)
        + hits(right < 0.45, method=("offline", "valuesim", "no_story"))
        + hits(right < 0.4, method=FLOOR)
    )
    pairs = [(ONE, OTHER), (ONE, ("offline", "valuesim", "no_story")), (OTHER, FLOOR)]

    found = compare_all(rows, pairs)

    assert found["against"].tolist() == ["rag"] * 2 + ["valuesim no_story"] * 2 + ["country_mode"] * 2
    assert found["measure"].tolist() == ["accuracy", "mae"] * 3
    assert found[["model", "graph", "variant"]].drop_duplicates().to_numpy().tolist() == [list(ONE), list(OTHER)]
    assert found["p_holm"].tolist() == pytest.approx(multipletests(found["p"], method="holm")[1])
    one = compare_all(rows, pairs[:1], "accuracy").iloc[0]
    assert one["p_holm"] == one["p"] == found["p"][0] < found["p_holm"][0]
    assert compare_all(rows, []).columns.tolist() == found.columns.tolist()


def test_another_model_is_named() -> None:
    rows = frame(shares(3, 4) + hits(np.eye(2, 10, dtype=bool), method=("big", "valuesim", "full")))

    found = compare_all(rows, [(ONE, ("big", "valuesim", "full"))], ["mae"])

    assert found["against"].tolist() == ["valuesim big"] and found["people"].tolist() == [2]


def test_a_method_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="no rows of country_mode/full"):
        compare_all(frame(shares(3, 4)), [(ONE, FLOOR)])


def ladder(people: int = 40) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A method in the middle between two others for everybody; how far these lie apart differs widely."""
    bottom, way = np.arange(people) % 5, 2 * (1 + np.arange(people) % 7)
    return (
        frame(shares(*(bottom + way // 2), of=20)),
        frame(shares(*bottom, of=20)),
        frame(shares(*(bottom + way), of=20)),
    )


def test_a_method_stands_on_the_ladder_between_bottom_and_top() -> None:
    middle, bottom, top = ladder()

    assert ladder_position(bottom, bottom, top).value == 0
    assert ladder_position(top, bottom, top).value == 1
    assert ladder_position(middle, bottom, top).value == pytest.approx(0.5)
    assert ladder_position(middle, bottom, top, "mae").value == pytest.approx(0.5)


def test_the_three_of_the_ladder_are_drawn_together() -> None:
    middle, bottom, top = ladder()

    found = ladder_position(middle, bottom, top)

    assert (found.low, found.high) == pytest.approx((0.5, 0.5))


def test_the_interval_of_the_ladder_is_that_of_a_ratio() -> None:
    people = 100
    draws = stream()
    gone, way = draws.binomial(20, 0.3, people), draws.binomial(20, 0.5, people)
    middle, bottom, top = (frame(shares(*hit, of=20)) for hit in (gone, 0 * gone, way))

    found = ladder_position(middle, bottom, top)

    ratio = gone.mean() / way.mean()
    error = stats.sem(gone - ratio * way) / way.mean()  # delta method
    assert found.value == pytest.approx(ratio)
    assert width(found) == pytest.approx(2 * 1.98 * error, rel=0.15)


def test_the_ladder_has_only_cases_that_all_three_answered() -> None:
    middle = [row(1, "Q1", 1, 1), row(1, "Q2", 1, 2), row(2, "Q1", 1, 2)]
    bottom = [row(1, "Q1", 1, 2), row(1, "Q2", 1, 2), row(2, "Q1", 1, 2)]
    top = [row(1, "Q1", 1, 1), row(1, "Q2", 1, 1, error="timeout"), row(2, "Q1", 1, 1)]

    assert ladder_position(frame(middle), frame(bottom), frame(top)).value == 0.5


def test_a_ladder_that_does_not_rise_has_no_places() -> None:
    middle, bottom, top = ladder()

    for found in (
        ladder_position(middle, top, bottom),
        ladder_position(middle, top, top),
        ladder_position(EMPTY, EMPTY, EMPTY),
    ):
        assert np.isnan([found.value, found.low, found.high]).all()


def test_a_ladder_that_is_not_shown_to_rise_has_no_interval() -> None:
    bottom, top = shares(5, 5, 5, 5), shares(6, 4, 6, 6)

    found = ladder_position(frame(shares(5, 5, 6, 5)), frame(bottom), frame(top))

    assert found.value == pytest.approx(0.5) and np.isnan([found.low, found.high]).all()
