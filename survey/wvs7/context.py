"""The columns of a file besides the answers: country, year, weight and the like of each person."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.cells import numbers_of, texts_of
from survey.codebook import Codebook
from survey.survey_table import Column

COUNTRY, COUNTRY_NUMBER = "B_COUNTRY_ALPHA", "B_COUNTRY"
URBAN, RURAL = 1, 2
NUMBERS = {"year": "A_YEAR", "weight": "W_WEIGHT", "urban": "H_URBRURAL"}
ANSWERS = ("sex", "age")
"""What the codebook says which items tell."""
TEXTS = {"language": "LNGE_ISO", "interview": "D_INTERVIEW"}
CONTEXT = (COUNTRY, COUNTRY_NUMBER, *NUMBERS.values(), *TEXTS.values())
"""The columns that are read besides those of the items."""


def context_of(
    cells: Mapping[str, Column],
    answers: Mapping[str, NDArray[np.int16]],
    people: int,
    codebook: Codebook,
) -> tuple[pd.DataFrame, list[str]]:
    """The context of each person, one row a person, and notes on it, a sentence each.

    `cells`: cells by name of the column; `answers`: codes by item. `Respondents` tells the columns.
    """
    country = _countries(cells, people, codebook)
    numbers, number_notes = _numbers(cells)
    columns: dict[str, Column] = {"country": country, **numbers}
    for name in ANSWERS:
        source = codebook.facts.context.get(name, "")
        if source in answers:
            columns[name] = np.where(answers[source] < 0, np.nan, answers[source])
    for name, source in TEXTS.items():
        if source in cells:
            columns[name] = texts_of(cells[source])
    notes = [*_country_notes(country, codebook), *number_notes]
    absent = [name for name in (*NUMBERS, *ANSWERS, *TEXTS) if name not in columns]
    if absent:
        notes.append(f"The file has no column for {', '.join(absent)}.")
    return pd.DataFrame(columns), notes


def _numbers(cells: Mapping[str, Column]) -> tuple[dict[str, Column], list[str]]:
    """The columns of numbers that the file has, nan where missing, and notes on cells of text."""
    columns: dict[str, Column] = {}
    notes: list[str] = []
    for name, source in NUMBERS.items():
        if source in cells:
            columns[name], other = numbers_of(cells[source])
            if other:
                notes.append(
                    f"Cells of {source} that hold no number and count as missing: {other}."
                )
    if "urban" in columns:
        is_urban, is_rural = columns["urban"] == URBAN, columns["urban"] == RURAL
        columns["urban"] = np.select([is_urban, is_rural], [1.0, 0.0], np.nan)
    return columns, notes


def _countries(cells: Mapping[str, Column], people: int, codebook: Codebook) -> Column:
    """Each person's country, ISO alpha-3, from the letters, else from the number; "" if unknown."""
    country = np.full(people, "", object)
    if COUNTRY in cells:
        country = texts_of(cells[COUNTRY], _three_letters)
    if COUNTRY_NUMBER in cells:
        letters = {name: alpha for alpha, name in codebook.country_of.items()}
        known = {str(number): letters.get(name, "") for number, name in codebook.countries.items()}
        by_number = texts_of(cells[COUNTRY_NUMBER], lambda text: known.get(text.lstrip("0"), ""))
        country = np.where(country == "", by_number, country)
    return country


def _three_letters(text: str) -> str:
    """The code of a country in capitals; "" for a text that is none."""
    return text.upper() if text.isalpha() and len(text) == 3 else ""


def _country_notes(country: Column, codebook: Codebook) -> list[str]:
    """Say how many people have no known country, and which countries have no name."""
    notes = []
    unknown = int((country == "").sum())
    if unknown:
        notes.append(f"People whose country is not known: {unknown}.")
    unnamed = sorted(set(country) - codebook.country_of.keys() - {""})
    if unnamed:
        notes.append(f"The codebook has no name for the country {', '.join(unnamed)}.")
    return notes
