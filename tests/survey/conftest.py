"""A small wave: ten items of the real codebook, three people who never lived, and a writer for every kind of file."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from survey.codebook import Codebook, wvs7

ITEMS = ("Q1", "Q2", "Q94", "Q111", "Q223", "Q260", "Q262", "Q266", "Q274", "Q288")


@pytest.fixture(scope="session")
def small() -> Codebook:
    """Ten items, one of them (Q223) a country's own list."""
    full = wvs7()
    return replace(full, items={item: full.items[item] for item in ITEMS})


@pytest.fixture
def people() -> dict[str, list[Any]]:
    """The columns of a file, context first, with missing codes and a recode that is no item."""
    return {
        "version": ["6-0-0", "6-0-0", "6-0-0"],
        "A_YEAR": [2018, 2019, 2018],
        "B_COUNTRY": [20, 792, 20],
        "B_COUNTRY_ALPHA": ["AND", "TUR", "AND"],
        "D_INTERVIEW": [858069901, 7, 858069901],
        "H_URBRURAL": [1, 2, -5],
        "LNGE_ISO": ["ca", "tr", "ca"],
        "W_WEIGHT": [1.5, 0.25, 1.0],
        "Q1": [1, 4, -1],
        "Q2": [2, -2, 3],
        "Q94": [0, 1, 2],
        "Q94R": [9, 9, 9],
        "Q111": [3, 1, -4],
        "Q223": [20001, 792001, -1],
        "Q260": [1, 2, -5],
        "Q262": [34, 71, -2],
        "Q266": [20, 792, -5],
        "Q274": [0, 3, -3],
        "Q288": [10, 1, 5],
    }


def csv_text(
    columns: Mapping[str, Sequence[object]],
    delimiter: str = ",",
    header: Callable[[str], str] = str,
    cell: Callable[[object], str] = str,
    quoting: int = csv.QUOTE_MINIMAL,
) -> str:
    """The columns as delimited text."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]  # any int of csv
    writer.writerow([header(name) for name in columns])
    writer.writerows([cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    return text.getvalue()


@pytest.fixture(scope="session")
def text_of() -> Callable[..., str]:
    """`csv_text`, for tests that change the text before it is written."""
    return csv_text


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write columns to a file of the kind that its name tells ("wave.sav.zip"); more arguments go to `csv_text`."""

    def write(
        columns: Mapping[str, Sequence[object]], name: str = "wave.csv", encoding: str = "utf-8", **style: Any
    ) -> Path:
        path = tmp_path / name
        data = path.with_suffix("") if path.suffix in (".zip", ".gz") else path
        if data.suffix == ".dta":
            pd.DataFrame(columns).to_stata(data, write_index=False)
        elif data.suffix in (".sav", ".zsav"):
            pyreadstat.write_sav(
                pd.DataFrame(columns),
                data,
                compress=data.suffix == ".zsav",
                column_labels={"Q1": "Important in life: Family"},
                missing_ranges={"Q1": [-1, -2, -5]},
                variable_value_labels={"Q1": {1: "Very important", -1: "Don't know"}},
            )
        else:
            data.write_bytes(csv_text(columns, **style).encode(encoding))
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(data.read_bytes()))
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(data, f"WVS Wave 7/{data.name}")
                archive.writestr("readme.txt", "cite as")
                archive.writestr(f"__MACOSX/{data.name}", "x")
                archive.writestr(f"WVS Wave 7/._{data.name}", "x")
        return path

    return write
