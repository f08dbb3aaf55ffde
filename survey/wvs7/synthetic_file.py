"""The columns of a file around the items: context before them, recodes between, indices after."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from survey.missing_codes import MISSING_OR_OTHER, NOT_ASKED
from survey.wvs7.synthetic_countries import Codes, Country, Scores, Setting

Columns = dict[str, NDArray[np.generic]]
"""Columns of the file by name, each of shape (people,)."""

VERSION, DOI = "synthetic-1", "none: synthetic people"
CONTEXT = (
    "version", "doi", "A_WAVE", "A_YEAR", "A_STUDY", "B_COUNTRY", "B_COUNTRY_ALPHA", "C_COW_NUM",
    "C_COW_ALPHA",
    "D_INTERVIEW", "J_INTDATE", "FW_START", "FW_END", "K_TIME_START", "K_TIME_END", "K_DURATION",
    "Q_MODE",
    "N_REGION_ISO", "N_REGION_WVS", "N_TOWN", "G_TOWNSIZE", "G_TOWNSIZE2", "H_SETTLEMENT",
    "H_URBRURAL", "I_PSU",
    "O1_LONGITUDE", "O2_LATITUDE", "L_INTERVIEWER_NUMBER", "S_INTLANGUAGE", "LNGE_ISO",
    "E_RESPINT", "F_INTPRIVACY",
    "E1_LITERACY", "W_WEIGHT", "S018", "PWGHT", "S025",
)  # fmt: skip
INDICES = ("Y001", "Y002", "Y003", "SACSECVAL", "RESEMAVAL")
ORGANISATIONS = (
    "AFRICANUNION", "APEC", "ARABLEAGUE", "ASEAN", "CIS", "CUSMA", "ECO", "EU", "GULFCOOP",
    "ISLCOOP", "MERCOSUR",
    "NAFTA", "OAS", "SAARC", "SCO", "TLC", "UNDP",
)  # fmt: skip
BEFORE = {"Q33": ("Q33_3",), "Q34": ("Q34_3",), "Q35": ("Q35_3",), "Q234": ("Q234A",)}
MEMBERSHIP = tuple(f"Q{number}" for number in range(94, 106))
SCHOOL = ("Q275", "Q276", "Q277", "Q278")
AFTER: Mapping[str, tuple[str, ...]] = {
    "Q82": tuple(f"Q82_{name}" for name in ORGANISATIONS),
    **{item: (f"{item}R",) for item in MEMBERSHIP},
    "Q223": ("Q223_ABREV", "Q223_LOCAL"),
    "Q262": ("X003R", "X003R2"),
    **{item: (f"{item}A", f"{item}R") for item in SCHOOL},
    "Q288": ("Q288R",),
    "Q289": ("Q289CS9",),
}
Groups = Mapping[str, tuple[str, tuple[int, ...]]]


def _recodes(items: Sequence[str], suffix: str, groups: tuple[int, ...]) -> Groups:
    """The same recode of several items: the column is named by item and suffix."""
    return {f"{item}{suffix}": (item, groups) for item in items}


GROUPS: Groups = {
    **_recodes(("Q33", "Q34", "Q35"), "_3", (0, 1, 1, 3, 2, 2)),
    **_recodes(MEMBERSHIP, "R", (0, 1, 1)),
    **_recodes(SCHOOL, "R", (1, 1, 1, 2, 2, 3, 3, 3, 3)),
    "Q288R": ("Q288", (0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3)),
    "X003R": ("Q262", (*[1] * 25, *[2] * 10, *[3] * 10, *[4] * 10, *[5] * 10, *[6] * 55)),
    "X003R2": ("Q262", (*[1] * 30, *[2] * 20, *[3] * 70)),
}
"""By column the item, and the group of each of its codes from 0."""
TOWN = np.array([0, 1, 1, 2, 2, 3, 3, 4, 5])  # size of a town in five groups, by its size in eight
POSTMATERIAL = (("Q152", (3,)), ("Q153", (3,)), ("Q154", (2, 4)), ("Q155", (2, 4)))
POSTMATERIAL_12 = (*POSTMATERIAL, ("Q156", (2, 3)), ("Q157", (2, 3)))


def column_names(items: Sequence[str]) -> tuple[str, ...]:
    """All columns in the order of the file, the items in this order."""
    names = list(CONTEXT)
    for item in items:
        names += [*BEFORE.get(item, ()), item, *AFTER.get(item, ())]
    return (*names, *INDICES)


def context_columns(
    country: Country, around: Setting, people: int, rng: np.random.Generator
) -> Columns:
    """Draw the columns before Q1: when, where and how people were asked, and their weights.

    Weights have a mean of about 1.
    """
    weight = np.round(np.exp(rng.normal(-0.045, 0.3, people)), 6)
    same = _country_constants(country, around)
    return {
        **{name: np.full(people, value) for name, value in same.items()},
        **_interview(country, around, people, rng),
        **_place(country, around, people, rng),
        "W_WEIGHT": weight,
        "S018": np.round(weight * 1000 / people, 6),
        "PWGHT": np.round(weight * rng.uniform(0.1, 4), 6),
    }


def _country_constants(country: Country, around: Setting) -> dict[str, str | int]:
    """The values that are the same for everybody in a country."""
    return {
        "version": VERSION,
        "doi": DOI,
        "A_WAVE": 7,
        "A_YEAR": around.year,
        "A_STUDY": 2,
        "B_COUNTRY": country.numeric,
        "B_COUNTRY_ALPHA": country.alpha3,
        "C_COW_NUM": country.cow,
        "C_COW_ALPHA": country.cow_alpha,
        "FW_START": around.year * 100 + 3,
        "FW_END": around.year * 100 + 5,
        "Q_MODE": 2,
        "O1_LONGITUDE": "",
        "O2_LATITUDE": "",
        "S_INTLANGUAGE": country.language_code,
        "LNGE_ISO": country.language,
        "S025": country.numeric * 10000 + around.year,
    }


def _interview(country: Country, around: Setting, people: int, rng: np.random.Generator) -> Columns:
    """Number, day, time and company; as in the real file, the last number stands twice."""
    serial = np.arange(1, people + 1)
    serial[-1] = max(people - 1, 1)
    days = np.datetime64(f"{around.year}-03-01") + np.sort(rng.integers(0, 90, people))
    start, minutes = rng.integers(9 * 60, 19 * 60, people), rng.integers(35, 95, people)
    return {
        "D_INTERVIEW": country.numeric * 1_000_000 + serial,
        "J_INTDATE": np.char.replace(np.datetime_as_string(days), "-", "").astype(np.int64),
        "K_TIME_START": _clock(start),
        "K_TIME_END": _clock(start + minutes),
        "K_DURATION": minutes,
        "L_INTERVIEWER_NUMBER": rng.integers(1, 41, people),
        "E_RESPINT": rng.choice([1, 2, 3], people, p=[0.55, 0.37, 0.08]),
        "F_INTPRIVACY": rng.choice([1, 2], people, p=[0.8, 0.2]),
        "E1_LITERACY": rng.choice([1, 2], people, p=[0.96, 0.04]),
    }


def _place(country: Country, around: Setting, people: int, rng: np.random.Generator) -> Columns:
    """Region and size of the town; the three smallest sizes of eight are rural."""
    town = np.where(
        rng.random(people) < around.urban, rng.integers(4, 9, people), rng.integers(1, 4, people)
    )
    region = rng.integers(1, 8, people)
    return {
        "N_REGION_ISO": country.numeric * 1000 + region,
        "N_REGION_WVS": country.numeric * 1000 + 100 + region,
        "N_TOWN": country.numeric * 10000 + region * 100 + town,
        "G_TOWNSIZE": town,
        "G_TOWNSIZE2": TOWN[town],
        "H_SETTLEMENT": 6 - TOWN[town],
        "H_URBRURAL": np.where(town < 4, 2, 1),
        "I_PSU": region * 100 + rng.integers(1, 30, people),
    }


def recode_columns(country: Country, codes: Codes) -> Columns:
    """The columns between the items, derived from them; a missing code stays what it is."""
    columns: Columns = {
        name: _grouped(codes[item], groups) for name, (item, groups) in GROUPS.items()
    }
    for item in SCHOOL:
        columns[f"{item}A"] = np.where(
            codes[item] < 0, codes[item], country.numeric * 1000 + codes[item] + 1
        )
    nobody = np.full(len(codes["Q82"]), NOT_ASKED)
    for name in ORGANISATIONS:
        columns[f"Q82_{name}"] = codes["Q82"] if name == country.organisation else nobody
    columns["Q223_ABREV"] = columns["Q223_LOCAL"] = codes["Q223"]
    columns["Q234A"] = nobody
    columns["Q289CS9"] = np.where(codes["Q289"] > 0, codes["Q289"] * 10_000_000, codes["Q289"])
    return columns


def index_columns(codes: Codes, traits: Scores) -> Columns:
    """Postmaterialism (0-5 and 1-3), autonomy (-2 to 2), -5 where an item is missing.

    Behind them two indices from 0 to 1.
    """
    autonomy = codes["Q15"] + codes["Q17"] - codes["Q8"] - codes["Q14"]
    return {
        "Y001": _count_chosen(codes, POSTMATERIAL_12),
        "Y002": _count_chosen(codes, POSTMATERIAL[2:], 1),
        "Y003": _unless_missing(codes, ("Q8", "Q14", "Q15", "Q17"), autonomy),
        "SACSECVAL": np.round(1 / (1 + np.exp(0.4 + 0.8 * traits["religiosity"])), 6),
        "RESEMAVAL": np.round(1 / (1 + np.exp(0.3 - 0.8 * traits["emancipation"])), 6),
    }


def _count_chosen(
    codes: Codes, wanted: Sequence[tuple[str, tuple[int, ...]]], first: int = 0
) -> NDArray[np.int64]:
    """How many items hold one of these codes, counted from `first`; -5 where one is missing."""
    hits = np.sum([np.isin(codes[item], options) for item, options in wanted], axis=0)
    return _unless_missing(codes, dict(wanted), first + hits)


def _unless_missing(
    codes: Codes, items: Iterable[str], values: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The values, -5 where one of these items is missing."""
    missing = np.any([codes[item] < 0 for item in items], axis=0)
    return np.where(missing, MISSING_OR_OTHER, values)


def _grouped(codes: NDArray[np.int64], groups: tuple[int, ...]) -> NDArray[np.int64]:
    """The group of each code; a missing code stays what it is."""
    return np.where(codes < 0, codes, np.array(groups)[np.maximum(codes, 0)])


def _clock(minutes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Minutes after midnight as hours, a point and minutes."""
    return np.asarray(np.round(minutes // 60 + minutes % 60 / 100, 2))
