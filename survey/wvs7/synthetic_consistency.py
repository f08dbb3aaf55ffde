"""Makes the answers of a synthetic person fit each other, and draws which are missing."""

import numpy as np
from numpy.typing import NDArray

from survey.missing_codes import DONT_KNOW, MISSING_OR_OTHER, NO_ANSWER, NOT_ASKED
from survey.wvs7.synthetic_answers import CHOICES
from survey.wvs7.synthetic_countries import Codes, Country, Scores, Setting, draw_columns, read_rows
from survey.wvs7.synthetic_people import draw_denomination

NO_INTERNET = MISSING_OR_OTHER
ONLINE = ("Q217", "Q218", "Q219", "Q220")
GENERAL_VOTE = np.array(
    [2, 3, 4, 5, 7, 8]
)  # would not vote, blank, none, other, invalid, independent
OPTIONAL = (  # batteries of which a country may leave out an item; others decide what else is asked
    "confidence_society", "confidence_world", "corruption", "immigration_gain",
    "immigration_harm", "neighbourhood",
    "private_life", "violence", "watching", "action", "fair_elections", "foul_elections", "rule",
    "far_closeness",
)  # fmt: skip


def reconcile(
    country: Country, around: Setting, codes: Codes, traits: Scores, rng: np.random.Generator
) -> Codes:
    """The codes with all of a person's answers fitting each other, and with Q223 and Q289."""
    people = len(codes["Q260"])
    fixed = dict(codes)
    fixed["Q111"] = np.where(rng.random(people) < 0.035, 3, codes["Q111"])
    unbelieving = codes["Q165"] == 2
    for item, share in (("Q166", 0.6), ("Q167", 0.88), ("Q168", 0.88)):
        fixed[item] = np.where(unbelieving & (rng.random(people) < share), 2, codes[item])
    unmoved = unbelieving & (rng.random(people) < 0.88)
    fixed["Q164"] = np.where(unmoved, np.minimum(codes["Q164"], 11 - codes["Q164"]), codes["Q164"])
    fixed["Q289"] = draw_denomination(country, around, codes["Q173"], rng)
    foreign = codes["Q269"] != 1
    barred = foreign & (rng.random(people) < 0.85)
    for item in ("Q221", "Q222"):
        fixed[item] = np.where(barred, 4, codes[item])
    fixed["Q254"] = np.where(foreign & (rng.random(people) < 0.7), 5, codes["Q254"])
    fixed["Q223"] = np.where(barred, 1, _party(country, codes, traits, rng))
    offline = rng.random(people) < _offline(traits)
    for item, share in (("Q206", 0.94), ("Q207", 0.9), ("Q205", 0.95)):
        fixed[item] = np.where(offline & (rng.random(people) < share), 5, codes[item])
    for item in ONLINE:
        fixed[item] = np.where(offline, NO_INTERNET, codes[item])
    return fixed


def _offline(traits: Scores) -> NDArray[np.float64]:
    """How likely each person has no internet."""
    odds = -2.9 - 0.9 * traits["resources"] - 0.5 * traits["education"] + 0.7 * traits["age"]
    return np.asarray(1 / (1 + np.exp(-odds)))


def _party(
    country: Country, codes: Codes, traits: Scores, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Q223: parties stand in a row from left to right; the less interested more often name none."""
    people = len(codes["Q260"])
    stand = 0.8 * traits["right"] - 0.3 * traits["emancipation"] + 0.6 * rng.normal(0, 1, people)
    party = 1 + np.searchsorted([-1.1, -0.5, 0.0, 0.5, 1.1], stand)
    general = rng.random(people) < 1 / (1 + np.exp(1.4 + 0.8 * traits["politics"]))
    which = draw_columns(np.tile([0.45, 0.1, 0.2, 0.15, 0.05, 0.05], (people, 1)), rng)
    return np.where(general, GENERAL_VOTE[which], country.numeric * 1000 + party)


def remove_answers(
    codes: Codes, traits: Scores, lot: np.random.Generator, rng: np.random.Generator
) -> Codes:
    """The codes with answers missing, and with two to four items that the country did not ask.

    `lot` draws for the country, `rng` for each person. Codes that are negative already stay.
    """
    people = len(codes["Q260"])
    rows = {row["item"]: row for row in read_rows("synthetic_items.csv")}
    silent = 0.75 * rng.normal(0, 1, people) - 0.4 * traits["education"] - 0.35 * traits["politics"]
    often = np.exp(0.6 * silent)
    left = {}
    for item, answer in codes.items():
        gap = rng.random(people) < np.minimum(float(rows[item]["missing"]) * often, 0.9)
        reason = np.where(rng.random(people) < 0.75, DONT_KNOW, NO_ANSWER)
        left[item] = np.where(gap & (answer >= 0), reason, answer)
    for first, second in CHOICES:
        if second:
            left[second] = np.where(left[first] < 0, left[first], left[second])
    optional = [item for item, row in rows.items() if row["battery"] in OPTIONAL]
    not_asked = list(lot.choice(optional, lot.integers(2, 5), replace=False))
    if lot.random() < 0.1:
        not_asked.append("Q290")
    for item in not_asked:
        left[str(item)] = np.full(people, NOT_ASKED)
    return left
