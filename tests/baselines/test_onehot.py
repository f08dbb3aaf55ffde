"""Columns by hand on five people, and their products against counts made by pandas."""

import numpy as np
import pandas as pd
import pytest

from baselines.onehot import COUNTRY, WEIGHT, Columns, Design, indicator_columns, scale_slopes
from tests.baselines.crowd import BOOK, crowd, one_person, respondents

FEW = tuple(BOOK.items[item] for item in ("Q56", "Q111", "Q274"))
CODES = np.array([[1, 1, 0], [3, 3, 2], [2, -1, 2], [-4, 2, -3], [9, 0, -5]], dtype=np.int16)


def test_an_item_has_a_column_for_each_option_by_code_and_one_for_no_answer() -> None:
    columns = Columns(FEW)

    assert columns.codes == ((1, 2, 3), (1, 2, 3), ())
    assert columns.slice_of("Q56") == slice(0, 4)
    assert columns.slice_of("Q111") == slice(4, 8)
    assert columns.slice_of("Q274") == slice(8, 9)
    assert columns.width == 9
    with pytest.raises(KeyError):
        columns.slice_of("Q1")


def test_indicators_by_hand() -> None:
    matrix = indicator_columns(CODES, Columns(FEW))

    assert matrix.dtype == np.float32
    assert matrix.astype(int).tolist() == [
        [1, 0, 0, 0, 1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 1, 0, 0],
        [0, 1, 0, 0, 0, 0, 0, 1, 0],  # any number is an answer
        [0, 0, 0, 1, 0, 1, 0, 0, 1],
        [0, 0, 0, 1, 0, 0, 0, 1, 1],  # a code that is no option is no answer
    ]


def test_products_of_indicators_count_who_chose_both() -> None:
    people = crowd(500, items=("Q1", "Q266", "Q241"))
    columns = Columns(tuple(BOOK.items[item] for item in people.items))
    matrix = indicator_columns(people.codes, columns)

    joint = (matrix.T @ matrix)[columns.slice_of("Q266"), columns.slice_of("Q1")]

    counted = pd.crosstab(*(np.where(people.codes[:, place] < 0, 9999, people.codes[:, place]) for place in (1, 0)))
    whole = counted.reindex(index=[*columns.codes[1], 9999], columns=[1, 2, 3, 4, 9999], fill_value=0)
    assert joint.tolist() == whole.to_numpy().tolist()


def test_slopes_follow_semantic_order_and_rest_at_the_mean_off_the_scale() -> None:
    columns = Columns((*FEW, BOOK.items["Q289"]))
    counts = np.zeros(columns.width)
    counts[:8] = [2, 1, 1, 5, 3, 1, 7, 2]

    found = scale_slopes(columns, counts)

    worse, same = BOOK.items["Q56"].ranks[2], BOOK.items["Q56"].ranks[3]
    assert (worse, same) == (3, 2)
    mean = (2 * 0 + 1 * 1 + 1 * 0.5) / 4
    assert found[:4] == pytest.approx([WEIGHT * (0 - mean), WEIGHT * (1 - mean), WEIGHT * (0.5 - mean), 0])
    assert found[4:8] == pytest.approx([WEIGHT * -0.25, WEIGHT * 0.75, 0, 0])
    assert not found[8:].any()


def test_where_nobody_is_on_the_scale_slopes_are_0() -> None:
    assert not scale_slopes(Columns(FEW), np.zeros(9)).any()


def test_a_design_takes_what_was_answered_and_leaves_countries_of_birth_out() -> None:
    people = crowd(40)
    people.codes[:, people.items.index("Q2")] = -4

    design = Design(people, BOOK.items)

    assert [item.id for item in design.items] == [item for item in people.items if item not in {"Q2", "Q266"}]
    assert design.countries == ("AND", "DEU", "TUR")
    assert design.places(["Q2", "Q266"]).size == 0
    assert len(design.places([COUNTRY])) == 4
    every = design.places([*people.items, COUNTRY])
    assert sorted(every.tolist()) == list(range(design.width))


def test_people_in_columns_by_hand() -> None:
    numbers = np.array([[1, 20], [2, 80], [1, 50], [-1, -2]])
    people = respondents(numbers, ("Q260", "Q262"), ["TUR", "", "AND", "TUR"])
    design = Design(people, BOOK.items)

    rows = design.rows(design.codes(people, np.array([0, 1, 3])))

    assert rows.tolist() == pytest.approx(
        np.array(
            [
                [1, 0, 0, 0, 0, 1, 0, WEIGHT * -0.5],
                [0, 1, 0, 0, 0, 0, 1, WEIGHT * 0.5],
                [0, 0, 1, 1, 0, 1, 0, 0],  # sex and age not answered; of Turkey
            ]
        )
    )


def test_of_a_person_only_what_is_known_is_told() -> None:
    design = Design(crowd(40, items=("Q1", "Q2", "Q262", "Q266")), BOOK.items)
    answers = {"Q1": 1, "Q2": 2, "Q262": 44, "Q266": 8}

    german, stranger = one_person(["Q2", "Q266"], answers, "DEU"), one_person(["Q2", "Q262"], {"Q1": 1}, "FRA")
    assert design.block_codes(german, slice(None)).tolist() == [[-1, 2, -1, 1]]
    assert design.block_codes(stranger, slice(None)).tolist() == [[-1, -1, -1, -1]]


def test_a_number_beyond_those_seen_counts_as_the_nearest_seen() -> None:
    people = respondents(np.array([[20], [80]]), ("Q262",), ["AND", "AND"])
    design = Design(people, BOOK.items)

    codes = np.array([[99, 0], [3, 0]], dtype=np.int16)

    assert design.rows(codes)[:, -1].tolist() == pytest.approx([WEIGHT / 2, -WEIGHT / 2])


def test_one_number_for_all_tells_nothing() -> None:
    people = respondents(np.array([[30], [30]]), ("Q262",), ["AND", "AND"])
    design = Design(people, BOOK.items)

    assert not design.rows(design.codes(people, np.array([0, 1])))[:, -1].any()
