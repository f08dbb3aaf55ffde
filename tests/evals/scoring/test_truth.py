"""What people answered, in each form that it may come in."""

import numpy as np
import pytest

from evals.scoring.item_file import read_item_file
from evals.scoring.truth import read_truth
from survey.archive import DataError
from survey.codebook import wvs7
from survey.missing_codes import BLANK, UNKNOWN_CODE
from survey.respondents import read_survey
from survey.synthetic import sample_path
from tests.evals.scoring.example_files import TRUTH, own, put, truth

TIDY = """respondent,item,answer,country,weight
ann,Mood,1,DEU,0.5
bob,mood,2,,1
bob,vote,1,DEU,1
ann,SLEEP,4,DEU,0.5
ann,shoe_size,44,DEU,0.5
bob,sleep,,DEU,1
cem,vote,9,TUR,2
""" + "".join(f"p{n},vote,{1 + n % 3},TUR,1\n" for n in range(20))


def test_a_survey_file_is_what_the_loader_makes_of_it() -> None:
    found, loaded = read_truth(sample_path(), wvs7()), read_survey(sample_path(), wvs7())

    assert (found.people.codes == loaded.codes).all() and found.people.items == loaded.items
    assert found.people.context.equals(loaded.context) and found.people.notes == loaded.notes
    assert found.by_row and list(found.ids[:2]) == ["1", "2"] and found.rows["600"] == 600


@pytest.mark.parametrize("form", ["comma", "semicolon", "windows", "other case"])
def test_a_wide_file_of_a_few_items(form: str) -> None:
    text = TRUTH.replace("ann", "änn")
    text = text.replace(",", ";") if form == "semicolon" else text
    text = text.replace("Mood", "MOOD: how is it?") if form == "other case" else text
    found = read_truth(put("truth.csv", text, "cp1252" if form == "windows" else "utf-8-sig"), own())

    assert found.people.items == ("Mood", "sleep", "vote", "trust") and not found.by_row
    assert found.people.codes.tolist() == [[1, 4, 2, 1], [2, 9, 1, 0], [3, 1, 3, BLANK], [4, -2, 1, 1]]
    assert list(found.ids) == ["änn", "bob", "cem", "dan"]
    assert list(found.people.context["country"]) == ["DEU", "DEU", "TUR", "TUR"]
    assert found.people.notes == (("The file is not UTF-8; it was read as Windows-1252.",) if form == "windows" else ())


def test_a_tidy_file_is_put_side_by_side() -> None:
    found = truth(TIDY)

    assert found.people.items == ("Mood", "sleep", "vote")
    assert found.people.codes[:3].tolist() == [[1, 4, -4], [2, BLANK, 1], [-4, -4, UNKNOWN_CODE]]
    assert list(found.ids[:4]) == ["ann", "bob", "cem", "p0"]
    assert list(found.people.context["country"][:3]) == ["DEU", "DEU", "TUR"]
    assert list(found.people.context["weight"][:3]) == [0.5, 1, 2]
    assert "shoe_size" in found.people.notes[0] and "1 cells" in found.people.notes[1]
    assert len(found.people.sha256) == 64


def test_the_predictions_of_a_run_hold_a_truth_too() -> None:
    found = truth("graph,respondent,item,truth,predicted\na,7,vote,1,2\nb,7,vote,1,3\na,9,vote,,2\n")

    assert found.people.codes.tolist() == [[1], [BLANK]] and list(found.ids) == ["7", "9"]


def test_groups_of_an_own_survey_are_those_of_its_columns() -> None:
    codebook = read_item_file(put("items.csv", "id,kind,codes\nQ260,ordinal,1-2\nQ262,ordinal,18-90\n"))
    groups = truth("respondent,Q260,sex,age,education\n1,2,f,31,\n2,1,m,,low\n", codebook).find_groups((2, 1), codebook)

    assert groups.loc[1].to_dict() == {"country": "", "sex": "f", "age": "30-44", "education": "", "religion": ""}
    assert groups.loc[2].to_dict() == {"country": "", "sex": "m", "age": "", "education": "low", "religion": ""}
    none = truth("respondent,Q260,Q262\n1,2,31\n", codebook).find_groups((1,), codebook)
    assert set(none.loc[1]) == {""}  # what these two ask is known of another survey alone


def test_groups_of_the_wave_are_those_of_its_items() -> None:
    found = read_truth(put("truth.csv", "respondent,Q260,Q262,religion,Q1\nx,2,70,none,1\n"), wvs7())

    groups = found.find_groups((1,), wvs7()).loc[1].to_dict()

    assert groups == {"country": "", "sex": "Female", "age": "60+", "education": "", "religion": "none"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("respondent,shoe_size\nann,44\n", "truth.csv: no column names an item, such as Mood"),
        ("respondent,Mood\nann,1\nann,2\n", "row 2: respondent ann stands in several rows"),
        ("respondent,Mood\nann,1\n,2\n", "row 2: names no respondent"),
        ("respondent,Mood\nann,often\n", "row 1 holds 'often', which is no code"),
        ("respondent,Mood,vote\nann,1,often\n", "column VOTE, row 1 holds 'often', which is no code"),
        ("respondent,Mood,vote\nann,7,7\n", "hold codes that the codebook lacks"),
        ("respondent,item\nann,Mood\n", "no column truth, answer or code"),
        ("respondent,item,code\nann,Mood,often\n", "row 1 holds 'often', which is no code"),
        ("respondent,item,code\nann,Mood,1.5\n", "1 of 1 answers hold codes that are no option"),
        ("respondent,item,code\nann,shoe_size,1\n", "no line is about an item, such as Mood"),
        ("respondent,item,code\nann,Mood,1\nann,mood,2\n", "respondent ann, item Mood has two different answers"),
        ("respondent,item,code\n,Mood,1\n", "row 1 names no respondent"),
        ("respondent,Mood\n", "there is a header but no row"),
        ("respondent,Mood,respondent\n1,2,3\n", "column RESPONDENT stands twice"),
    ],
)
def test_what_is_no_truth_is_refused(text: str, said: str) -> None:
    with pytest.raises(DataError, match=r"truth\.csv") as refused:
        truth(text)

    assert said in str(refused.value)


def test_large_codes_and_decimal_points_are_read() -> None:
    codebook = read_item_file(put("items.csv", "id,kind,codes\nparty,nominal,1;3101;32767\n"))
    found = truth("respondent,party\n1,3101.0\n2,32767\n", codebook)

    assert found.people.codes.tolist() == [[3101], [32767]] and found.people.codes.dtype == np.int16
