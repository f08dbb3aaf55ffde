"""A survey's own items."""

import pytest

from evals.scoring.item_file import read_item_file
from survey.codebook_files import CodebookError
from tests.evals.scoring.example_files import own, put

FULL = """ID;Kind;Codes;Off_scale;Dimension;Section;Question;Ties
sleep;Ordinal;4-1;9;health;nights;How do you sleep?;mood dreams
mood;binary;"0;1";;health;;;
dreams;nominal;"1;7;3";;;;;
"""


def test_what_a_line_says_is_what_the_item_is() -> None:
    book = read_item_file(put("items.csv", FULL, "cp1252"))
    sleep, mood, dreams = book.items.values()

    assert (sleep.id, sleep.kind, sleep.dimension, sleep.section) == ("sleep", "ordinal", "health", "nights")
    assert sleep.ranks == {4: 1, 3: 2, 2: 3, 1: 4} and list(sleep.by_code) == [4, 3, 2, 1, 9]
    assert (mood.ranks, mood.dimension, mood.section) == ({0: 1, 1: 2}, "health", "health")
    assert (dreams.ranks, list(dreams.by_code), dreams.dimension) == ({}, [1, 7, 3], "items")
    assert all(item.scorable and item.shown for item in book.items.values())
    [tie] = book.ties
    assert (tie.item, tie.others, tie.tie) == ("sleep", {"mood", "dreams"}, "tied")
    assert sleep.question == "How do you sleep?" and mood.question != dreams.question


def test_a_code_off_the_scale_may_stand_among_the_codes_or_not() -> None:
    inside = read_item_file(put("items.csv", "id,kind,codes,off_scale\na,ordinal,1;9;2;3,9\n")).items["a"]

    assert inside.ranks == {1: 1, 2: 2, 3: 3} and list(inside.by_code) == [1, 9, 2, 3]
    assert own().items["sleep"].ranks == {4: 1, 3: 2, 2: 3, 1: 4}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a-b,ordinal,1-4,,", "'a-b' is no id"),
        (",ordinal,1-4,,", "'' is no id"),
        ("item,ordinal,1-4,,", "item is the name of another column"),
        ("b,scale,1-4,,", "kind 'scale' is none of ordinal, binary, nominal"),
        ("b,ordinal,1,,", "ordinal items have two codes or more"),
        ("b,ordinal,,,", "ordinal items have two codes or more"),
        ("b,ordinal,1;9,9,", "ordinal items have two codes or more"),
        ("b,binary,1-3,,", "binary items have exactly two codes on the scale"),
        ("b,nominal,1-3,3,", "a nominal item has no scale"),
        ("b,ordinal,-1-4,,", "'-1-4' is no code from 0"),
        ("b,ordinal,1;2;x,,", "'x' is no code from 0"),
        ("b,ordinal,1;2;1,,", "a code stands twice in '1;2;1'"),
        ("b,nominal,1;70000,,", "70000 goes beyond the highest code, 32767"),
        ("b,ordinal,1-4,,c", "ties names c, which is no other item"),
        ("b,ordinal,1-4,,b", "ties names b, which is no other item"),
        ("A,ordinal,1-4,,", "item A stands twice"),
    ],
)
def test_a_wrong_line_is_refused_naming_file_and_line(line: str, said: str) -> None:
    with pytest.raises(CodebookError) as refused:
        read_item_file(put("mine.csv", f"id,kind,codes,off_scale,ties\na,ordinal,1-4,,\n{line}\n"))

    assert str(refused.value).startswith("mine.csv, line 3: ") and said in str(refused.value)


@pytest.mark.parametrize("text", ["id,codes\na,1-4\n", "", "id,kind,codes\n"])
def test_a_file_that_is_no_item_table_is_refused(text: str) -> None:
    with pytest.raises(CodebookError, match=r"mine\.csv"):
        read_item_file(put("mine.csv", text))
