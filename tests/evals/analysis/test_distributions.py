"""Distances, spread, unused options and correlations against scipy, pandas and numbers worked by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from baselines.method import Row
from evals.analysis.distributions import distribution_table, variety_table, wasserstein
from tests.evals.analysis.example_rows import BOOK, FOUR, Said, frame, row

Pair = tuple[int | None, Said]
FIGURES = ["wasserstein", "jensen_shannon", "sd_real", "sd_simulated", "sd_ratio", "never_used", "never_used_real"]


def stream() -> np.random.Generator:
    return np.random.default_rng(11)


def rows_of(item: str, pairs: Sequence[Pair], **fields: Any) -> list[Row]:
    """One row a person, of truth and what was said."""
    return [row(person, item, truth, said, **fields) for person, (truth, said) in enumerate(pairs, 1)]


def one(item: str, pairs: Sequence[Pair], weights: pd.Series | None = None) -> pd.Series:
    """The figures of all together."""
    found = distribution_table(frame(rows_of(item, pairs)), BOOK, weights)
    assert found["country"].tolist() == [""]
    return found.iloc[0]


def population(people: int, items: int, seed: int = 11) -> np.ndarray:
    """Codes 1 to 4 of people whose answers hang together: three groups of items, each with a trait of its own."""
    draws = np.random.default_rng(seed)
    traits, loads = draws.normal(size=(people, 3)), np.array([1.5, -1.0, 0.7])[np.arange(items) // 3 % 3]
    latent = traits[:, np.arange(items) % 3] * loads + draws.normal(size=(people, items))
    return np.digitize(latent, [-1.2, 0, 1.2]) + 1


def told(real: np.ndarray, said: np.ndarray, graph: str = "valuesim") -> list[Row]:
    """Rows of people (lines) and items (columns), in codes."""
    return [
        row(person + 1, FOUR[item], int(real[person, item]), int(said[person, item]), method=("", graph, "full"))
        for person, item in np.ndindex(real.shape)
    ]


def test_the_distances_are_those_of_scipy() -> None:
    draws = stream()
    for item in ("Q1", "Q56", "Q241", "Q119"):
        codes = [option.code for option in BOOK.items[item].options]
        ranks = BOOK.items[item].ranks
        real, said = draws.choice(codes, (2, 25))

        found = one(item, [(int(truth), int(code)) for truth, code in zip(real, said, strict=True)])

        places = [[(ranks[int(code)] - 1) / (len(ranks) - 1) for code in side] for side in (real, said)]
        assert found["wasserstein"] == pytest.approx(stats.wasserstein_distance(*places))
        shares = [[(side == code).mean() for code in codes] for side in (real, said)]
        assert found["jensen_shannon"] == pytest.approx(jensenshannon(*shares, base=2))
        assert found[["sd_real", "sd_simulated"]].tolist() == pytest.approx([np.std(side, ddof=1) for side in places])


def test_semantic_order_decides_how_far_answers_are_apart() -> None:
    """Q56 runs better (1), same (3), worse (2)."""
    assert one("Q56", [(1, 3)] * 2)["wasserstein"] == 0.5
    assert one("Q56", [(1, 2)] * 2)["wasserstein"] == 1


def test_work_along_the_scale_does_not_hang_on_the_order_of_options() -> None:
    draws = stream()
    for size in (2, 3, 6):
        places, off = draws.random(size), np.array([np.nan])
        first, second = draws.random((2, size))

        found = wasserstein(np.append(0.4, first), np.append(0.1, second), np.append(off, places))

        assert found == pytest.approx(stats.wasserstein_distance(places, places, first, second))


def test_what_is_alike_is_at_no_distance_and_what_shares_nothing_at_the_greatest() -> None:
    alike, apart = one("Q1", [(1, 4), (4, 1)]), one("Q1", [(1, 4), (1, 4)])

    assert (alike["wasserstein"], alike["jensen_shannon"], alike["sd_ratio"]) == (0, 0, 1)
    assert (apart["wasserstein"], apart["jensen_shannon"]) == (1, 1)
    assert (apart["sd_real"], apart["sd_simulated"]) == (0, 0) and np.isnan(apart["sd_ratio"])


def test_shares_are_what_draws_from_them_give() -> None:
    """Person 1 draws 1 or 2, person 2 draws 1 or 4, person 3 draws 3: worked over all four outcomes."""
    pairs: list[Pair] = [(1, {1: 0.5, 2: 0.5}), (2, {1: 0.75, 4: 0.25}), (2, {3: 1.0})]

    found = one("Q1", pairs)

    outcomes = {(1, 1, 3): 0.375, (1, 4, 3): 0.125, (2, 1, 3): 0.375, (2, 4, 3): 0.125}
    variance = sum(p * np.var(np.array(drawn) / 3, ddof=1) for drawn, p in outcomes.items())
    unused = sum(p * len({1, 2, 3, 4} - set(drawn)) / 4 for drawn, p in outcomes.items())
    places = np.arange(4) / 3
    mixture = np.array([1.25, 0.5, 1, 0.25]) / 3
    assert found["wasserstein"] == pytest.approx(
        stats.wasserstein_distance(places, places, [1 / 3, 2 / 3, 0, 0], mixture)
    )
    assert found["jensen_shannon"] == pytest.approx(jensenshannon([1 / 3, 2 / 3, 0, 0], mixture, base=2))
    assert found["sd_simulated"] == pytest.approx(np.sqrt(variance))
    assert (found["never_used"], found["never_used_real"]) == pytest.approx((unused, 0.5))


def test_codes_that_are_no_options_are_left_aside() -> None:
    found = one("Q1", [(1, {0: 0.6, 1: 0.2, 2: 0.2}), (2, {0: 1.0}), (2, 2)])

    assert found["people"] == 2
    assert found["jensen_shannon"] == pytest.approx(jensenshannon([1, 1], [0.5, 1.5], base=2))


def test_off_the_scale_counts_as_an_option_but_has_no_place() -> None:
    """Q111: 1 and 2 on the scale, 3 off it."""
    found = one("Q111", [(1, 1), (2, 3), (3, 3), (2, 2)])

    assert found["wasserstein"] == pytest.approx(abs(1 / 3 - 1 / 2))
    assert found["jensen_shannon"] == pytest.approx(jensenshannon([1, 2, 1], [1, 1, 2], base=2))
    assert found["sd_real"] == pytest.approx(np.std([0, 1, 1], ddof=1))
    assert found["sd_simulated"] == pytest.approx(np.std([0, 1], ddof=1))


def test_where_nobody_is_on_the_scale_nothing_is_measured_along_it() -> None:
    found = one("Q111", [(1, 3), (2, 3)])

    assert np.isnan(found[["wasserstein", "sd_simulated", "sd_ratio"]].astype(float)).all()
    assert found["jensen_shannon"] == 1


def test_nominal_items_have_no_scale() -> None:
    item = next(item for item in BOOK.items.values() if item.kind == "nominal" and item.scorable)
    codes = [option.code for option in item.options]

    found = one(item.id, [(codes[0], codes[1]), (codes[1], codes[0])])

    assert np.isnan(found[["wasserstein", "sd_real", "sd_simulated", "sd_ratio"]].astype(float)).all()
    assert (found["jensen_shannon"], found["never_used"]) == pytest.approx((0, 1 - 2 / len(codes)))


def test_only_people_with_a_truth_and_a_read_reply_count() -> None:
    rows = rows_of("Q1", [(1, 1), (2, None), (None, 3), (4, 4), (3, 3)])
    rows[4] = row(5, "Q1", 3, 3, error="timeout")

    found = distribution_table(frame(rows), BOOK).iloc[0]

    assert (found["people"], found["jensen_shannon"], found["never_used_real"]) == (2, 0, 0.5)


def test_fill_ins_are_no_distributions() -> None:
    assert distribution_table(frame([row(1, "Q262", 30, 31), row(1, "Q1", 1, 1)]), BOOK)["item"].tolist() == ["Q1"]


@pytest.mark.parametrize("pairs", [[(1, None), (2, None)], [(1, 1)]])
def test_too_little_leaves_figures_out(pairs: list[Pair]) -> None:
    found = one("Q1", pairs)

    assert found["people"] == sum(said is not None for _, said in pairs)
    assert np.isnan(found["sd_ratio"])


def test_an_item_that_nobody_s_reply_was_read_to_stands_with_no_people() -> None:
    found = one("Q1", [(1, None), (2, None)])

    assert found["people"] == 0 and found[FIGURES].isna().all()


def test_countries_of_fewer_than_thirty_people_are_masked() -> None:
    rows = [
        row(person, "Q1", 1 + person % 2, said, country=country, method=("", graph, "full"))
        for graph, said in (("valuesim", 1), ("rag", 2))
        for country, people in (("AND", range(1, 31)), ("TUR", range(31, 60)), ("", range(60, 95)))
        for person in people
    ]

    found = distribution_table(frame(rows), BOOK)

    assert found[["graph", "country", "people"]].to_numpy().tolist() == [
        ["valuesim", "", 94],
        ["valuesim", "AND", 30],
        ["rag", "", 94],
        ["rag", "AND", 30],
    ]
    assert found["wasserstein"].tolist() == pytest.approx([1 / 6] * 4)


def test_weights_count_people_as_often() -> None:
    pairs: list[Pair] = [(1, 2), (2, 2), (4, 3), (3, 1)]
    weights = pd.Series({1: 2.0, 2: 1.0, 3: 1.0, 4: float("nan")})

    found = one("Q1", pairs, weights)

    plain = one("Q1", [pairs[0], pairs[0], pairs[1], pairs[2]])
    assert found["people"] == 3
    assert found[["wasserstein", "jensen_shannon"]].tolist() == pytest.approx(
        plain[["wasserstein", "jensen_shannon"]].tolist()
    )
    share = np.array([0.5, 0.25, 0.25])
    places = np.array([0, 1, 3]) / 3
    spread = (share * (places - share @ places) ** 2).sum() / (1 - (share**2).sum())
    assert found["sd_real"] == pytest.approx(np.sqrt(spread))


def test_equal_weights_change_nothing() -> None:
    real = population(35, 4)
    rows = frame(told(real, population(35, 4, seed=3)))
    weights = pd.Series(2.5, index=range(1, 36))

    for weighted, plain in (
        (distribution_table(rows, BOOK, weights), distribution_table(rows, BOOK)),
        (variety_table(rows, BOOK, weights), variety_table(rows, BOOK)),
    ):
        pd.testing.assert_frame_equal(weighted, plain)


def test_variety_is_the_mean_over_items() -> None:
    rows = frame(told(population(40, 6), population(40, 6, seed=3)) + rows_of("Q1", [(1, 4)] * 7))

    found = variety_table(rows, BOOK).set_index("model")

    items = distribution_table(rows, BOOK)
    items = items[(items["country"] == "") & (items["model"] == "")]
    for name in ("wasserstein", "jensen_shannon", "never_used", "never_used_real"):
        assert found.loc["", name] == pytest.approx(items[name].mean())
        assert found.loc["offline", name] == {"never_used": 0.75, "never_used_real": 0.75}.get(name, 1)
    assert found["people"].tolist() == [40, 7] and found["items"].tolist() == [6, 1]


def test_spread_sums_variances_over_items() -> None:
    real, said = population(40, 6), population(40, 6, seed=3)
    said[:, 0] = 2  # one item without spread counts, but does not blow up or vanish

    found = variety_table(frame(told(real, said)), BOOK).iloc[0]

    ratio = np.sqrt(said.var(axis=0, ddof=1).sum() / real.var(axis=0, ddof=1).sum())
    assert found["sd_ratio"] == pytest.approx(ratio)
    assert found["sd_ratio_low"] < ratio < found["sd_ratio_high"]


def test_the_interval_of_spread_comes_of_drawing_people() -> None:
    """All items of a person are alike: as much is known of the spread as from one item."""
    real, said = (np.repeat(population(60, 1, seed), 12, axis=1) for seed in (1, 2))

    many = variety_table(frame(told(real, said)), BOOK).iloc[0]
    single = variety_table(frame(told(real[:, :1], said[:, :1])), BOOK).iloc[0]

    ends = ["sd_ratio_low", "sd_ratio_high"]
    assert many[ends].tolist() == pytest.approx(single[ends].tolist())
    draws = stream().integers(0, 60, (2000, 60))
    ratios = said[draws, 0].std(axis=1) / real[draws, 0].std(axis=1)
    assert many[ends].tolist() == pytest.approx(np.quantile(ratios, [0.025, 0.975]).tolist(), abs=0.04)


def test_a_copy_has_the_spread_of_the_real_people_in_every_draw() -> None:
    real = population(12, 5)

    found = variety_table(frame(told(real, real)), BOOK).iloc[0]

    assert found[["sd_ratio", "sd_ratio_low", "sd_ratio_high"]].tolist() == pytest.approx([1, 1, 1])


def test_with_few_people_the_interval_of_shares_is_not_shifted() -> None:
    """Everybody gets the same shares, so that only the real spread varies between draws, each of them unbiased."""
    real = population(10, 30)
    shares = dict.fromkeys((1, 2, 3, 4), 0.25)
    rows = [row(person + 1, FOUR[item], int(real[person, item]), shares) for person, item in np.ndindex(10, 30)]

    found = variety_table(frame(rows), BOOK).iloc[0]

    drawn = real[stream().integers(0, 10, (20_000, 10))].var(axis=1, ddof=1).sum(axis=1)
    tail = stats.norm.sf(np.sqrt(10 / 9) * stats.t.ppf(0.975, 9))
    ratios = np.sqrt(30 * 1.25 / (drawn * 10 / 9))  # a sample varies by 9 / 10 of what it is drawn from
    assert found["sd_ratio"] == pytest.approx(np.sqrt(30 * 1.25 / real.var(axis=0, ddof=1).sum()))
    assert found["sd_ratio_low"] == pytest.approx(np.quantile(ratios, tail), rel=0.025)
    assert found["sd_ratio_high"] == pytest.approx(np.quantile(ratios, 1 - tail), rel=0.04)


def test_items_of_one_person_have_no_spread_to_hold_against() -> None:
    real, said = population(40, 3), population(40, 3, seed=3)
    alone = row(1, FOUR[3], 1, {1: 0.5, 4: 0.5}, method=("", "valuesim", "full"))

    with_it, without = (
        variety_table(frame(rows), BOOK).iloc[0] for rows in ([*told(real, said), alone], told(real, said))
    )

    assert with_it["items"] == 4 and with_it["sd_ratio"] == without["sd_ratio"]


def test_where_drawing_people_anew_may_leave_no_spread_there_is_no_interval() -> None:
    found = variety_table(frame(rows_of("Q1", [(1, 1), (4, 4)])), BOOK).iloc[0]

    assert found["sd_ratio"] == 1 and found[["sd_ratio_low", "sd_ratio_high"]].isna().all()


def test_a_collapse_is_told_from_none() -> None:
    real, like, collapsed = population(80, 20), population(80, 20, seed=3), population(80, 20, seed=4)
    collapsed = np.where(collapsed == 1, 2, np.where(collapsed == 4, 3, collapsed))

    found = variety_table(frame(told(real, like) + told(real, collapsed, "rag")), BOOK).set_index("graph")

    none, planted = found.loc["valuesim"], found.loc["rag"]
    assert none["sd_ratio_low"] < 1 < none["sd_ratio_high"]
    assert planted["sd_ratio_high"] < 0.8
    for distance in ("wasserstein", "jensen_shannon"):
        assert none[distance] == pytest.approx(none[f"noise_{distance}"], rel=0.35)
        assert planted[distance] > 1.5 * planted[f"noise_{distance}"]
    assert (none["never_used"], none["never_used_real"], planted["never_used"]) == (0, 0, 0.5)


def test_noise_is_what_two_samples_of_the_same_people_show() -> None:
    real = population(20, 3)

    found = variety_table(frame(told(real, real)), BOOK).iloc[0]

    draws, distances = stream(), []
    for item in range(3):
        for _ in range(400):
            first, second = draws.choice(real[:, item], (2, 20))
            shares = [np.bincount(side, minlength=5)[1:] / 20 for side in (first, second)]
            distances.append((stats.wasserstein_distance(first / 3, second / 3), jensenshannon(*shares, base=2)))
    expected = np.mean(distances, axis=0)
    assert found["noise_wasserstein"] == pytest.approx(expected[0], rel=0.1)
    assert found["noise_jensen_shannon"] == pytest.approx(expected[1], rel=0.1)
    assert found["wasserstein"] == 0


def test_noise_grows_where_weights_are_unequal() -> None:
    real = population(60, 3)
    rows = frame(told(real, real))
    weights = pd.Series(np.where(np.arange(60) % 6 == 0, 50.0, 1.0), index=range(1, 61))

    assert (
        variety_table(rows, BOOK, weights)["noise_wasserstein"][0]
        > 1.5 * variety_table(rows, BOOK)["noise_wasserstein"][0]
    )


def test_correlations_are_compared_over_pairs_of_items() -> None:
    real, said = population(40, 6), population(40, 6, seed=3)

    found = variety_table(frame(told(real, said)), BOOK).iloc[0]

    pairs = np.triu_indices(6, 1)
    actual, simulated = (pd.DataFrame(side).corr().to_numpy()[pairs] for side in (real, said))
    assert found["pairs"] == 15
    assert found["correlation"] == pytest.approx(np.corrcoef(actual, simulated)[0, 1])
    assert found["correlation_ratio"] == pytest.approx(abs(simulated).mean() / abs(actual).mean())


def test_correlations_are_recovered_by_those_who_know_and_lost_by_strangers() -> None:
    real = population(60, 6)
    strangers = stream().permuted(real, axis=0)

    rows = told(real, real) + told(real, strangers, "rag") + told(real, np.full_like(real, 2), "chance")
    found = variety_table(frame(rows), BOOK).set_index("graph")

    assert found.loc["valuesim", ["correlation", "correlation_ratio"]].tolist() == pytest.approx([1, 1])
    assert found.loc["rag", "correlation"] < 0.6 and found.loc["rag", "correlation_ratio"] < 0.8
    assert np.isnan(found.loc["chance", "correlation"]) and found.loc["chance", "correlation_ratio"] == 0


@pytest.mark.parametrize(("common", "pairs"), [(30, 1), (29, 0)])
@pytest.mark.parametrize("elsewhere", [None, 5])  # unread, or off the scale of Q254
def test_a_pair_needs_thirty_people_on_both_scales(elsewhere: Said, common: int, pairs: int) -> None:
    codes = population(45, 2)
    rows = [row(person + 1, "Q1", int(codes[person, 0]), int(codes[person, 0])) for person in range(45)]
    for person in range(45):
        said = int(codes[person, 1]) if person < common else elsewhere
        rows.append(row(person + 1, "Q254", int(codes[person, 1]), said))

    found = variety_table(frame(rows), BOOK).iloc[0]

    assert found["pairs"] == pairs
    assert found["correlation_ratio"] == pytest.approx(1 if pairs else float("nan"), nan_ok=True)


def test_correlations_of_shares_are_those_of_draws() -> None:
    """Shares hang together more than draws from them, which add noise of their own."""
    draws, real = stream(), population(400, 3)
    lean = draws.random(400)
    shares: list[Mapping[int, float]] = [{1: 1 - p, 4: p} for p in lean]
    rows = [row(person + 1, FOUR[item], int(real[person, item]), shares[person]) for person, item in np.ndindex(400, 3)]
    drawn = np.where(draws.random((400, 3)) < lean[:, None], 4, 1)

    by_shares, by_draws = (variety_table(frame(made), BOOK).iloc[0] for made in (rows, told(real, drawn)))

    assert by_shares["correlation_ratio"] == pytest.approx(by_draws["correlation_ratio"], rel=0.15)


TINY: list[list[Row]] = [
    [],
    [row(1, "Q1", 1, 1)],
    [row(1, "Q1", 1, None)],
    [row(1, "Q1", 1, 1, error="timeout")],
    [row(1, "Q1", None, 1)],
    [row(1, "Q1", 1, 1), row(2, "Q1", 1, 1)],
    [row(1, "Q1", 1, 2), row(2, "Q1", 4, 2), row(1, "Q2", 4, {1: 0.5, 2: 0.5})],
    [row(1, "Q262", 20, 30)],
]


@pytest.mark.parametrize("rows", TINY)
def test_tiny_runs_give_tables_without_warnings(rows: list[Row]) -> None:
    found, by_item = variety_table(frame(rows), BOOK), distribution_table(frame(rows), BOOK)

    assert len(found) == (1 if rows else 0)
    assert {"sd_ratio", "sd_ratio_low", "correlation", "pairs", "noise_wasserstein"} <= set(found.columns)
    assert by_item.columns.tolist() == ["model", "graph", "variant", "item", "country", "people", *FIGURES]
    if len(rows) < 3:
        assert found[["sd_ratio", "sd_ratio_low", "sd_ratio_high", "correlation"]].isna().all(axis=None)


def test_the_same_seed_gives_the_same_table() -> None:
    rows = frame(told(population(15, 4), population(15, 4, seed=3)))

    pd.testing.assert_frame_equal(variety_table(rows, BOOK, seed=5), variety_table(rows, BOOK, seed=5))
    assert variety_table(rows, BOOK, seed=5)["sd_ratio_low"][0] != variety_table(rows, BOOK, seed=6)["sd_ratio_low"][0]
