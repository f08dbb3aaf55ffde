"""The draw and the folds that were published, number by number."""

import random

import pytest

from survey.codebook import wvs7
from survey.folds import draw_respondents, item_folds, redraw_subsets

ITEMS = list(wvs7().items)


def test_the_published_hundred_are_drawn() -> None:
    drawn = draw_respondents(97220, 100)

    assert drawn[:5] == [83811, 14593, 3279, 97197, 36049]
    assert len(set(drawn)) == 100 and min(drawn) >= 1 and max(drawn) <= 97220
    assert draw_respondents(97220, 20) == drawn[:20]


def test_another_seed_or_another_file_draws_others() -> None:
    assert draw_respondents(97220, 5, seed=43) != draw_respondents(97220, 5)
    assert draw_respondents(1000, 5) != draw_respondents(97220, 5)


def test_everybody_can_be_drawn_and_no_more() -> None:
    assert sorted(draw_respondents(10, 10)) == list(range(1, 11))
    with pytest.raises(ValueError, match="11 respondents cannot be drawn from a file of 10 rows"):
        draw_respondents(10, 11)


def test_the_published_folds() -> None:
    folds = item_folds(ITEMS)

    assert [fold.number for fold in folds] == [1, 2, 3, 4, 5]
    assert folds[0].held_out[:3] == ("Q282", "Q62", "Q197")
    assert [fold.held_out[0] for fold in folds] == ["Q282", "Q5", "Q100", "Q273", "Q257"]


def test_each_item_is_held_out_once_and_known_in_the_other_folds() -> None:
    folds = item_folds(ITEMS)

    assert [len(fold.held_out) for fold in folds] == [58] * 5
    assert sorted(item for fold in folds for item in fold.held_out) == sorted(ITEMS)
    for fold in folds:
        assert len(fold.known) == 232
        assert {*fold.known, *fold.held_out} == set(ITEMS) and not {*fold.known} & {*fold.held_out}


def test_the_known_items_keep_the_shuffled_order() -> None:
    one, two, *_ = item_folds(ITEMS)

    assert one.known[:58] == two.held_out
    assert two.known[:58] == one.held_out
    assert one.known[58:] == two.known[58:]


def test_folds_depend_on_the_seed_alone() -> None:
    assert item_folds(ITEMS) == item_folds(ITEMS)
    assert item_folds(ITEMS, seed=1) != item_folds(ITEMS)


@pytest.mark.parametrize("count", [5, 13, 287])
def test_items_that_five_does_not_divide_are_all_held_out(count: int) -> None:
    folds = item_folds(ITEMS[:count])

    assert sorted(item for fold in folds for item in fold.held_out) == sorted(ITEMS[:count])
    assert {len(fold.held_out) for fold in folds} <= {count // 5, count // 5 + 1}


KNOWN = item_folds(ITEMS)[4].known


def test_the_published_subsets_come_from_the_stream_that_drew_the_people() -> None:
    stream = random.Random(42)
    hundred = stream.sample(range(1, 97221), 100)
    told = []
    for size in (58, 116):  # at size 0 nothing is drawn
        stream.sample(KNOWN, size)  # drawn and not used
        told.append([stream.sample(KNOWN, size) for _ in range(20)])

    assert redraw_subsets(97220, 20, KNOWN, 58) == (hundred[:20], told[0])
    assert redraw_subsets(97220, 20, KNOWN, 116) == (hundred[:20], told[1])
    assert redraw_subsets(97220, 20, KNOWN, 0) == (hundred[:20], [[]] * 20)


def test_redrawn_subsets_differ_between_people_and_are_not_nested() -> None:
    (_, small), (drawn, large) = (redraw_subsets(500, 3, KNOWN, size) for size in (58, 232))

    assert drawn == draw_respondents(500, 100)[:3]
    assert [len(set(subset)) for subset in small] == [58] * 3 and {*small[0]} != {*small[1]}
    assert all({*subset} == {*KNOWN} and subset != [*KNOWN] for subset in large)


@pytest.mark.parametrize(("people", "size"), [(3, 57), (501, 58)])
def test_there_are_no_other_published_subsets(people: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"profiles of {size} items for {people} of 500 people"):
        redraw_subsets(500, people, KNOWN, size)
