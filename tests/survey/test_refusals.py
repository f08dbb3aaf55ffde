"""Files that cannot be used are refused in one line that names the place and the way out."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from survey.codebook import Codebook
from survey.respondents import DataError, read_survey
from survey.survey_table import variable_of

People = dict[str, list[Any]]
Write = Callable[..., Path]


def refusal(path: Path, codebook: Codebook) -> str:
    """What the user is told: one line that begins with the file's name and shows no folder."""
    with pytest.raises(DataError) as caught:
        read_survey(path, codebook)
    told = str(caught.value)
    assert told.startswith(f"{path.name}: ")
    assert "\n" not in told
    assert str(path.parent) not in told
    return told.removeprefix(f"{path.name}: ")


CELLS = [
    ("Q1", [1, 2, "Very important"], "column Q1, row 3 holds 'Very important', which is no code: download the edition"),
    ("Q94", ["Agree\nstrongly " * 9, 1, 1], "column Q94, row 1 holds 'Agree strongly Agree strongly Agree s...'"),
    ("Q2", [1, "2,5", 1], "column Q2, row 2 holds '2,5', which is not whole as a code is: download the original"),
    ("Q2", [1, 1, "1e999"], "column Q2, row 3 holds '1e999', which is not whole"),
    ("Q262", ["-", 1, 1], "column Q262, row 1 holds '-', which is no code"),
]


@pytest.mark.parametrize(("column", "cells", "told"), CELLS)
def test_a_cell_that_is_no_code(
    column: str, cells: list[object], told: str, people: People, small: Codebook, write: Write
) -> None:
    assert refusal(write(people | {column: cells}), small).startswith(told)


def test_a_fraction_in_spss(people: People, small: Codebook, write: Write) -> None:
    path = write(people | {"Q2": [1.0, 2.5, 1.0]}, "wave.sav")

    assert refusal(path, small).startswith("column Q2, row 2 holds '2.5'")


def test_codes_of_another_survey(people: People, small: Codebook, write: Write) -> None:
    told = refusal(write(people | {item: [77, 77, 77] for item in ("Q1", "Q2", "Q94")}), small)

    assert told.startswith("50.0% of the cells of scorable items hold codes that the codebook lacks, most in Q1 (3)")
    assert "is this the wave of the codebook" in told


def test_columns_that_do_not_fit(people: People, small: Codebook, write: Write, text_of: Callable[..., str]) -> None:
    inverted = {f"{name}P" if name in ("Q1", "Q94") else name: cells for name, cells in people.items()}
    assert refusal(write(inverted), small).startswith("column Q1P: this is the inverted edition")

    others = {name: cells for name, cells in people.items() if name not in small.items}
    told = refusal(write(others), small)
    assert told.startswith("no item columns: the header must name Q1, Q2 ... Q288 (as 'Q1', 'Q1: text' or 'Q1 text')")

    few = others | {item: people[item] for item in ("Q1", "Q2")}
    assert refusal(write(few), small).startswith("only 2 of 10 items have a column")

    for name in ("q1", "Q1: Family", "A_YEAR."):
        told = refusal(write({name: [1, 1, 1]} | people), small)
        assert told == f"column {variable_of(name)} stands twice: keep one of the two"

    path = write(people)
    path.write_text(text_of(people).partition("\n")[2])
    assert refusal(path, small).endswith("is the first line the header?")


def test_a_name_that_stands_twice_in_spss(people: People, small: Codebook, write: Write) -> None:
    path = write(people | {"Q95": [1, 1, 1]}, "wave.sav")
    path.write_bytes(path.read_bytes().replace(b"Q95", b"Q94"))

    assert refusal(path, small) == "column Q94 stands twice: keep one of the two"


def test_rows_that_do_not_fit_the_header(people: People, small: Codebook, write: Write) -> None:
    path = write(people)
    whole = path.read_text().splitlines()
    for row, changed in ((1, whole[1] + ",5"), (2, "6-0-0,1"), (3, whole[3][:-5])):
        path.write_text("\n".join([*whole[:row], changed, *whole[row + 1 :]]))
        assert refusal(path, small).startswith(f"row {row} has {changed.count(',') + 1} fields, the header has 19: ")

    path.write_text("\n".join([*whole, "", ""]))
    assert len(read_survey(path, small)) == 3

    path.write_text("\n".join([*whole[:3], '"' + whole[3] * 2000]))
    assert "is a quotation mark never closed?" in refusal(path, small)


@pytest.mark.parametrize("kind", ["csv", "sav", "dta"])
def test_a_header_without_rows(kind: str, people: People, small: Codebook, write: Write) -> None:
    none = {name: pd.Series(cells, dtype=None).iloc[:0] for name, cells in people.items()}

    assert refusal(write(none, f"wave.{kind}"), small) == "there is a header but no row: download the file again"


def test_what_is_no_file_or_empty(tmp_path: Path, small: Codebook) -> None:
    assert refusal(tmp_path / "none.csv", small) == "no such file: check the path"
    assert refusal(tmp_path, small) == "this is a folder: name the data file in it"
    for name in ("empty.csv", "empty.sav", "empty.zip"):
        (tmp_path / name).touch()
        assert refusal(tmp_path / name, small) == "the file is empty: download it again"
    (tmp_path / "lines.csv").write_text("\n\n")
    assert refusal(tmp_path / "lines.csv", small) == "the file is empty: download it again"
    (tmp_path / "empty.csv.gz").write_bytes(gzip.compress(b""))
    assert refusal(tmp_path / "empty.csv.gz", small) == "the file is empty: download it again"


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
@pytest.mark.parametrize("kind", ["csv.zip", "csv.gz", "sav", "zsav", "dta", "sav.gz", "dta.zip"])
def test_a_file_cut_off(kind: str, share: float, people: People, small: Codebook, write: Write) -> None:
    many = {name: cells * 40 for name, cells in people.items()}
    path = write(many, f"wave.{kind}")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    told = refusal(path, small)

    assert told.startswith("cannot be read (")
    assert told.endswith("; it is damaged or was cut off: download it again")


