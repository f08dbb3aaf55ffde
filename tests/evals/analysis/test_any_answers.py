"""All tables come out of any answers and any weights: nothing raises, nothing warns, nothing is infinite."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rich.console import Console

from baselines.method import Row
from evals.analysis.distributions import jensen_shannon
from evals.analysis.frame import align_weights
from evals.analysis.item_answers import mean_shares
from evals.analysis.ladder import list_comparisons
from evals.analysis.leaks import LEAK_COLUMNS
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import TABLES, make_tables
from evals.render.analysis import print_analysis
from evals.render.console import print_findings
from evals.render.findings import find_findings
from tests.evals.analysis.example_rows import BOOK, FOUR, frame, row

Stream = np.random.Generator
ITEMS = [*FOUR[:2], "Q111", "Q223"]
WEIGHTS: dict[str, Callable[[int, Stream], object]] = {
    "none": lambda people, stream: None,
    "fractional": lambda people, stream: stream.lognormal(size=people),
    "whole": lambda people, stream: stream.integers(0, 4, people),
    "short": lambda people, stream: stream.lognormal(size=people).astype(np.float32),
    "huge": lambda people, stream: stream.random(people) * 1e308,
    "tiny": lambda people, stream: stream.random(people) * 1e-308,
    "uneven": lambda people, stream: 10.0 ** stream.integers(-300, 300, people),
    "some zero": lambda people, stream: stream.random(people) * (stream.random(people) < 0.5),
    "all zero": lambda people, stream: np.zeros(people),
    "one": lambda people, stream: np.r_[0.1, np.zeros(people - 1)],
    "odd": lambda people, stream: np.r_[np.nan, np.inf, -1.5, stream.random(people)][:people],
}
ANSWERS: dict[str, Callable[[Stream], tuple[int | None, object]]] = {
    "alike": lambda stream: (1, 1),
    "never right": lambda stream: (1, 4),
    "any": lambda stream: (int(stream.integers(1, 5)), int(stream.integers(1, 5))),
    "shares": lambda stream: (int(stream.integers(1, 5)), dict(enumerate(stream.dirichlet(np.ones(4)).tolist(), 1))),
    "sure": lambda stream: (2, {1: 0.0, 2: 1.0000000000000002, 3: 0.0, 4: 0.0}),
    "no truth": lambda stream: (None, 1),
    "unread": lambda stream: (1, None),
    "some of each": lambda stream: ((1, None, 3)[stream.integers(3)], (None, 2, {1: 0.5, 3: 0.5})[stream.integers(3)]),
}


def rows(people: int, items: list[str], answers: str, stream: Stream) -> list[Row]:
    """What one graph and the ends of the ladder say of these people."""
    methods = [("m", "valuesim", "full"), ("", "country_mode", "full"), ("", "ridge", "full")]
    found = []
    for person in range(1, people + 1):
        country = "AND" if person % 2 else "TUR"
        for item in items:
            truth, _ = ANSWERS[answers](stream)
            found += [row(person, item, truth, ANSWERS[answers](stream)[1], method=m, country=country) for m in methods]  # type: ignore[arg-type]
    return found


@settings(max_examples=10, deadline=None, derandomize=True)
@example(people=1, items=1, weights="fractional", answers="alike", seed=0)
@example(people=33, items=1, weights="fractional", answers="alike", seed=1)
@example(people=64, items=2, weights="uneven", answers="shares", seed=2)
@example(people=12, items=4, weights="all zero", answers="some of each", seed=3)
@example(people=31, items=1, weights="odd", answers="sure", seed=4)
@given(
    people=st.sampled_from([1, 2, 3, 11, 64]),
    items=st.integers(1, len(ITEMS)),
    weights=st.sampled_from(sorted(WEIGHTS)),
    answers=st.sampled_from(sorted(ANSWERS)),
    seed=st.integers(0, 99),
)
def test_all_tables_come_out_of_any_answers(people: int, items: int, weights: str, answers: str, seed: int) -> None:
    stream = np.random.default_rng(seed)
    scored = frame(rows(people, ITEMS[:items], answers, stream))
    numbers = WEIGHTS[weights](people, stream)
    everybody = pd.Index(range(1, people + 1), name="respondent")
    by = None if numbers is None else pd.Series(numbers, everybody)
    groups = pd.DataFrame({"country": np.where(everybody % 2, "AND", "TUR"), "sex": "[/b]"}, everybody)
    skipped = SkippedTables()

    found = make_tables(scored, BOOK, pd.DataFrame(columns=LEAK_COLUMNS), groups, by, list_comparisons(scored), skipped)
    shown = StringIO()
    print_analysis(Console(file=shown, width=200), found)
    print_findings(Console(file=shown, width=200), find_findings(found), found.failed)

    assert skipped.failed == {}
    assert "Where they stand" in shown.getvalue() and "inf" not in shown.getvalue().replace("Info", "")
    for name in TABLES:
        figures = getattr(found, name).select_dtypes("number").to_numpy(float)
        assert not np.isinf(figures).any(), name


@pytest.mark.parametrize("people", [2, 7, 33, 1000])
def test_the_share_of_an_option_that_all_chose_is_one(people: int) -> None:
    """Weights as they stand in files: on some of these draws the plain weighted mean is 1.0000000000000002."""
    above = 0
    for seed in range(50):
        stream = np.random.default_rng(seed)
        weight = np.round(stream.lognormal(size=people), 6)
        lines = np.tile([0.0, 1.0, 0.0], (people, 1))
        above += bool(np.average(lines, axis=0, weights=weight).max() > 1)

        shares = mean_shares(lines, weight)

        assert shares.tolist() == pytest.approx([0, 1, 0]) and shares.max() <= 1
        stream.multinomial(people, shares)
    assert above or people < 33


def test_distances_of_what_differs_in_the_last_digit_alone_are_numbers() -> None:
    stream = np.random.default_rng(5)
    one: NDArray[np.float64] = stream.dirichlet(np.ones(4), 2_000)
    other = np.nextafter(one, stream.random(one.shape))

    distances = jensen_shannon(one, other)

    assert ((distances >= 0) & (distances < 1e-6)).all()
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1


@pytest.mark.parametrize(
    ("scale", "kind"),
    [
        *((scale, kind) for scale in (1e-300, 1e-3, 1.0, 7.0, 1e300) for kind in (np.float64, object)),
        *((scale, np.float32) for scale in (1e-30, 1.0, 1e30)),
        *((scale, np.int64) for scale in (1.0, 1e15)),
        (1.0, "Int64"),
        (1.0, "Float32"),
    ],
)
def test_weights_count_alike_whatever_their_size_and_type(scale: float, kind: Any) -> None:
    given = (pd.Series([1.0, 2.0, 5.0], [3, 1, 2]) * scale).astype(kind)

    weight = align_weights(pd.Index([1, 2, 3, 4]), given)

    assert (weight / weight.sum()).tolist() == pytest.approx([2 / 8, 5 / 8, 1 / 8, 0])
