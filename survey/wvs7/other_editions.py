"""Recognizes other files of values surveys by their columns, for a message that names them."""

import re
from collections.abc import Callable, Collection

NUMBERED = re.compile(r"V\d{1,3}[A-Z]?")
THEMED = re.compile(r"[A-H]\d{3}[A-Z]?")
ENOUGH = 3
"""So many columns of a kind tell which survey it is."""
JOINT = {"CNTRY", "CNTRY_AN", "STUDYNO", "STDYNO_W"}
EUROPEAN = {"C_ABRV", "C_ABRV1", "STUDYNO", "ID_COCAS"}
TREND = {"S001", "S002", "S002VS", "S003", "S009", "S020", "S025"}
WAVES = range(1, 7)
WAVE_COLUMNS = ("A_WAVE", "S002VS", "V1")


def edition_of(header: Collection[str], first_number: Callable[[str], float]) -> str:
    """Which other file of values surveys has these columns; "" where it is none that is known here.

    `first_number` gives the first number in a column; nan where there is none.
    """
    columns = set(header)
    if _count(THEMED, columns) >= ENOUGH or TREND & columns:
        return _themed_edition(columns)
    if _count(NUMBERED, columns) < ENOUGH:
        return ""
    if EUROPEAN & columns:
        return "a file of the European Values Study"
    for name in WAVE_COLUMNS:
        wave = first_number(name) if name in columns else 0
        if wave in WAVES:
            return f"Wave {int(wave)} of the World Values Survey"
    return "an earlier wave (5 or 6) of the World Values Survey"


def _count(pattern: re.Pattern[str], columns: Collection[str]) -> int:
    """How many column names have this form."""
    return sum(pattern.fullmatch(name) is not None for name in columns)


def _themed_edition(columns: set[str]) -> str:
    """Which of the files that name questions by theme (A001 ... G052) has these columns."""
    if JOINT & columns:
        return "the joint file of EVS and WVS"
    if {"S001", "S002EVS"} & columns:
        return "the trend file of EVS and WVS together"
    return "the trend file (time series) of the World Values Survey"
