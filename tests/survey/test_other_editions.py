"""Other files of values surveys are named, whatever kind of file they come in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from survey.codebook import Codebook, wvs7
from survey.respondents import DataError, read_survey

Write = Callable[..., Path]
NUMBERED: dict[str, Any] = {f"V{number}": [1, 2] for number in range(4, 40)}
THEMED: dict[str, Any] = {f"A00{number}": [1, 2] for number in range(1, 9)} | {"E033": [5, 6]}

OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"V1": [6, 6], "V2": [12, 31], **NUMBERED}, "Wave 6 of the World Values Survey"),
    ({"V1": [5, 5], "V2": [12, 31], **NUMBERED}, "Wave 5 of the World Values Survey"),
    ({"version": ["x", "x"], "A_WAVE": [6, 6], "B_COUNTRY_ALPHA": ["AND", "TUR"], **NUMBERED}, "Wave 6 of the World"),
    ({"V1": ["", 5], "V2": [12, 31], **NUMBERED}, "Wave 5 of the World Values Survey"),
    (NUMBERED, "an earlier wave (5 or 6) of the World Values Survey"),
    (
        {"studyno": [7500, 7500], "c_abrv": ["AT", "DE"], "v1": [1, 2], **NUMBERED},
        "a file of the European Values Study",
    ),
    (
        {"studyno": [7500, 7500], "cntry": [40, 276], "cntry_AN": ["AT", "DE"], **THEMED},
        "the joint file of EVS and WVS",
    ),
    ({"S001": [1, 2], "S002EVS": [4, -4], "S003": [40, 276], **THEMED}, "the trend file of EVS and WVS together"),
    (
        {"S002VS": [3, 3], "S003": [40, 276], "S020": [1998, 1998], **THEMED},
        "the trend file (time series) of the World",
    ),
]


@pytest.mark.parametrize("kind", ["csv", "semicolons", "sav", "dta", "csv.zip"])
@pytest.mark.parametrize(("columns", "named"), OTHERS, ids=[str(place) for place in range(len(OTHERS))])
def test_another_file_is_named_in_the_refusal(columns: dict[str, Any], named: str, kind: str, write: Write) -> None:
    if kind in ("sav", "dta"):
        columns = {name: [str(cell) for cell in cells] if "" in cells else cells for name, cells in columns.items()}
    path = write(columns, "other.csv", delimiter=";") if kind == "semicolons" else write(columns, f"other.{kind}")

    with pytest.raises(DataError) as refused:
        read_survey(path, wvs7())

    assert str(refused.value).startswith(f"{path.name}: this is {named}") and "\n" not in str(refused.value)
    assert str(refused.value).endswith("download the file of Wave 7")


def test_columns_of_another_survey_beside_those_of_the_wave_do_no_harm(
    people: dict[str, list[Any]], small: Codebook, write: Write
) -> None:
    more: dict[str, Any] = {name: [1, 2, 3] for name in ("V4", "V5", "V6", "A001", "S003")}

    assert len(read_survey(write(people | more), small)) == 3


def test_a_table_of_something_else_is_no_other_wave(write: Write) -> None:
    with pytest.raises(DataError, match="no item columns"):
        read_survey(write({"A": [1], "V4": [2], "name": ["x"]}), wvs7())