@pytest.mark.parametrize("name", ["wave.zip", "wave.gz", "wave.sav", "wave.dta"])
def test_text_under_another_name(name: str, people: People, small: Codebook, write: Write, tmp_path: Path) -> None:
    path = write(people).rename(tmp_path / name)

    assert refusal(path, small).endswith("it is damaged or was cut off: download it again")


FOREIGN = [
    ("wave.xlsx", b"PK\x03\x04", "this is a spreadsheet: open it and save the sheet as .csv"),
    ("wave.ods", b"PK\x03\x04", "this is a spreadsheet: "),
    ("wave.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is a spreadsheet: "),
    ("wave.rds", b"\x1f\x8b", "this is a file of R: export it there as .csv or .sav"),
    ("wave.RData", b"\x1f\x8b", "this is a file of R: "),
    ("wave.gz", gzip.compress(b"RDX3\nX\n", mtime=0), "this is a file of R: "),
    ("wave.csv", b"MZ\0\0\0", "this is no text file: use a .csv, .sav or .dta file"),
    (
        "wave.csv.gz",
        gzip.compress(gzip.compress(b"Q1", mtime=0), mtime=0),
        "the archive holds another archive: unpack it",
    ),
]


@pytest.mark.parametrize(("name", "data", "told"), FOREIGN)
def test_other_kinds_of_file(name: str, data: bytes, told: str, tmp_path: Path, small: Codebook) -> None:
    (tmp_path / name).write_bytes(data)

    assert refusal(tmp_path / name, small).startswith(told)


ARCHIVES = [
    (["a.csv", "b.sav"], "the archive holds 2 data files (a.csv, b.sav): unpack it and name one file"),
    (["readme.txt", "book.pdf"], "the archive holds no data file (.csv, .sav or .dta): unpack it and name one file"),
    ([], "the archive holds no data file (.csv, .sav or .dta): unpack it and name one file"),
    (["[Content_Types].xml", "xl/workbook.xml"], "this is a spreadsheet: open it and save the sheet as .csv"),
    (["mimetype", "content.xml"], "this is a spreadsheet: open it and save the sheet as .csv"),
]


@pytest.mark.parametrize(("names", "told"), ARCHIVES)
def test_archives_without_one_data_file(names: list[str], told: str, tmp_path: Path, small: Codebook) -> None:
    path = tmp_path / "wave.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "Q1")

    assert refusal(path, small) == told


def test_an_archive_with_a_password(people: People, small: Codebook, write: Write) -> None:
    path = write(people, "wave.csv.zip")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # says that the first file is encrypted
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    told = refusal(path, small)

    assert told.startswith("cannot be unpacked here (")
    assert told.endswith("): unpack it yourself")


def test_a_compressed_file_that_was_changed(people: People, small: Codebook, write: Write) -> None:
    path = write({name: cells * 40 for name, cells in people.items()}, "wave.csv.zip")
    data = bytearray(path.read_bytes())
    data[120] ^= 0xFF
    path.write_bytes(data)

    assert refusal(path, small).startswith("cannot be read (")


def test_what_the_reader_of_spss_raises_is_told(
    people: People, small: Codebook, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise pyreadstat.PyreadstatError("two\nlines")

    monkeypatch.setattr(pyreadstat, "read_sav", fail)

    assert refusal(write(people, "wave.sav"), small).startswith("cannot be read (two lines); it is damaged")


@pytest.mark.parametrize("place", [-1, 4])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("closed", [False, True])
def test_a_quotation_mark_that_swallows_rows(
    place: int, ending: str, closed: bool, people: People, small: Codebook, write: Write
) -> None:
    many = {name: cells[:2] * 20 for name, cells in people.items()}
    path = write(many, delimiter=";")
    rows = [line.split(";") for line in path.read_text().splitlines()]
    rows[3][place] = '"' + rows[3][place]
    if closed:
        rows[30][place] += '"'
    path.write_bytes(ending.join(";".join(row) for row in rows).encode())

    told = refusal(path, small)

    field = place % len(people) + 1
    assert told.startswith(f"row 3: a quotation mark that opens in field {field} is not closed there, and the rows")


def test_a_good_file_with_a_delimiter_or_a_column_too_many_is_not_called_damaged(
    people: People, small: Codebook, write: Write
) -> None:
    path = write(people)
    header, *rows = path.read_text().splitlines()
    for changed in ([row + "," for row in rows], [f"{place},{row}" for place, row in enumerate(rows, 1)]):
        path.write_text("\n".join([header, *changed]))
        told = refusal(path, small)
        assert told.startswith("row 1 has 20 fields, the header has 19: a column has no name; save it again without")

    path.write_text("\n".join([header, *rows[:-1], rows[-1][:-9]]))
    assert refusal(path, small).endswith("the file was cut off; download it again")
    path.write_text("\n".join([header, rows[0], rows[1].replace("2019", "2019,5"), rows[2]]))
    assert refusal(path, small).endswith("lacks quotation marks; save it again with them")
