"""Values of plain Python, numpy and pandas as options and as profiles: taken as meant, or refused in one line."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graph.persona.persona import Persona
from graph.plain_input import numbered_options

YES_NO = [(1, "Yes"), (2, "No")]

TAKEN: list[tuple[Any, list[tuple[int, str]]]] = [
    (["Yes", "No"], YES_NO),
    (("Yes", "No"), YES_NO),
    ({1: "Yes", 2: "No"}, YES_NO),
    ({"1": "Yes", "2": "No"}, YES_NO),
    ({0: "No", 1: "Yes"}, [(0, "No"), (1, "Yes")]),
    ({np.int64(5): "High", 1.0: "Low"}, [(5, "High"), (1, "Low")]),
    ([1, 2, 3], [(1, "1"), (2, "2"), (3, "3")]),
    (["0", "5", "10"], [(0, "0"), (5, "5"), (10, "10")]),
    (range(2), [(0, "0"), (1, "1")]),
    (np.array([3, 4]), [(3, "3"), (4, "4")]),
    ([0.5, 1.5], [(1, "0.5"), (2, "1.5")]),
    ([-1, 1], [(1, "-1"), (2, "1")]),
    ([True, False], YES_NO),
    (pd.Series(["Yes", "No", None]), YES_NO),
    (pd.Series([1.0, math.nan, 2.0]), [(1, "1"), (2, "2")]),
    (["Yes", "No", math.nan, pd.NA], YES_NO),
    ([{"code": np.int64(7), "label": "Far"}], [(7, "Far")]),
    ((word for word in ("Yes", "No")), YES_NO),
]


@pytest.mark.parametrize(("given", "meant"), TAKEN, ids=[str(place) for place in range(len(TAKEN))])
def test_options_are_taken_as_they_are_meant(given: Any, meant: list[tuple[int, str]]) -> None:
    assert [(option["code"], option["label"]) for option in numbered_options(given)] == meant


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("Yes/No", 'options: one text; give a list, such as ["Yes", "No"]'),
        (b"Yes", "options: one text"),
        ({"Yes": 1, "No": 2}, "options: 'Yes' is no code"),
        ({"code": 1, "label": "Yes"}, "options: one option alone"),
        ({1: "Yes", "1": "No"}, "options: two of them are the same"),
        ({"Yes", "No"}, "options: a set has no order"),
        (5, "options: an int is no list of them"),
        (True, "options: a bool is no list of them"),
        ([["Yes"], ["No"]], "options: a list, and words or a number are taken"),
        (["Yes", " "], "options: one of them is empty"),
        (pd.DataFrame({"a": ["Yes"]}), "options: a DataFrame is no list of them"),
    ],
)
def test_what_is_no_list_of_options_is_told_in_one_line(given: Any, problem: str) -> None:
    ann = Persona.from_profile({"Age": 44})
    with pytest.raises(ValueError) as raised:
        ann.ask_sync("Do you save?", given)
    assert str(raised.value).startswith(problem) and "\n" not in str(raised.value)


def test_a_profile_of_plain_values_is_told_without_what_is_missing() -> None:
    cells = {"Age": np.int64(44), "Likes tea": True, "Smokes": np.False_, "Weight": 70.5, "Children": 2.0}
    gaps = {"Income": math.nan, "Town": None, "Job": "", "Since": pd.NaT, "Faith": pd.NA}
    known = [
        "Age Your answer: 44",
        "Likes tea Your answer: Yes",
        "Smokes Your answer: No",
        "Weight Your answer: 70.5",
        "Children Your answer: 2",
    ]

    assert Persona.from_profile(cells | gaps).known == known
    assert Persona.from_profile(pd.Series(cells | gaps)).known == known
    assert Persona.from_profile(pd.DataFrame([{"Age": 44, "Income": 1.5}]).iloc[0]).known[0] == "Age Your answer: 44"
    assert Persona.from_profile({1: "one", "Born": pd.Timestamp(1979, 5, 1)}).known == [
        "1 Your answer: one",
        "Born Your answer: 1979-05-01 00:00:00",
    ]
    answer = {"question": "Trust?", "options": [{"code": np.int64(1), "label": "Yes"}], "code": np.int64(1)}
    assert Persona.from_profile([answer]).known == ["Trust? Your answer: Yes. [options: Yes]"]  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("Age: 44", "profile: one text; give questions with answers, or use Persona.from_text"),
        (pd.DataFrame({"Age": [44]}), "profile: a whole table; take one row of it"),
        (44, "profile: an int, and a list or named values are taken"),
        (None, "profile: a NoneType, and"),
        ({"Town": ["A", "B"]}, "profile Town: a list, and words or a number are taken"),
        ({"Age": {"years": 44}}, "profile Age: a dict, and words or a number are taken"),
    ],
)
def test_what_is_no_profile_is_told_in_one_line(given: Any, problem: str) -> None:
    with pytest.raises(ValueError) as raised:
        Persona.from_profile(given)
    assert str(raised.value).startswith(problem) and "\n" not in str(raised.value)


def test_items_and_texts_are_not_taken_letter_by_letter() -> None:
    with pytest.raises(ValueError, match=r"^known: one text; give a list of items, such as \['Q1'\]$"):
        Persona.from_respondent(None, 1, known="Q1")
    with pytest.raises(ValueError, match=r"^text: Input should be a valid string$"):
        Persona.from_text(44)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^question: Input should be a valid string$"):
        Persona.from_profile({"Age": 44}).ask_sync(44)  # type: ignore[arg-type]
