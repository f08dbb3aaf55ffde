"""Other files of values surveys, told by their columns, so that one learns which file one has
instead of Wave 7's.
"""

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


def edition(header: Collection[str], first: Callable[[str], float]) -> str:
    """Which other file of values surveys these columns are of; "" where it is none that is known
    here.

    `first` gives the first number in a column; nan where there is none.
    """
    columns = set(header)
    if len([name for name in columns if THEMED.fullmatch(name)]) >= ENOUGH or TREND & columns:
        return _themed(columns)
    if len([name for name in columns if NUMBERED.fullmatch(name)]) < ENOUGH:
        return ""
    if EUROPEAN & columns:
        return "a file of the European Values Study"
    waves = [first(name) for name in ("A_WAVE", "S002VS", "V1") if name in columns]
    wave = next((int(value) for value in waves if value in WAVES), None)
    return (
        f"Wave {wave} of the World Values Survey"
        if wave
        else "an earlier wave (5 or 6) of the World Values Survey"
    )


def _themed(columns: set[str]) -> str:
    """Of the files that name questions by theme (A001 ... G052) the one with these columns."""
    if JOINT & columns:
        return "the joint file of EVS and WVS"
    if {"S001", "S002EVS"} & columns:
        return "the trend file of EVS and WVS together"
    return "the trend file (time series) of the World Values Survey"
