"""Simulated against real answers, item by item and country by country: distance, spread, options
never used.

The simulated answers to an item are the mean of a method's shares over the people whose real
answers they are held against: what one draw from each of its predictions gives in expectation.
docs/statistics.md defines each figure.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import rel_entr

from evals.analysis.correlations import correlation_recovery
from evals.analysis.frame import METHOD, Floats, split_methods
from evals.analysis.item_answers import ItemAnswers, item_answers, mean_shares
from evals.analysis.spread import (
    Spread,
    bessel_factor,
    expected_variance,
    position_moments,
    safe_divide,
)
from survey.codebook import Codebook

MIN_PEOPLE = 30
"""People below whom the figures of a country or a group are masked."""
DRAWS = 100
DISTANCES = ("wasserstein", "jensen_shannon")
DEVIATIONS = ("sd_real", "sd_simulated", "sd_ratio")
UNUSED = ("never_used", "never_used_real")
DISTRIBUTION_COLUMNS = [*METHOD, "item", "country", "people", *DISTANCES, *DEVIATIONS, *UNUSED]
NOISY = [column for name in DISTANCES for column in (name, f"noise_{name}")]
RATIOS = ["sd_ratio", "sd_ratio_low", "sd_ratio_high"]
CORRELATIONS = ["correlation", "correlation_ratio", "pairs"]
VARIETY_COLUMNS = [*METHOD, "people", "items", *NOISY, *RATIOS, *UNUSED, *CORRELATIONS]


def distribution_table(
    frame: pd.DataFrame, codebook: Codebook, weights: pd.Series | None = None
) -> pd.DataFrame:
    """One line a method, item and country with at least 30 people, and one a method and item with
    all ("").

    `frame`: of `scored`; `weights`: by respondent, who is left out without one. Columns: model,
    graph, variant, item, country, `people`; `wasserstein` (0-1) and `jensen_shannon` (distance,
    base 2); `sd_real`, `sd_simulated`, `sd_ratio` on the scale 0-1; `never_used` and
    `never_used_real`, shares of the valid options. nan where a figure cannot be said: all but
    `jensen_shannon` and the last two for nominal items.
    """
    lines: list[dict[str, Any]] = []
    for name, own in split_methods(frame):
        for item, answers in item_answers(own, codebook, weights).items():
            named = dict(zip([*METHOD, "item"], [*name, item], strict=True))
            lines += [named | cell for cell in _cells(answers, ["", *_countries(answers)])]
    return pd.DataFrame(lines, columns=DISTRIBUTION_COLUMNS)


def variety_table(
    frame: pd.DataFrame,
    codebook: Codebook,
    weights: pd.Series | None = None,
    seed: int = 42,
    by_item: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One line a method: how varied its people are, beside the real ones.

    Means over items of the figures of all together, each with what chance alone gives (`noise_...`:
    two samples of as many real people held against each other); `sd_ratio` over all items with its
    95 % interval; correlations between items recovered: `correlation`, `correlation_ratio`, over so
    many `pairs`. `by_item` are the `distributions` of the same rows, where they are there already.
    """
    if by_item is None:
        by_item = distribution_table(frame, codebook, weights)
    together = by_item[by_item["country"] == ""].groupby(METHOD)[[*DISTANCES, *UNUSED]].mean()
    every = dict(zip(together.index, together.to_dict("records"), strict=True))
    lines = []
    for name, own in split_methods(frame):
        answered = list(item_answers(own, codebook, weights).values())
        means = every.get(name, dict.fromkeys([*DISTANCES, *UNUSED], np.nan))
        noise = _noise(answered, np.random.default_rng(seed))
        spread = Spread.of(answered)
        ratio, found = spread.ratio(seed), correlation_recovery(spread)
        respondents = {int(person) for answers in answered for person in answers.respondents}
        figures = [means["wasserstein"], noise[0], means["jensen_shannon"], noise[1]]
        figures += [
            ratio.value,
            ratio.low,
            ratio.high,
            means["never_used"],
            means["never_used_real"],
        ]
        figures += [found.correlation, found.ratio, found.pairs]
        lines.append(
            [
                *name,
                len(respondents),
                sum(len(answers.weight) > 0 for answers in answered),
                *figures,
            ]
        )
    return pd.DataFrame(lines, columns=VARIETY_COLUMNS)


