"""Every kind of file, however it was written, tells the same."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey import survey_table
from survey.codebook import Codebook
from survey.delimited_text import DELIMITERS
from survey.missing_codes import BLANK
from survey.respondents import DataError, read_survey

People = dict[str, list[Any]]
Write = Callable[..., Path]
ITEMS = ("Q1", "Q2", "Q94", "Q111", "Q260", "Q262", "Q266", "Q274", "Q288")
CODES = [[1, 2, 0, 3, 1, 34, 20, 0, 10], [4, -2, 1, 1, 2, 71, 792, 3, 1], [-1, 3, 2, -4, -5, -2, -5, -3, 5]]


@pytest.mark.parametrize("packed", ["", ".zip", ".gz"])
@pytest.mark.parametrize("kind", ["csv", "CSV", "tsv", "sav", "zsav", "dta"])
def test_every_kind_of_file_tells_the_same(
    kind: str, packed: str, people: People, small: Codebook, write: Write
) -> None:
    path = write(people, f"wave.{kind}{packed}", **({"delimiter": "\t"} if kind == "tsv" else {}))

    wave = read_survey(path, small)

    assert wave.items == ITEMS
    assert wave.codes.dtype == np.int16
    assert wave.codes.tolist() == CODES
    assert wave.notes == ()
    assert wave.source == path.name
    assert wave.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    context = wave.context.astype(object).where(wave.context.notna(), None).to_dict("list")
    assert context == {
        "country": ["AND", "TUR", "AND"],
        "year": [2018, 2019, 2018],
        "weight": [1.5, 0.25, 1.0],
        "urban": [1, 0, None],
        "sex": [1, 2, None],
        "age": [34, 71, None],
        "language": ["ca", "tr", "ca"],
        "interview": ["858069901", "7", "858069901"],
    }


@pytest.mark.parametrize("kind", ["csv", "sav", "dta"])
def test_rows_keep_order_and_number_past_what_is_read_at_once(
    kind: str, people: People, small: Codebook, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_table, "CHUNK_ROWS", 7)
    rows = range(1, 31)
    many = {name: [cells[0]] * len(rows) for name, cells in people.items()}
    many |= {"D_INTERVIEW": list(rows), "Q262": [100 - row for row in rows]}

    wave = read_survey(write(many, f"wave.{kind}"), small)

    assert [wave.answers(row)["Q262"] for row in rows] == many["Q262"]
    assert list(wave.context["interview"]) == [str(row) for row in rows]
    many["Q2"] = [1.0] * 8 + [2.5] + [1.0] * 20 + [3.5]
    with pytest.raises(DataError, match=r"column Q2, row 9 holds '2\.5'"):
        read_survey(write(many, f"wave.{kind}"), small)


HEADERS: list[Callable[[str], str]] = [
    str.lower,
    lambda name: f"{name}: Important, in life; Family",
    lambda name: f"{name} Important in life",
    lambda name: f"{name}. Important\nin life",
    lambda name: f" {name} ",
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", HEADERS)
def test_long_headers_are_known(
    header: Callable[[str], str], delimiter: str, people: People, small: Codebook, write: Write
) -> None:
    wave = read_survey(write(people, header=header, delimiter=delimiter), small)

    assert (wave.codes.tolist(), wave.notes, wave.country(2)) == (CODES, (), "TUR")


def test_names_that_only_look_like_items_are_left_alone(people: People, small: Codebook, write: Write) -> None:
    others = ["Q1_3", "Q2_EU", "Q94S", "Q260A", "Q288R", "Q288CS9", "Q1.1", "Q", "Q01", "XQ1", "", "Q291"]

    wave = read_survey(write({name: ["text"] * 3 for name in others} | people), small)

    assert (wave.codes.tolist(), wave.notes) == (CODES, ())


@pytest.mark.parametrize("written", ["{}.0", "{},0", " {} ", "{},", "{}.00"])
def test_numbers_may_be_written_in_many_ways(written: str, people: People, small: Codebook, write: Write) -> None:
    wave = read_survey(write(people | {item: list(map(written.format, people[item])) for item in ITEMS}), small)

    assert wave.codes.tolist() == CODES


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_a_system_missing_cell_is_blank(kind: str, people: People, small: Codebook, write: Write) -> None:
    wave = read_survey(write(people | {"Q2": [None, 1.0, 2.0]}, f"wave.{kind}"), small)

    assert wave.codes[:, 1].tolist() == [BLANK, 1, 2]


def test_an_extended_missing_value_of_stata_is_missing(people: People, small: Codebook, write: Write) -> None:
    neighbours = {"Q1": np.array([3, 1, 1], np.int8), "Q2": np.array([4, 77, 4], np.int8)}
    path = write({**people, **neighbours}, "wave.dta")
    data = path.read_bytes()
    assert data.count(b"\x01\x4d") == 1
    path.write_bytes(data.replace(b"\x01\x4d", b"\x01\x66"))  # .a in one byte

    assert read_survey(path, small).codes[:, 1].tolist() == [4, -5, 4]


def test_the_encoding_is_found_and_said(people: People, small: Codebook, write: Write) -> None:
    people["version"] = ["Türkiye", "“quoted”", "€"]
    said = {
        "utf-8": (),
        "utf-8-sig": (),
        "cp1252": ("The file is not UTF-8; it was read as Windows-1252.",),
        "utf-16": ("The file was read as UTF-16.",),
    }
    for encoding, notes in said.items():
        wave = read_survey(write(people, encoding=encoding), small)
        assert (wave.codes.tolist(), wave.notes) == (CODES, notes)


def test_a_byte_that_no_encoding_knows(people: People, small: Codebook, write: Write) -> None:
    path = write(people)
    path.write_bytes(path.read_bytes().replace(b"6-0-0", b"6\x810"))

    assert read_survey(path, small).codes.tolist() == CODES


def test_spaces_before_quotation_marks(people: People, small: Codebook, write: Write) -> None:
    path = write(people, quoting=1)
    path.write_text(path.read_text().replace(',"', ', "'))

    assert read_survey(path, small).codes.tolist() == CODES


def test_labels_of_spss_that_are_not_utf8(people: People, small: Codebook, write: Write) -> None:
    path = write(people, "wave.sav")
    path.write_bytes(path.read_bytes().replace(b"life: Family", b"life: Fam\xedly"))

    wave = read_survey(path, small)

    assert (wave.codes.tolist(), wave.notes) == (CODES, ("The file is not UTF-8; it was read as Windows-1252.",))


@st.composite
def tables(draw: st.DrawFn, codebook: Codebook) -> pd.DataFrame:
    """Some people with valid or missing codes for every shown item."""
    people = draw(st.integers(1, 6))
    codes = {item.id: [*range(-5, 0), *(item.by_code or range(100))] for item in codebook.items.values() if item.shown}
    columns = {
        name: draw(st.lists(st.sampled_from(each), min_size=people, max_size=people)) for name, each in codes.items()
    }
    return pd.DataFrame(columns)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_written_is_read_back(data: st.DataObject, small: Codebook, text_of: Callable[..., str]) -> None:
    table = data.draw(tables(small))
    cell = data.draw(st.sampled_from(["{}", "{}.0", "{},0", " {} ", "{:+d}"]))
    text = text_of(
        {name: table[name].tolist() for name in data.draw(st.permutations(list(table)))},
        delimiter=data.draw(st.sampled_from(DELIMITERS)),
        header=data.draw(st.sampled_from([str, *HEADERS])),
        cell=cell.format,
        quoting=data.draw(st.sampled_from([0, 1])),
    )
    ending = data.draw(st.sampled_from(["\r\n", "\n", "\r"]))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wave.csv"
        path.write_bytes(text.replace("\r\n", ending).encode(encoding))

        wave = read_survey(path, small)

    assert wave.codes.tolist() == table[list(wave.items)].to_numpy().tolist()


def test_what_spss_declares_as_missing_is_no_answer(people: People, small: Codebook, tmp_path: Path) -> None:
    people |= {"Q1": [1, 4, 9], "Q2": [2, 98, 3], "Q262": [34, 999, -2], "Q288": [10, -1, 5]}
    people |= {"W_WEIGHT": [1.5, 99.0, 1.0], "B_COUNTRY_ALPHA": ["AND", "ZZZ", "AND"], "B_COUNTRY": [20, 9999, 20]}
    declared = {
        "Q1": [4, {"lo": 8, "hi": 9}],
        "Q2": [{"lo": 90, "hi": 99}],
        "Q262": [999],
        "Q288": [{"lo": -5, "hi": -1}],
        "W_WEIGHT": [99],
        "B_COUNTRY": [9999],
        "B_COUNTRY_ALPHA": ["ZZZ"],
    }
    path = tmp_path / "wave.sav"
    pyreadstat.write_sav(pd.DataFrame(people), path, missing_ranges=declared)

    wave = read_survey(path, small)

    codes = dict(zip(wave.items, wave.codes.T.tolist(), strict=True))
    assert (codes["Q1"], codes["Q2"]) == ([1, -5, -5], [2, -5, 3])
    assert (codes["Q262"], codes["Q288"]) == ([34, -5, -2], [10, -1, 5])
    assert wave.context["age"].tolist()[0] == 34 and np.isnan(wave.context["age"][1])
    assert np.isnan(wave.context["weight"][1]) and wave.country(2) == ""
    assert not [note for note in wave.notes if "codebook lacks" in note]


def test_tagged_missing_values_of_stata_are_missing_and_no_blanks(
    people: People, small: Codebook, tmp_path: Path
) -> None:
    columns = ["Q1", "Q262", "W_WEIGHT"]
    table = pd.DataFrame(people).astype(dict.fromkeys(columns, float)).astype(dict.fromkeys(columns, object))
    table.loc[1, columns] = ["a", "z", "m"]
    table.loc[2, "Q1"] = np.nan
    path = tmp_path / "wave.dta"
    pyreadstat.write_dta(table, path, missing_user_values={"Q1": ["a"], "Q262": ["z"], "W_WEIGHT": ["m"]})

    wave = read_survey(path, small)

    assert [wave.reason(2, item) for item in ("Q1", "Q262")] == ["missing or other", "missing or other"]
    assert wave.reason(3, "Q1") == "blank" and wave.answers(1)["Q1"] == 1
    assert np.isnan(wave.context["age"][1]) and np.isnan(wave.context["weight"][1])
    assert wave.context["weight"][0] == 1.5
    assert not [note for note in wave.notes if "codebook lacks" in note]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("sep=;\r\n", ";"),
        ("SEP=,\n", ","),
        ('"sep=;"\r\n', ";"),
        ("sep=;;;;\r\n", ";"),
        ("sep=|\n", "|"),
        ("sep=\t\n", "\t"),
    ],
)
def test_the_line_by_which_excel_is_told_the_delimiter_is_no_header(
    line: str,
    delimiter: str,
    encoding: str,
    people: People,
    small: Codebook,
    tmp_path: Path,
    text_of: Callable[..., str],
) -> None:
    people["version"] = ["é", "é", "é"]
    plain, told = tmp_path / "plain.csv", tmp_path / "told.csv"
    plain.write_text(text_of(people), encoding=encoding)
    told.write_text(line + text_of(people, delimiter), encoding=encoding, newline="")

    wave = read_survey(told, small)

    assert wave.codes.tolist() == read_survey(plain, small).codes.tolist() and len(wave) == 3
