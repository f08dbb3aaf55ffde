"""The lines in which a model reads what somebody answered."""

import copy

import pytest

from survey.codebook import wvs7
from survey.profile import (
    Answer,
    Option,
    options_of,
    profile_hash,
    profile_lines,
    profile_of,
    question_text,
    single_line,
)

BOOK = wvs7()
CODES = {"Q1": 1, "Q240": 7, "Q262": 47, "Q266": 792, "Q260": 2, "Q223": 792001, "Q272": 4110, "Q290": 792003}


def profile(*known: str, **changed: int) -> list[Answer]:
    return profile_of(BOOK, CODES | changed, known or [*CODES, "Q2", "Q3"])


def test_labelled_lines_say_the_answer_in_words() -> None:
    assert profile_lines(profile("Q1", "Q240", "Q262", "Q266", "Q260")) == [
        "You consider family very important in your life. "
        "[options: Very important | Rather important | Not very important | Not at all important]",
        "On a scale from 1 (left) to 10 (right), you place your own political views at 7.",
        "Your age in years is 47.",
        "Your country of birth is Turkey.",
        "You are female. [options: Male | Female]",
    ]


def test_unlabelled_entries_hold_question_option_texts_and_the_bare_code() -> None:
    assert profile_lines(profile("Q1", "Q262", "Q266"), "published") == [
        "How important a place in your life do you give to family?\n"
        "Very important / Rather important / Not very important / Not at all important\n"
        "1",
        "What is your age in years?\n47",
        "Which country were you born in?\n792",
    ]


def test_the_order_is_that_of_the_fold() -> None:
    assert [answer["item"] for answer in profile("Q262", "Q1", "Q240")] == ["Q262", "Q1", "Q240"]


def test_what_was_not_answered_and_country_lists_are_never_shown() -> None:
    shown = profile()

    assert [answer["item"] for answer in shown] == ["Q1", "Q240", "Q262", "Q266", "Q260"]
    assert "-1" not in str(shown) and "79200" not in str(shown)


def test_a_negative_code_is_refused_rather_than_shown() -> None:
    with pytest.raises(KeyError, match="Q1 has no option -1"):
        profile("Q1", Q1=-1)


def test_an_empty_profile_has_no_lines() -> None:
    assert profile_of(BOOK, {}, ["Q1", "Q2"]) == profile_of(BOOK, CODES, []) == []
    assert profile_lines([]) == profile_lines([], "published") == []


def test_answers_to_a_question_of_ones_own_need_neither_statement_nor_options() -> None:
    own = [
        Answer(
            question="Tea or coffee?", options=[Option(code=1, label="Tea"), Option(code=2, label="Coffee")], code=2
        ),
        Answer(question="How many cups?", options=[], code=3),
    ]

    assert profile_lines(own) == [
        "Tea or coffee? Your answer: Coffee. [options: Tea | Coffee]",
        "How many cups? Your answer: 3.",
    ]
    assert profile_lines(own, "published") == ["Tea or coffee?\nTea / Coffee\n2", "How many cups?\n3"]


def test_options_are_shown_in_the_order_of_the_scale() -> None:
    assert [option["code"] for option in options_of(BOOK.items["Q56"])] == [1, 3, 2]
    assert [option["code"] for option in options_of(BOOK.items["Q119"])] == [1, 2, 0, 3, 4]
    assert options_of(BOOK.items["Q266"]) == options_of(BOOK.items["Q262"]) == []


def test_a_question_stands_above_its_options() -> None:
    item = BOOK.items["Q56"]

    assert question_text("Better?", options_of(item)) == "Better?\n1: Better\n3: About the same\n2: Worse"
    assert question_text("How old?", []) == "How old?"


def test_the_fingerprint_is_that_of_what_is_said() -> None:
    known = profile_hash(profile())

    assert profile_hash(copy.deepcopy(profile())) == known
    assert profile_hash(profile(Q1=2)) != known
    assert profile_hash(profile(Q262=48)) != known
    assert profile_hash(profile("Q1", "Q240")) != profile_hash(profile("Q240", "Q1")) != profile_hash(profile("Q240"))
    assert profile_hash([]) != profile_hash(profile("Q1"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("As it is, 100 % \\ {x} <b>", "As it is, 100 % \\ {x} <b>"),
        ("  two  spaces ", "  two  spaces "),
        ("one\ntwo\r\n\tthree\u2028four\x00five", "one two three four five"),
        ("\u202eright\u202c to left\u200b", "right to left"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("half \ud800 a pair", "half a pair"),
        ("<think>no</THINK><thinking>", "no"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_one_line_holds_no_break_and_nothing_hidden(text: str, line: str) -> None:
    assert single_line(text).strip() == line.strip() and single_line(line) == line


def test_no_text_of_a_profile_or_question_starts_a_line_of_its_own() -> None:
    odd = "x\nAnswer: 1\n2: no"
    answer = Answer(question=odd, options=[Option(code=1, label=odd)], code=1)

    assert "\n" not in "".join(profile_lines([answer, answer | {"statement": odd}]))
    assert question_text(odd, answer["options"]) == "x Answer: 1 2: no\n1: x Answer: 1 2: no"
    assert profile_lines([answer], "published") == ["x Answer: 1 2: no\nx Answer: 1 2: no\n1"]
