"""Draws birth, school, household and work of synthetic people, country by country."""

import numpy as np
from numpy.typing import NDArray

from survey.missing_codes import NOT_APPLICABLE
from survey.wvs7.synthetic_countries import (
    Codes,
    Country,
    Scores,
    Setting,
    borrowed_countries,
    draw_columns,
)

MARRIED, COHABITING, SINGLE = 1, 2, 6
RETIRED, HOUSEWIFE, STUDENT, UNEMPLOYED = 4, 5, 6, 7
SCHOOL = np.array(
    [-1.6, -1.0, -0.45, 0.35, 0.6, 0.9, 1.6, 2.4]
)  # where the next level of ISCED begins
APPLICANTS = "AUS"  # the one country where somebody has applied for citizenship


def draw_birth(country: Country, around: Setting, people: int, rng: np.random.Generator) -> Codes:
    """Draw sex, age, descent and school: Q260-Q269, Q272, Q275, Q277, Q278, Q290.

    Every column has the shape (people,).
    """
    place = (around.mean_age - 18) / 72
    age = 18 + (72 * rng.beta(1.3, 1.3 * (1 - place) / place, people)).astype(np.int64)
    family = rng.normal(0, 1, people)
    parents = around.schooling - 0.8 + 0.75 * family + 0.6 * rng.normal(0, 1, (2, people))
    own = around.schooling + 0.5 * family + 0.75 * rng.normal(0, 1, people) - 0.012 * (age - 45)
    most = np.select([age < 20, age < 22, age < 25, age < 28], [3, 5, 6, 7], 8)
    return {
        "Q260": np.where(rng.random(people) < 0.48, 1, 2),
        "Q261": around.year - age,
        "Q262": age,
        **_descent(country, around, people, rng),
        "Q275": np.minimum(np.searchsorted(SCHOOL, own), most),
        "Q277": np.searchsorted(SCHOOL, parents[0]),
        "Q278": np.searchsorted(SCHOOL, parents[1] + 0.15),
    }


def _descent(country: Country, around: Setting, people: int, rng: np.random.Generator) -> Codes:
    """Where people and their parents were born, citizenship, language at home and ethnic group."""
    others = np.array([other.numeric for other in borrowed_countries() if other != country])
    home, abroad = np.full(people, country.numeric), rng.choice(others, people)
    came = rng.random(people) < around.abroad
    mother_came = rng.random(people) < np.where(came, 0.95, around.abroad / 2)
    father_came = rng.random(people) < np.where(mother_came, 0.85, around.abroad / 3)
    elsewhere = np.where(rng.random(people) < 0.1, rng.choice(others, people), abroad)
    foreign = rng.random(people) < np.where(came, 0.4, 0.004)
    applied = foreign & (country.alpha3 == APPLICANTS) & (rng.random(people) < 0.4)
    other_language = rng.random(people) < np.where(came, 0.5, 0.1)
    group = 1 + draw_columns(np.tile([0.7, 0.15, 0.1, 0.05], (people, 1)), rng)
    return {
        "Q263": np.where(came, 2, 1),
        "Q264": np.where(mother_came, 2, 1),
        "Q265": np.where(father_came, 2, 1),
        "Q266": np.where(came, abroad, home),
        "Q267": np.where(mother_came, abroad, home),
        "Q268": np.where(father_came, elsewhere, home),
        "Q269": np.where(applied, 3, np.where(foreign, 2, 1)),
        "Q272": country.language_code + np.where(other_language, rng.integers(1, 4, people), 0),
        "Q290": country.numeric * 1000 + np.where(came, 9, group),
    }


def draw_household(around: Setting, born: Codes, traits: Scores, rng: np.random.Generator) -> Codes:
    """Draw partner, parents, children and size of the household: Q270, Q271, Q273, Q274."""
    age, people = born["Q262"], len(born["Q262"])
    devout = traits["religiosity"]
    alone = rng.random(people) < 0.06 + 0.94 / (1 + np.exp((age - 26) / 3.5))
    widowed = np.clip((age - 50) / 90, 0.005, 0.4) * np.where(born["Q260"] == 2, 1.5, 0.6)
    ended = np.clip(0.09 - 0.03 * devout, 0.01, 0.2)
    loose = np.clip(0.12 - 0.06 * devout, 0.01, 0.4)
    shares = np.column_stack(
        [1 - widowed - 1.3 * ended - loose, loose, ended, 0.3 * ended, widowed]
    )
    status = np.where(alone, SINGLE, 1 + draw_columns(shares, rng))
    partner = status <= COHABITING
    own = np.where(partner, 0.1, np.clip(1.5 - age / 40, 0.05, 0.8)) * (age < 65)
    law = np.where(partner, 0.08, 0.0) * (age < 65)
    parents = draw_columns(np.column_stack([1 - own - 1.2 * law, own, law, 0.2 * law]), rng)
    grown = np.clip((age - 18) / 20, 0.02, 1) * np.where(status == SINGLE, 0.1, 1)
    children = np.minimum(rng.poisson(around.children * grown * np.exp(0.15 * devout)), 12)
    at_home = rng.binomial(children, np.clip((75 - age) / 35, 0.05, 0.97))
    size = (
        1
        + partner
        + at_home
        + np.where(parents > 0, rng.integers(1, 3, people), 0)
        + rng.poisson(0.15, people)
    )
    return {"Q270": size, "Q271": 1 + parents, "Q273": status, "Q274": children}