def wasserstein(one: Floats, other: Floats, places: Floats) -> Floats:
    """How far weight must be moved along the scale to turn one distribution into the other; over
    the last axis.

    On options at `places` that is the area between the two cumulated distributions. Weight off the
    scale is left aside; nan where nothing is left, or without a scale.
    """
    scale = np.argsort(places)[: int((~np.isnan(places)).sum())]
    if len(scale) < 2:
        return np.full(one.shape[:-1], np.nan)
    gap = _cumulated(one[..., scale]) - _cumulated(other[..., scale])
    distance: Floats = (np.abs(gap[..., :-1]) * np.diff(places[scale])).sum(axis=-1)
    return distance


def jensen_shannon(one: Floats, other: Floats) -> Floats:
    """The Jensen-Shannon distance to base 2, from 0 to 1, of distributions over the last axis.

    Of two that are alike but for the last digit, rounding can leave less than nothing: that is 0.
    """
    one, other = (safe_divide(side, side.sum(axis=-1, keepdims=True)) for side in (one, other))
    middle = (one + other) / 2
    apart = (rel_entr(one, middle) + rel_entr(other, middle)).sum(axis=-1) / np.log(2)
    return np.asarray(np.sqrt(np.clip(apart / 2, 0.0, 1.0)))


def _cumulated(weight: Floats) -> Floats:
    """The cumulated distribution over the last axis; nan where there is no weight."""
    total = weight.sum(axis=-1, keepdims=True)
    return safe_divide(weight.cumsum(axis=-1), total, otherwise=np.nan)


def _countries(answers: ItemAnswers) -> list[str]:
    """The countries with enough people, in alphabetical order."""
    names, lines = np.unique(answers.countries.astype(str), return_inverse=True)
    return [
        str(name)
        for place, name in enumerate(names)
        if name and len(np.unique(answers.respondents[lines == place])) >= MIN_PEOPLE
    ]


def _cells(answers: ItemAnswers, countries: Iterable[str]) -> list[dict[str, Any]]:
    """The figures of one item in each of these countries; "" stands for all people."""
    cells = []
    for country in countries:
        inside = (
            answers.countries == country if country else np.ones(len(answers.weight), dtype=bool)
        )
        people = len(np.unique(answers.respondents[inside]))
        cells.append({"country": country, "people": people, **_figures(answers, inside)})
    return cells


def _figures(answers: ItemAnswers, inside: NDArray[np.bool_]) -> dict[str, float]:
    """Distances, deviations and unused options among these lines."""
    if not inside.any():
        return dict.fromkeys((*DISTANCES, *DEVIATIONS, *UNUSED), np.nan)
    weight, real, simulated = (
        answers.weight[inside],
        answers.real[inside],
        answers.simulated[inside],
    )
    shares = mean_shares(real, weight), mean_shares(simulated, weight)
    sd_real, sd_simulated = (
        _deviation(position_moments(side, answers.places, weight)) for side in (real, simulated)
    )
    return {
        "wasserstein": float(wasserstein(*shares, answers.places)),
        "jensen_shannon": float(jensen_shannon(*shares)),
        "sd_real": sd_real,
        "sd_simulated": sd_simulated,
        "sd_ratio": sd_simulated / sd_real if sd_real > 0 else np.nan,
        "never_used": float(np.prod(1 - simulated, axis=0).mean()),
        "never_used_real": float(np.prod(1 - real, axis=0).mean()),
    }


def _deviation(moments: Floats) -> float:
    """The standard deviation on the scale; nan for fewer than two people there."""
    factor = bessel_factor(moments[:, :1])[0]
    return float(np.sqrt(expected_variance(moments.sum(axis=0), factor))) if factor else np.nan


def _noise(by_item: Iterable[ItemAnswers], stream: np.random.Generator) -> list[float]:
    """Both distances between two samples of as many people, drawn from the real answers; means over
    items.
    """
    found = []
    for answers in by_item:
        weight = answers.weight
        if not len(weight):
            continue
        size = round(
            weight.sum() ** 2 / (weight**2).sum()
        )  # as many people of equal weight as tell as much
        shares = mean_shares(answers.real, weight)
        one, other = stream.multinomial(size, shares, (2, DRAWS)) / size
        found.append([wasserstein(one, other, answers.places), jensen_shannon(one, other)])
    by_draw = pd.DataFrame(np.array(found).reshape(-1, 2, DRAWS).transpose(0, 2, 1).reshape(-1, 2))
    return [float(mean) for mean in by_draw.mean()]
