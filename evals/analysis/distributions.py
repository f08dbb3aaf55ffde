"""Distributions of simulated and real answers: distances, spread and unused options, by item and
country.

The simulated distribution of an item is the mean of a method's shares over the people whose real
answers it is compared with: the expectation of one draw from each prediction. docs/statistics.md
defines each figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evals.analysis.correlations import correlation_recovery
from evals.analysis.frame import METHOD, Floats
from evals.analysis.gathered import GatheredAnswers
from evals.analysis.item_answers import ItemAnswers, mean_shares
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
"""How often two samples are drawn to measure what chance alone gives."""
DISTANCES = ("wasserstein", "jensen_shannon")
DEVIATIONS = ("sd_real", "sd_simulated", "sd_ratio")
UNUSED = ("never_used", "never_used_real")
DISTRIBUTION_COLUMNS = [*METHOD, "item", "country", "people", *DISTANCES, *DEVIATIONS, *UNUSED]
NOISES = [f"noise_{name}" for name in DISTANCES]
NoiseKey = tuple[tuple[str, int, bytes], ...]
NOISY = [column for name in DISTANCES for column in (name, f"noise_{name}")]
RATIOS = ["sd_ratio", "sd_ratio_low", "sd_ratio_high"]
CORRELATIONS = ["correlation", "correlation_ratio", "pairs"]
VARIETY_COLUMNS = [*METHOD, "people", "items", *NOISY, *RATIOS, *UNUSED, *CORRELATIONS]


def distribution_table(
    frame: pd.DataFrame,
    codebook: Codebook,
    weights: pd.Series | None = None,
    gathered: GatheredAnswers | None = None,
) -> pd.DataFrame:
    """Compare the distributions of each method and item, over all people and by country.

    One line a method, item and country with at least 30 people, and one with all people, whose
    country is "". `frame`: as `score_frame` returns it; `weights`: by respondent, who is left out
    without one. Columns: model, graph, variant, item, country, `people`; `wasserstein` (0 to 1) and
    `jensen_shannon` (distance, base 2); `sd_real`, `sd_simulated`, `sd_ratio` on the scale 0 to 1;
    `never_used` and `never_used_real`, shares of the valid options. nan where a figure is not
    defined: all but `jensen_shannon` and the last two for nominal items. `gathered`: the answers of
    the frame, where they are gathered already.
    """
    gathered = gathered or GatheredAnswers.of(frame, codebook, weights)
    lines: list[dict[str, Any]] = []
    for name, by_item in gathered.by_method.items():
        for item, answers in by_item.items():
            named = dict(zip([*METHOD, "item"], [*name, item], strict=True))
            for country in ("", *_countries(answers)):
                lines.append(named | _country_figures(answers, country))
    return pd.DataFrame(lines, columns=DISTRIBUTION_COLUMNS)


def variety_table(
    frame: pd.DataFrame,
    codebook: Codebook,
    weights: pd.Series | None = None,
    seed: int = 42,
    by_item: pd.DataFrame | None = None,
    gathered: GatheredAnswers | None = None,
) -> pd.DataFrame:
    """Summarise how varied each method's people are, beside the real ones; one line a method.

    Columns: `people`, `items`; the means over items of the figures of all people, with what chance
    alone gives (`noise_...`: two samples of as many real people compared with each other);
    `sd_ratio` over all items with its 95 % interval; the recovery of correlations between items,
    `correlation`, `correlation_ratio`, over `pairs`. `by_item`: the `distribution_table` of the
    same rows, and `gathered` their answers, where there are some already.
    """
    gathered = gathered or GatheredAnswers.of(frame, codebook, weights)
    if by_item is None:
        by_item = distribution_table(frame, codebook, weights, gathered)
    overall = by_item[by_item["country"] == ""].groupby(METHOD)[[*DISTANCES, *UNUSED]].mean()
    means = dict(zip(overall.index, overall.to_dict("records"), strict=True))
    noise: dict[NoiseKey, list[float]] = {}
    lines = []
    for name, by_item_of in gathered.by_method.items():
        answered = list(by_item_of.values())
        key = _noise_key(answered)
        if key not in noise:
            noise[key] = _noise(answered, np.random.default_rng(seed))
        figures = means.get(name, dict.fromkeys([*DISTANCES, *UNUSED], np.nan))
        named: dict[str, Any] = dict(zip(METHOD, name, strict=True))
        drawn = dict(zip(NOISES, noise[key], strict=True))
        lines.append(named | figures | _variety(answered, gathered.spreads[name], drawn, seed))
    return pd.DataFrame(lines, columns=VARIETY_COLUMNS)


def _variety(
    answered: Sequence[ItemAnswers], spread: Spread, noise: Mapping[str, float], seed: int
) -> dict[str, float]:
    """The figures of `variety_table` that are of all items of one method together."""
    respondents = [answers.respondents for answers in answered]
    ratio, recovery = spread.ratio(seed), correlation_recovery(spread)
    return {
        "people": len(np.unique(np.concatenate([*respondents, np.empty(0, np.int64)]))),
        "items": sum(len(answers.weight) > 0 for answers in answered),
        **noise,
        "sd_ratio": ratio.value,
        "sd_ratio_low": ratio.low,
        "sd_ratio_high": ratio.high,
        "correlation": recovery.correlation,
        "correlation_ratio": recovery.ratio,
        "pairs": recovery.pairs,
    }


def wasserstein(one: Floats, other: Floats, positions: Floats) -> Floats:
    """The Wasserstein distance of distributions over the last axis: how far weight must move along
    the scale to turn one into the other.

    For options at `positions`, shape (options,), it is the area between the cumulative
    distributions. Weight off the scale is left out; nan where none is left, or without a scale.
    """
    scale = np.argsort(positions)[: int((~np.isnan(positions)).sum())]
    if len(scale) < 2:
        return np.full(one.shape[:-1], np.nan)
    gap = _cumulated(one[..., scale]) - _cumulated(other[..., scale])
    distance: Floats = (np.abs(gap[..., :-1]) * np.diff(positions[scale])).sum(axis=-1)
    return distance


def jensen_shannon(one: Floats, other: Floats) -> Floats:
    """The Jensen-Shannon distance to base 2, from 0 to 1, of distributions over the last axis.

    Of two that are alike but for the last digit, rounding can leave less than nothing: that is 0.
    """
    from scipy.special import rel_entr  # takes long to load, and a run asks first

    one, other = (safe_divide(side, side.sum(axis=-1, keepdims=True)) for side in (one, other))
    middle = (one + other) / 2
    apart = (rel_entr(one, middle) + rel_entr(other, middle)).sum(axis=-1) / np.log(2)
    return np.asarray(np.sqrt(np.clip(apart / 2, 0.0, 1.0)))


def _cumulated(weight: Floats) -> Floats:
    """The cumulative distribution over the last axis; nan where there is no weight."""
    total = weight.sum(axis=-1, keepdims=True)
    return safe_divide(weight.cumsum(axis=-1), total, otherwise=np.nan)


def _countries(answers: ItemAnswers) -> list[str]:
    """The countries with enough people, in alphabetical order."""
    names = answers.country_names
    pairs = answers.respondents * len(names) + answers.countries
    if not names:
        return []
    people = np.bincount(np.unique(pairs) % len(names), minlength=len(names))
    return [name for name, size in zip(names, people, strict=True) if name and size >= MIN_PEOPLE]


def _country_figures(answers: ItemAnswers, country: str) -> dict[str, Any]:
    """The figures of one item in a country, as cells of a line; of all people where it is ""."""
    inside = np.ones(len(answers.weight), dtype=bool)
    if country:
        inside = answers.countries == answers.country_names.index(country)
    people = len(np.unique(answers.respondents[inside]))
    return {"country": country, "people": people, **_figures(answers, inside)}


def _figures(answers: ItemAnswers, inside: NDArray[np.bool_]) -> dict[str, float]:
    """Distances, deviations and unused options among these lines."""
    if not inside.any():
        return dict.fromkeys((*DISTANCES, *DEVIATIONS, *UNUSED), np.nan)
    weight, positions = answers.weight[inside], answers.positions
    real, simulated = answers.real[inside], answers.simulated[inside]
    shares = mean_shares(real, weight), mean_shares(simulated, weight)
    sd_real = _deviation(position_moments(real, positions, weight))
    sd_simulated = _deviation(position_moments(simulated, positions, weight))
    return {
        "wasserstein": float(wasserstein(*shares, positions)),
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


def _noise_key(by_item: Iterable[ItemAnswers]) -> NoiseKey:
    """Tell apart the real answers that noise is drawn from: methods often share them."""
    key = []
    for answers in by_item:
        if len(answers.weight):
            shares = mean_shares(answers.real, answers.weight)
            key.append((answers.item.id, effective_size(answers.weight), shares.tobytes()))
    return tuple(key)


def effective_size(weight: Floats) -> int:
    """How many people of equal weight make as exact a mean (Kish's effective sample size)."""
    return round(float(weight.sum() ** 2 / (weight**2).sum()))


def _noise(by_item: Iterable[ItemAnswers], stream: np.random.Generator) -> list[float]:
    """Both distances between two samples of as many people, drawn from the real answers.

    Means over items and draws, in the order of `DISTANCES`.
    """
    found = []
    for answers in by_item:
        weight = answers.weight
        if not len(weight):
            continue
        size = effective_size(weight)
        shares = mean_shares(answers.real, weight)
        one, other = stream.multinomial(size, shares, (2, DRAWS)) / size
        found.append([wasserstein(one, other, answers.positions), jensen_shannon(one, other)])
    by_draw = pd.DataFrame(np.array(found).reshape(-1, 2, DRAWS).transpose(0, 2, 1).reshape(-1, 2))
    return [float(mean) for mean in by_draw.mean()]
