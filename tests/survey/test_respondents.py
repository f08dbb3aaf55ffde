"""What a user sees of a wave: codes, reasons, context, notes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from survey.codebook import Codebook, wvs7
from survey.missing_codes import BLANK, UNKNOWN_CODE
from survey.respondents import DataError, read_survey

People = dict[str, list[Any]]
Write = Callable[..., Path]
ITEMS = ("Q1", "Q2", "Q94", "Q111", "Q260", "Q262", "Q266", "Q274", "Q288")
CODES = [[1, 2, 0, 3, 1, 34, 20, 0, 10], [4, -2, 1, 1, 2, 71, 792, 3, 1], [-1, 3, 2, -4, -5, -2, -5, -3, 5]]


def test_a_respondent_is_found_by_row_from_one(people: People, small: Codebook, write: Write) -> None:
    wave = read_survey(write(people), small)

    assert len(wave) == 3
    assert wave.answers(1) == dict(zip(ITEMS, CODES[0], strict=True))
    assert wave.answers(3) == {"Q2": 3, "Q94": 2, "Q288": 5}
    assert [wave.country(row) for row in (1, 2, 3)] == ["AND", "TUR", "AND"]
    assert wave.reason(3, "Q1") == "don't know"
    assert wave.reason(3, "Q111") == "not asked in this country"
    assert wave.reason(2, "Q1") is None
    for row in (-1, 0, 4):
        with pytest.raises(IndexError, match=f"row {row}: wave.csv has rows 1 to 3"):
            wave.answers(row)
    with pytest.raises(KeyError):
        wave.reason(1, "Q223")


def test_decimal_commas_in_weights(people: People, small: Codebook, write: Write) -> None:
    wave = read_survey(write(people | {"W_WEIGHT": ["1,5", "0,25", ""]}, delimiter=";"), small)

    assert wave.context["weight"].tolist()[:2] == [1.5, 0.25]
    assert np.isnan(wave.context["weight"][2])


@pytest.mark.parametrize("blank", ["", " ", ".", "NA", "nan"])
def test_an_empty_cell_is_blank(blank: str, people: People, small: Codebook, write: Write) -> None:
    wave = read_survey(write(people | {"Q2": [blank, 1, 2], "LNGE_ISO": [blank, "tr", "-4"]}), small)

    assert wave.codes[:, 1].tolist() == [BLANK, 1, 2]
    assert wave.reason(1, "Q2") == "blank"
    assert wave.context["language"].tolist() == ["", "tr", ""]


def test_few_unknown_codes_count_as_missing_and_are_told(people: People, small: Codebook, write: Write) -> None:
    many = {name: cells[:1] * 40 for name, cells in people.items()}
    many["Q1"] = [9, -6, -7, 99999] + [1] * 36
    many["Q94"] = [7] * 2 + [1] * 38
    many["Q262"] = [99999] + [30] * 39  # any number from 0 is an answer, but not one that large
    many["Q266"] = [10000] * 30 + [20] * 10  # not scorable: does not count towards the limit

    wave = read_survey(write(many), small)

    assert wave.codes[:5, 0].tolist() == [UNKNOWN_CODE] * 4 + [1]
    assert wave.reason(1, "Q1") == "unknown code"
    assert wave.notes == (
        "Codes that the codebook lacks count as missing: 37 cells, most in Q266 (30), Q1 (4), Q94 (2), Q262 (1).",
    )


@pytest.mark.parametrize(("wrong", "refused"), [(12, False), (13, True)])
def test_more_than_a_twentieth_of_unknown_codes_is_refused(
    wrong: int, refused: bool, people: People, small: Codebook, write: Write
) -> None:
    many = {name: cells[:1] * 40 for name, cells in people.items()}  # 6 scorable items: 240 cells
    many["Q1"] = [9] * wrong + [1] * (40 - wrong)
    path = write(many)

    if refused:
        with pytest.raises(DataError, match=r"^wave\.csv: 5\.4% of the cells of scorable items .* most in Q1 \(13\)"):
            read_survey(path, small)
    else:
        assert len(read_survey(path, small)) == 40


def test_items_without_a_column_count_as_not_asked(people: People, small: Codebook, write: Write) -> None:
    del people["Q2"], people["Q223"], people["Q260"]

    wave = read_survey(write(people), small)

    assert wave.codes[:, 1].tolist() == [-4, -4, -4]
    assert wave.notes == (
        "Items without a column count as not asked there (3 of 10): Q2, Q223, Q260.",
        "The file has no column for sex.",
    )


def test_two_hundred_of_the_290_items_are_enough(write: Write) -> None:
    full = wvs7()
    columns: People = {item: [-2] for item in full.items}
    some = list(full.items)[:200]

    assert read_survey(write(columns), full).codes.shape == (1, 287)
    wave = read_survey(write({item: [-2] for item in some}), full)
    assert wave.notes[0].endswith("Q201, Q202, Q203, Q204, Q205, Q206, Q207, Q208, Q209, Q210, Q211, Q212 and 78 more.")
    with pytest.raises(DataError, match="only 199 of 290 items have a column, fewer than 200"):
        read_survey(write({item: [-2] for item in some[:199]}), full)


def test_context_that_is_odd_is_told(people: People, small: Codebook, write: Write) -> None:
    people |= {"B_COUNTRY_ALPHA": ["XYZ", "Turkey", ""], "B_COUNTRY": ["20", "792.0", -4]}
    people |= {"W_WEIGHT": ["heavy", "-5", "1"], "H_URBRURAL": ["Urban", 2, 3]}

    wave = read_survey(write(people), small)

    assert wave.context["country"].tolist() == ["XYZ", "TUR", ""]
    assert wave.context["weight"].isna().tolist() == [True, True, False]
    assert wave.context["urban"].isna().tolist() == [True, False, True]
    assert wave.notes == (
        "People whose country is not known: 1.",
        "The codebook has no name for the country XYZ.",
        "Cells of W_WEIGHT that hold no number and count as missing: 1.",
        "Cells of H_URBRURAL that hold no number and count as missing: 1.",
    )


def test_the_country_comes_from_its_number_where_there_are_no_letters(
    people: People, small: Codebook, write: Write
) -> None:
    del people["B_COUNTRY_ALPHA"]
    people["B_COUNTRY"][0] = "020"
    assert read_survey(write(people), small).context["country"].tolist() == ["AND", "TUR", "AND"]

    only = {name: cells for name, cells in people.items() if name[0] == "Q"}
    wave = read_survey(write(only), small)
    assert list(wave.context) == ["country", "sex", "age"]
    assert wave.country(1) == ""
    assert wave.notes[-1] == "The file has no column for year, weight, urban, language, interview."


def test_people_without_any_answer_are_counted(people: People, small: Codebook, write: Write) -> None:
    people |= {item: [people[item][0], -2, -2] for item in ITEMS}

    assert read_survey(write(people), small).notes == ("Rows without any answer: 2, the first is row 2.",)
