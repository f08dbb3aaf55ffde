"""Groups of people, their scores, and the widest gap, against scipy and numbers worked by hand."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from baselines.method import Row
from evals.analysis.distributions import variety_table
from evals.analysis.frame import average_by_respondent
from evals.analysis.groups import assign_groups, survey_weights
from evals.analysis.inference import estimate_mean
from evals.analysis.subgroups import gap_table, subgroup_table
from survey.codebook import wvs7
from survey.respondents import Respondents, read_survey
from survey.synthetic import sample_path
from tests.evals.analysis.example_rows import BOOK, frame, hits, row

SURVEY = Respondents(
    codes=np.array(
        [[1, 2, 0], [2, 5, 5], [-2, 8, 1], [2, -4, -1], [1, 3, 9], [1, 4, 0]],
        dtype=np.int16,
    ),
    items=("Q260", "Q275", "Q289"),
    context=pd.DataFrame(
        {
            "country": ["AND", "TUR", "AND", "", "AND", "AND"],
            "age": [29.0, 30.0, 44.0, float("nan"), 60.0, 15.0],
            "weight": [0.5, 1.0, 2.0, float("nan"), 1.5, 0.0],
        }
    ),
    notes=(),
    source="six",
    sha256="",
)


def grouped(**labels: Sequence[str]) -> pd.DataFrame:
    """Groups of people 1, 2, ..."""
    people = range(1, 1 + len(next(iter(labels.values()))))
    return pd.DataFrame(labels, index=pd.Index(people, name="respondent"), dtype=object)


def answers(chances: Sequence[float], seed: int = 5, items: int = 40, graph: str = "valuesim") -> list[Row]:
    """People who have so large a chance to be right in each answer."""
    right = np.random.default_rng(seed).random((len(chances), items)) < np.array(chances)[:, None]
    return hits(right, method=("", graph, "full"))


def test_groups_are_told_from_answers_and_context() -> None:
    found = assign_groups(SURVEY, [1, 2, 3, 5, 6], wvs7())

    labels = {option.code: option.label for option in BOOK.items["Q289"].options}
    assert found.index.tolist() == [1, 2, 3, 5, 6]
    assert found["country"].tolist() == ["AND", "TUR", "AND", "AND", "AND"]
    assert found["sex"].tolist() == ["Male", "Female", "", "Male", "Male"]
    assert found["age"].tolist() == ["16-29", "30-44", "30-44", "60+", ""]
    assert found["education"].tolist() == ["lower", "higher", "higher", "middle", "middle"]
    assert found["religion"].tolist() == [labels[code] for code in (0, 5, 1, 9, 0)]


def test_who_did_not_answer_is_in_no_group() -> None:
    assert assign_groups(SURVEY, [4], BOOK).loc[4].tolist() == ["", "Female", "", "", ""]


def test_a_file_without_columns_has_no_groups() -> None:
    bare = Respondents(SURVEY.codes[:, :0], (), SURVEY.context[["country"]], (), "bare", "")

    assert assign_groups(bare, [2], BOOK).loc[2].tolist() == ["TUR", "", "", "", ""]
    assert survey_weights(bare, [2]) is None
    assert assign_groups(bare, [], BOOK).empty


def test_weights_are_those_of_the_survey() -> None:
    found = survey_weights(SURVEY, [5, 4, 1])

    assert found is not None and found.index.tolist() == [5, 4, 1]
    assert found.tolist() == pytest.approx([1.5, float("nan"), 0.5], nan_ok=True)


@pytest.mark.parametrize("number", [0, 7])
def test_rows_that_the_file_does_not_have_are_refused(number: int) -> None:
    with pytest.raises(IndexError):
        assign_groups(SURVEY, [number], BOOK)
    with pytest.raises(KeyError):
        survey_weights(SURVEY, [number])


def test_people_of_the_sample_have_groups() -> None:
    survey = read_survey(sample_path(), BOOK)

    found = assign_groups(survey, range(1, len(survey) + 1), BOOK)

    assert (found != "").mean().min() > 0.9
    assert set(found["age"]) - {""} == {"16-29", "30-44", "45-59", "60+"}
    assert set(found["education"]) - {""} == {"lower", "middle", "higher"}


def test_a_group_s_figures_are_those_of_its_people() -> None:
    rows = frame(answers([0.5] * 70))
    labels = ["Male", "Female"] * 35

    found = subgroup_table(rows, grouped(sex=labels), BOOK)

    assert found[["by", "group", "people"]].to_numpy().tolist() == [["sex", "Female", 35], ["sex", "Male", 35]]
    for _, line in found.iterrows():
        own = rows[rows["respondent"].isin([at for at, label in enumerate(labels, 1) if label == line["group"]])]
        for measure in ("accuracy", "mae"):
            alone = estimate_mean(own, measure)
            cells = line[[measure, f"{measure}_low", f"{measure}_high"]].tolist()
            assert cells == pytest.approx([alone.value, alone.low, alone.high])
        assert line["spread"] == pytest.approx(variety_table(own, BOOK)["sd_ratio"][0], nan_ok=True)


def test_spread_is_that_within_the_group() -> None:
    """Women are all said to answer alike; men as they do."""
    said = {"Female": (2, 2, 2), "Male": (1, 2, 4)}
    labels = ["Female", "Male"] * 45
    rows = [
        row(person, "Q1", (1, 2, 4)[person // 2 % 3], said[labels[person - 1]][person // 2 % 3])
        for person in range(1, 91)
    ]

    found = subgroup_table(frame(rows), grouped(sex=labels), BOOK).set_index("group")

    assert found["spread"].to_dict() == pytest.approx({"Female": 0, "Male": 1})


def test_small_groups_are_masked() -> None:
    labels = ["a"] * 30 + ["b"] * 29 + [""] * 5

    found = subgroup_table(frame(answers([0.5] * 64)), grouped(country=labels, sex=["Male"] * 64), BOOK)

    found = found.set_index("group")
    figures = ["accuracy", "accuracy_low", "accuracy_high", "mae", "mae_low", "mae_high", "spread", "p", "p_holm"]
    assert found["people"].to_dict() == {"a": 30, "b": 29, "Male": 64}
    assert found.loc["b", figures].isna().all() and found.loc["a", ["accuracy", "mae", "p"]].notna().all()
    assert np.isnan(found.loc["Male", "p"])  # nobody else to compare with


def test_people_without_an_answer_that_counts_are_in_no_group() -> None:
    rows = [*answers([0.5] * 31), row(32, "Q1", 1, 1, error="timeout", method=("", "valuesim", "full"))]

    found = subgroup_table(frame(rows), grouped(country=["a"] * 31 + ["b"]), BOOK)

    assert found[["group", "people"]].to_numpy().tolist() == [["a", 31]]


def test_each_group_is_tested_against_everybody_else() -> None:
    labels = np.array(["a", "b", "c", ""])[np.arange(140) % 4]
    rows = frame(answers(np.linspace(0.3, 0.7, 140).tolist()))
    sexes = np.where(np.arange(140) < 70, "Male", "Female")

    found = subgroup_table(rows, grouped(country=labels.tolist(), sex=sexes.tolist()), BOOK)

    means = average_by_respondent(rows, "accuracy").to_numpy()
    expected = [
        stats.ttest_ind(means[side == group], means[(side != group) & (side != "")], equal_var=False).pvalue
        for side, groups in ((labels, "abc"), (sexes, ("Female", "Male")))
        for group in groups
    ]
    assert found["p"].tolist() == pytest.approx(expected)
    assert found["p_holm"].tolist() == pytest.approx(multipletests(expected, method="holm")[1])


def test_each_method_is_a_family() -> None:
    labels = grouped(sex=["Male", "Female"] * 35)
    first, second = answers([0.5] * 70), answers([0.6] * 70, seed=6, graph="rag")

    both = subgroup_table(frame(first + second), labels, BOOK)

    pd.testing.assert_frame_equal(both[both["graph"] == "valuesim"], subgroup_table(frame(first), labels, BOOK))
    assert both["graph"].tolist() == ["valuesim"] * 2 + ["rag"] * 2


def test_weights_move_figures_and_tests() -> None:
    labels = grouped(sex=["Male"] * 40 + ["Female"] * 40)
    rows = frame(answers([0.2, 0.8] * 40))
    values = average_by_respondent(rows, "accuracy").to_numpy()
    weight = np.where(np.arange(80) % 2, 3.0, 1.0)

    found = subgroup_table(rows, labels, BOOK, pd.Series(weight, index=range(1, 81))).set_index("group")

    sides = [(values[part], weight[part]) for part in (slice(0, 40), slice(40, 80))]
    (a, mean_a), (b, mean_b) = [
        ((w**2 @ (x - np.average(x, weights=w)) ** 2) / w.sum() ** 2 * 40 / 39, np.average(x, weights=w))
        for x, w in sides
    ]
    degrees = (a + b) ** 2 / (a**2 / 39 + b**2 / 39)
    assert found["accuracy"].to_dict() == pytest.approx({"Male": mean_a, "Female": mean_b})
    assert found["p"].tolist() == pytest.approx([2 * stats.t.sf(abs(mean_a - mean_b) / np.sqrt(a + b), degrees)] * 2)


def test_who_has_no_weight_is_left_out() -> None:
    weights = pd.Series([1.0] * 31 + [float("nan")] * 9, index=range(1, 41))

    assert subgroup_table(frame(answers([0.5] * 40)), grouped(sex=["Male"] * 40), BOOK, weights)["people"].tolist() == [
        31
    ]


def test_a_planted_gap_is_named_and_no_other() -> None:
    countries = np.array(["AND", "TUR", "DEU"])[np.arange(210) % 3]
    sexes = np.where(np.arange(210) // 3 % 2, "Male", "Female")
    groups = grouped(country=countries.tolist(), sex=sexes.tolist())
    rows = frame(answers(np.where(countries == "TUR", 0.4, 0.5).tolist()) + answers([0.5] * 210, seed=1, graph="rag"))

    table, gaps = subgroup_table(rows, groups, BOOK), gap_table(rows, groups)

    assert table[table["p_holm"] < 0.05][["graph", "group"]].to_numpy().tolist()[-1] == ["valuesim", "TUR"]
    assert gaps[["graph", "by", "low_group"]].to_numpy().tolist()[0] == ["valuesim", "country", "TUR"]
    assert (gaps["p_holm"] < 0.05).tolist() == [True, False, False, False]


def test_the_widest_gap_is_between_the_two_farthest_groups() -> None:
    labels = np.array(["a", "b", "c", "d"])[np.arange(160) % 4]
    labels[labels == "d"] = np.where(np.arange(40) < 29, "d", "")  # too few to count
    chances = pd.Series({"a": 0.5, "b": 0.7, "c": 0.4, "d": 0.05, "": 0.5})[labels].tolist()
    rows = frame(answers(chances))

    [found] = gap_table(rows, grouped(country=labels.tolist())).to_dict("records")

    means = average_by_respondent(rows, "accuracy").to_numpy()
    high, low = means[labels == "b"], means[labels == "c"]
    assert (found["by"], found["high_group"], found["low_group"]) == ("country", "b", "c")
    assert found["gap"] == pytest.approx(high.mean() - low.mean())
    welch = stats.ttest_ind(high, low, equal_var=False)
    interval = welch.confidence_interval()
    assert (found["gap_low"], found["gap_high"]) == pytest.approx((interval.low, interval.high), abs=0.01)
    pairs = [
        stats.ttest_ind(means[labels == x], means[labels == y], equal_var=False) for x, y in combinations("abc", 2)
    ]
    assert found["p"] == pytest.approx(welch.pvalue)
    assert found["p_holm"] == pytest.approx(multipletests([pair.pvalue for pair in pairs], method="holm")[1][2])


def test_the_gap_is_corrected_over_the_pairs_of_all_groupings() -> None:
    sexes = ["Male"] * 40 + ["Female"] * 40
    rows, groups = frame(answers([0.5] * 80)), grouped(sex=sexes, age=["16-29", "30-44"] * 40)

    found = gap_table(rows, groups)

    assert found["by"].tolist() == ["sex", "age"]
    assert found["p_holm"].tolist() == pytest.approx(multipletests(found["p"], method="holm")[1])


def test_weights_may_turn_a_gap() -> None:
    rows = frame(answers([0.9, 0.1] * 20 + [0.6] * 40))
    weights = pd.Series(np.where(np.arange(80) % 2, 9.0, 1.0), index=range(1, 81))
    groups = grouped(sex=["Male"] * 40 + ["Female"] * 40)

    plain, weighted = gap_table(rows, groups), gap_table(rows, groups, weights)

    assert abs(plain["gap"][0]) < 0.15 and weighted["high_group"][0] == "Female" and weighted["gap"][0] > 0.3
    assert weighted["gap_low"][0] < weighted["gap"][0] < weighted["gap_high"][0]


def test_people_who_all_do_as_well_leave_no_p() -> None:
    rows, groups = frame(answers([1.0] * 60)), grouped(sex=["Male", "Female"] * 30)

    assert subgroup_table(rows, groups, BOOK)["p"].isna().all()
    assert gap_table(rows, groups)[["gap", "gap_low", "gap_high"]].to_numpy().tolist() == [[0, 0, 0]]


def test_groups_that_do_not_vary_within_leave_no_p() -> None:
    right = np.arange(10) < np.array([[7]] * 30 + [[3]] * 30)

    found = gap_table(frame(hits(right)), grouped(sex=["Male"] * 30 + ["Female"] * 30))

    assert found["gap"].tolist() == pytest.approx([0.4]) and found["p"].isna().all()


@pytest.mark.parametrize(
    "rows",
    [[], [row(1, "Q1", 1, 1)], [row(1, "Q1", 1, None)], [row(1, "Q1", 1, 1, error="timeout")]],
)
def test_tiny_runs_give_tables_without_warnings(rows: list[Row]) -> None:
    groups = grouped(country=["AND"], sex=[""])

    found, gaps = subgroup_table(frame(rows), groups, BOOK), gap_table(frame(rows), groups)

    assert found["people"].tolist() == [1 for line in rows if not line.error]
    assert {"accuracy", "mae_high", "spread", "p", "p_holm"} <= set(found.columns)
    assert gaps.empty and gaps.columns.tolist()[3:6] == ["by", "high_group", "low_group"]
