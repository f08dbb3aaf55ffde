"""The columns of a survey file around the items: context before them, recodes between them, indices after them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from survey.synthetic_people import Codes, Country, Scores, Setting

Columns = dict[str, NDArray[np.generic]]

VERSION, DOI = "synthetic-1", "none: synthetic people"
NOT_ASKED = -4
CONTEXT = (
    "version", "doi", "A_WAVE", "A_YEAR", "A_STUDY", "B_COUNTRY", "B_COUNTRY_ALPHA", "C_COW_NUM", "C_COW_ALPHA", "D_INTERVIEW",
    "J_INTDATE", "FW_START", "FW_END", "K_TIME_START", "K_TIME_END", "K_DURATION", "Q_MODE", "N_REGION_ISO", "N_REGION_WVS", "N_TOWN",
    "G_TOWNSIZE", "G_TOWNSIZE2", "H_SETTLEMENT", "H_URBRURAL", "I_PSU", "O1_LONGITUDE", "O2_LATITUDE", "L_INTERVIEWER_NUMBER",
    "S_INTLANGUAGE", "LNGE_ISO", "E_RESPINT", "F_INTPRIVACY", "E1_LITERACY", "W_WEIGHT", "S018", "PWGHT", "S025",
)  # fmt: skip
INDICES = ("Y001", "Y002", "Y003", "SACSECVAL", "RESEMAVAL")
ORGANISATIONS = (
    "AFRICANUNION", "APEC", "ARABLEAGUE", "ASEAN", "CIS", "CUSMA", "ECO", "EU", "GULFCOOP", "ISLCOOP", "MERCOSUR", "NAFTA", "OAS",
    "SAARC", "SCO", "TLC", "UNDP",
)  # fmt: skip
BEFORE = {**{item: (f"{item}_3",) for item in ("Q33", "Q34", "Q35")}, "Q234": ("Q234A",)}
AFTER = {
    "Q82": tuple(f"Q82_{name}" for name in ORGANISATIONS),
    **{f"Q{number}": (f"Q{number}R",) for number in range(94, 106)},
    "Q223": ("Q223_ABREV", "Q223_LOCAL"),
    "Q262": ("X003R", "X003R2"),
    **{f"Q{number}": (f"Q{number}A", f"Q{number}R") for number in range(275, 279)},
    "Q288": ("Q288R",),
    "Q289": ("Q289CS9",),
}
TOWN = np.array([1, 1, 2, 2, 3, 3, 4, 5])  # size of a town in five groups, by its size in eight
RECODES: Mapping[str, Mapping[str, tuple[int, ...]]] = {  # column, item, group of each code from 0
    **{f"Q{number}_3": {f"Q{number}": (0, 1, 1, 3, 2, 2)} for number in (33, 34, 35)},
    **{f"Q{number}R": {f"Q{number}": (0, 1, 1)} for number in range(94, 106)},
    **{f"Q{number}R": {f"Q{number}": (1, 1, 1, 2, 2, 3, 3, 3, 3)} for number in range(275, 279)},
    "Q288R": {"Q288": (0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3)},
    "X003R": {"Q262": (*[1] * 25, *[2] * 10, *[3] * 10, *[4] * 10, *[5] * 10, *[6] * 60)},
    "X003R2": {"Q262": (*[1] * 30, *[2] * 20, *[3] * 75)},
}


def header(items: tuple[str, ...]) -> tuple[str, ...]:
    """All columns in the order of the file, the items in this order."""
    between = [name for item in items for name in (*BEFORE.get(item, ()), item, *AFTER.get(item, ()))]
    return (*CONTEXT, *between, *INDICES)


def context(country: Country, around: Setting, people: int, rng: np.random.Generator) -> Columns:
    """The columns before Q1, each of shape (people,): when, where and how somebody was asked, and weights."""
    start = np.sort(rng.integers(0, 90, people))
    day = np.datetime64(f"{around.year}-03-01") + start
    begun, lasted = rng.integers(9 * 60, 19 * 60, people), rng.integers(35, 95, people)
    town = np.where(rng.random(people) < around.urban, rng.integers(4, 9, people), rng.integers(1, 4, people))
    region = rng.integers(1, 8, people)
    weight = np.round(np.exp(rng.normal(-0.045, 0.3, people)), 6)
    numbers = {
        "A_WAVE": 7, "A_YEAR": around.year, "A_STUDY": 2, "B_COUNTRY": country.numeric, "C_COW_NUM": country.cow,
        "D_INTERVIEW": _interviews(country, people), "J_INTDATE": np.char.replace(np.datetime_as_string(day), "-", "").astype(np.int64),
        "FW_START": around.year * 100 + 3, "FW_END": around.year * 100 + 5,
        "K_TIME_START": _clock(begun), "K_TIME_END": _clock(begun + lasted), "K_DURATION": lasted, "Q_MODE": 1 + (country.numeric % 3 == 0),
        "N_REGION_ISO": country.numeric * 1000 + region, "N_REGION_WVS": country.numeric * 1000 + 100 + region,
        "N_TOWN": country.numeric * 10000 + region * 100 + town, "G_TOWNSIZE": town, "G_TOWNSIZE2": TOWN[town - 1],
        "H_SETTLEMENT": np.clip(6 - TOWN[town - 1], 1, 5), "H_URBRURAL": np.where(town < 4, 2, 1), "I_PSU": region * 100 + rng.integers(1, 30, people),
        "L_INTERVIEWER_NUMBER": rng.integers(1, 41, people), "S_INTLANGUAGE": country.language_code,
        "E_RESPINT": rng.choice([1, 2, 3], people, p=[0.55, 0.37, 0.08]), "F_INTPRIVACY": rng.choice([1, 2], people, p=[0.8, 0.2]),
        "E1_LITERACY": rng.choice([1, 2], people, p=[0.96, 0.04]), "W_WEIGHT": weight, "S018": np.round(weight * 1000 / people, 6),
        "PWGHT": np.round(weight * rng.uniform(0.1, 4), 6), "S025": country.numeric * 10000 + around.year,
    }  # fmt: skip
    texts = {
        "version": VERSION, "doi": DOI, "B_COUNTRY_ALPHA": country.alpha3, "C_COW_ALPHA": country.cow_alpha,
        "O1_LONGITUDE": "", "O2_LATITUDE": "", "LNGE_ISO": country.language,
    }  # fmt: skip
    return {name: np.broadcast_to(np.asarray(value), (people,)) for name, value in {**numbers, **texts}.items()}


def recodes(country: Country, codes: Codes) -> Columns:
    """The columns between the items, derived from them; a missing code stays what it is."""
    columns: Columns = {}
    for name, source in RECODES.items():
        for item, groups in source.items():
            columns[name] = np.where(codes[item] < 0, codes[item], np.array(groups)[np.maximum(codes[item], 0)])
    for item in ("Q275", "Q276", "Q277", "Q278"):
        columns[f"{item}A"] = np.where(codes[item] < 0, codes[item], country.numeric * 1000 + codes[item] + 1)
    for name in ORGANISATIONS:
        asked = name == country.organisation
        columns[f"Q82_{name}"] = codes["Q82"] if asked else np.full(len(codes["Q82"]), NOT_ASKED)
    columns["Q223_ABREV"] = columns["Q223_LOCAL"] = codes["Q223"]
    columns["Q234A"] = np.full(len(codes["Q234"]), NOT_ASKED)
    columns["Q289CS9"] = np.where(codes["Q289"] > 0, codes["Q289"] * 10_000_000, codes["Q289"])
    return columns


def indices(codes: Codes, traits: Scores) -> Columns:
    """The columns after Q290: postmaterialism (12 and 4 items), autonomy, and two indices from 0 to 1; -5 where an item is missing."""
    new = sum((codes[item] == code).astype(np.int64) for item, code in _chosen((("Q152", 3), ("Q154", 2), ("Q154", 4), ("Q156", 2), ("Q156", 3))))
    four = sum(np.isin(codes[item], (2, 4)).astype(np.int64) for item in ("Q154", "Q155"))
    autonomy = (codes["Q15"] + codes["Q17"]) - (codes["Q8"] + codes["Q14"])
    columns: Columns = {}
    for name, value, items in (
        ("Y001", new, ("Q152", "Q153", "Q154", "Q155", "Q156", "Q157")),
        ("Y002", 1 + np.asarray(four), ("Q154", "Q155")),
        ("Y003", autonomy, ("Q8", "Q14", "Q15", "Q17")),
    ):
        gap = np.any([codes[item] < 0 for item in items], axis=0)
        columns[name] = np.where(gap, -5, value)
    columns["SACSECVAL"] = np.round(1 / (1 + np.exp(0.8 * traits["religiosity"] + 0.4)), 6)
    columns["RESEMAVAL"] = np.round(1 / (1 + np.exp(0.3 - 0.8 * traits["emancipation"])), 6)
    return columns


def _chosen(firsts: tuple[tuple[str, int], ...]) -> list[tuple[str, int]]:
    """Each first choice and the second choice that goes with it."""
    return [(item, code) for first, code in firsts for item in (first, f"Q{int(first[1:]) + 1}")]


def _interviews(country: Country, people: int) -> NDArray[np.int64]:
    """Numbers of interviews; as in the real file they are not unique: the last one of a country stands twice."""
    serial = np.arange(1, people + 1)
    serial[-1] = max(people - 1, 1)
    return country.numeric * 1_000_000 + serial


def _clock(minutes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Minutes after midnight as hours, a point and minutes."""
    return np.asarray(np.round(minutes // 60 + minutes % 60 / 100, 2))
