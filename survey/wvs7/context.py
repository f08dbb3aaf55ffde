"""What a survey file says of each person besides the answers: country, year, weight and the
like.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.cells import numbers_of, texts_of
from survey.codebook import Codebook
from survey.files import Column

COUNTRY, COUNTRY_NUMBER = "B_COUNTRY_ALPHA", "B_COUNTRY"
NUMBERS = {"year": "A_YEAR", "weight": "W_WEIGHT", "urban": "H_URBRURAL"}
ANSWERS = {"sex": "Q260", "age": "Q262"}
TEXTS = {"language": "LNGE_ISO", "interview": "D_INTERVIEW"}
CONTEXT = (COUNTRY, COUNTRY_NUMBER, *NUMBERS.values(), *TEXTS.values())
"""The columns that are read besides those of the items."""


def context_of(
    raw: Mapping[str, Column],
    answers: Mapping[str, NDArray[np.int16]],
    people: int,
    codebook: Codebook,
) -> tuple[pd.DataFrame, list[str]]:
    """One row a person from the columns that a file has, and what was noticed, a sentence each.

    `raw`: cells by name of the column; `answers`: codes by item. The columns are told in
    `Respondents`.
    """
    country, notes = _countries(raw, people, codebook)
    columns: dict[str, Column] = {"country": country}
    for name, source in NUMBERS.items():
        if source in raw:
            columns[name], other = numbers_of(raw[source])
            if other:
                notes.append(
                    f"Cells of {source} that hold no number and count as missing: {other}."
                )
    if "urban" in columns:  # 1 urban, 2 rural
        columns["urban"] = np.select(
            [columns["urban"] == 1, columns["urban"] == 2], [1.0, 0.0], np.nan
        )
    for name, source in ANSWERS.items():
        if source in answers:
            columns[name] = np.where(answers[source] < 0, np.nan, answers[source])
    for name, source in TEXTS.items():
        if source in raw:
            columns[name] = texts_of(raw[source])
    absent = [name for name in (*NUMBERS, *ANSWERS, *TEXTS) if name not in columns]
    if absent:
        notes.append(f"The file has no column for {', '.join(absent)}.")
    return pd.DataFrame(columns), notes


def _countries(
    raw: Mapping[str, Column], people: int, codebook: Codebook
) -> tuple[Column, list[str]]:
    """Each person's country, ISO alpha-3, "" where unknown: from the letters, else from the
    number.
    """
    country = np.full(people, "", object)
    if COUNTRY in raw:
        country = texts_of(
            raw[COUNTRY], lambda text: text.upper() if text.isalpha() and len(text) == 3 else ""
        )
    if COUNTRY_NUMBER in raw:
        letters = {name: alpha for alpha, name in codebook.country_of.items()}
        known = {str(number): letters.get(name, "") for number, name in codebook.countries.items()}
        by_number = texts_of(raw[COUNTRY_NUMBER], lambda text: known.get(text.lstrip("0"), ""))
        country = np.where(country == "", by_number, country)
    notes = []
    unknown = int((country == "").sum())
    if unknown:
        notes.append(f"People whose country is not known: {unknown}.")
    unnamed = sorted(set(country) - codebook.country_of.keys() - {""})
    if unnamed:
        notes.append(f"The codebook has no name for the country {', '.join(unnamed)}.")
    return country, notes