def draw_work(born: Codes, home: Codes, traits: Scores, rng: np.random.Generator) -> Codes:
    """Draw the work of the person, the partner and the father: Q276, Q279-Q285.

    -3 where there is no partner or no work.
    """
    age, man, people = born["Q262"], born["Q260"] == 1, len(born["Q262"])
    partner = home["Q273"] <= COHABITING
    match = np.clip(born["Q275"] + np.rint(rng.normal(0, 1.4, people)).astype(np.int64), 0, 8)
    status = _employment(age, ~man, born["Q275"], traits["emancipation"], rng)
    match_status = _employment(
        age + rng.integers(-4, 5, people), man, match, traits["emancipation"], rng
    )
    job = _occupation(born["Q275"], status, rng)
    state = np.clip(0.2 + 0.05 * born["Q275"], 0, 0.6)
    sector = 1 + draw_columns(np.column_stack([state, 0.93 - state, np.full(people, 0.07)]), rng)
    earner = (
        0.9 * (status <= 3) + 0.7 * man + np.where(partner, -1, 0.6) - 1.2 * (home["Q271"] == 2)
    )
    return {
        "Q276": np.where(partner, match, NOT_APPLICABLE),
        "Q279": status,
        "Q280": np.where(partner, match_status, NOT_APPLICABLE),
        "Q281": job,
        "Q282": np.where(partner, _occupation(match, match_status, rng), NOT_APPLICABLE),
        "Q283": _occupation(born["Q278"], np.ones(people, np.int64), rng),
        "Q284": np.where(job == 0, NOT_APPLICABLE, sector),
        "Q285": np.where(rng.logistic(0, 0.7, people) < earner, 1, 2),
    }


def _employment(
    age: NDArray[np.int64],
    woman: NDArray[np.bool_],
    school: NDArray[np.int64],
    modern: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Employment status, 1-8: students are under 27, retired people 50 and over."""
    student = np.clip((27 - age) / 13, 0, 0.7)
    retired = np.where(age >= 50, 1 / (1 + np.exp((62 - age) / 2.2)), 0)
    home = np.where(woman, np.clip(0.42 - 0.04 * school - 0.08 * modern, 0.02, 0.7), 0.01)
    full, one = 0.35 + 0.05 * school, np.ones(len(age))
    busy = np.column_stack(
        [full, np.where(woman, 0.16, 0.08), 0.2 * one, home, 0.11 * one, 0.03 * one]
    )
    busy *= ((1 - student) * (1 - retired) / busy.sum(axis=1))[:, None]
    retired = (1 - student) * retired
    return 1 + draw_columns(
        np.column_stack([busy[:, :3], retired, busy[:, 3], student, busy[:, 4:]]), rng
    )


def _occupation(
    school: NDArray[np.int64], status: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Occupational group, 0-10: 0 for those who never had a job, low numbers for the schooled."""
    never = np.select(
        [status == STUDENT, status == HOUSEWIFE, status == UNEMPLOYED], [0.75, 0.5, 0.15], 0.0
    )
    place = 0.3 * (4 - school) + rng.normal(0, 0.8, len(school))
    group = 1 + np.searchsorted([-1.0, -0.65, -0.2, 0.15, 0.5, 0.9, 1.2, 1.6, 1.9], place)
    return np.where(rng.random(len(school)) < never, 0, group)


def draw_denomination(
    country: Country, around: Setting, devout: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw Q289 by Q173 (`devout`: 1 religious, 2 not, 3 atheist).

    0 is none; others are one of the country's two faiths, or another.
    """
    odds = np.array([-3.2, -0.5, 1.8])[devout - 1] + around.secular
    none = rng.random(len(devout)) < 1 / (1 + np.exp(-odds))
    other = rng.integers(1, 10, len(devout))
    shares = np.tile([0.78, 0.16, 0.06], (len(devout), 1))
    which = draw_columns(shares, rng)
    return np.where(none, 0, np.choose(which, [*country.faiths, other]))
