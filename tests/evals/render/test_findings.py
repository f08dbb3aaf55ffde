"""What is said in sentences: only where the corrected test and the interval agree, and of enough people."""

import numpy as np
import pandas as pd
import pytest

from evals.analysis.inference import ladder_position
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables
from evals.render.findings import find_findings, find_unmoved
from tests.evals.analysis.example_rows import FOUR, frame, row

NOBODY = float("nan")


def compared(
    low: float, high: float, p: float, people: int, variant: str = "full", against: str = "country_mode"
) -> AnalysisTables:
    """The tables of one graph, of which one comparison has these figures."""
    method = {"scope": "all", "model": "m", "graph": "valuesim", "variant": variant}
    line = method | {
        "against": against,
        "measure": "accuracy",
        "difference": (low + high) / 2,
        "low": low,
        "high": high,
    }
    empty = AnalysisTables.empty(SkippedTables())
    return AnalysisTables(
        leaks=empty.leaks,
        standing=pd.DataFrame([method | {"people": people}]),
        comparisons=pd.DataFrame([line | {"p_holm": p, "people": people}]),
        distributions=empty.distributions,
        variety=pd.DataFrame(
            [
                method
                | {"weighted": False, "people": people, "sd_ratio": 0.5, "sd_ratio_low": 0.4, "sd_ratio_high": 0.95}
            ]
        ),
        subgroups=empty.subgroups,
        gaps=empty.gaps,
    )


WORSE = "ValueSim is worse than the country mode, by .150."
NOT_BETTER = "ValueSim is not shown to be better than the country mode."
FEW = "Too few people to say more about methods: {}, and findings need 10."


@pytest.mark.parametrize(
    ("low", "high", "p", "people", "said"),
    [
        (-0.2, -0.1, 0.01, 10, [WORSE]),
        (-0.2, -0.1, 0.30, 10, []),  # the interval alone
        (-0.2, 0.1, 0.01, 10, []),  # the test alone
        (-0.2, 0.1, 0.30, 10, [NOT_BETTER]),
        (0.1, 0.2, 0.01, 10, []),
        (0.1, 0.2, 0.30, 10, []),
        (-0.2, -0.1, 0.01, 9, [FEW.format("9 people")]),
        (-0.2, -0.15, 1.00, 2, [FEW.format("2 people")]),
        (NOBODY, NOBODY, NOBODY, 1, [FEW.format("1 person")]),
    ],
)
def test_a_difference_is_told_where_test_and_interval_agree(
    low: float, high: float, p: float, people: int, said: list[str]
) -> None:
    assert find_findings(compared(low, high, p, people)) == said


def test_controls_are_told_by_the_same_rule() -> None:
    sentence = "ValueSim shuffled is not shown to be worse with another person's profile than with the person's own."
    for low, high, p, said in (
        (-0.1, 0.1, 0.6, [sentence]),
        (-0.2, -0.1, 0.01, []),
        (-0.2, -0.1, 0.2, []),
        (0.1, 0.2, 0.01, [sentence]),
    ):
        assert list(find_unmoved(compared(low, high, p, 20, "shuffled", "valuesim"))) == said
    assert list(find_unmoved(compared(-0.1, 0.1, 0.6, 3, "shuffled", "valuesim"))) == []


@pytest.mark.parametrize("gap", [0.0, 1e-16, 3e-13, 6e-13, 1e-10])
def test_the_ladder_has_no_place_where_its_ends_are_alike_but_for_rounding(gap: float) -> None:
    ends = [
        frame(
            row(person, item, 1, 1 if person % 2 else 2, method=("", name, "full"))
            for person in range(1, 9)
            for item in FOUR[:3]
        )
        for name in ("country_mode", "ridge")
    ]
    ends[1]["accuracy"] += gap
    method = frame(row(person, item, 1, 1) for person in range(1, 9) for item in FOUR[:3])

    found = ladder_position(method, *ends)

    assert np.isnan([found.value, found.low, found.high]).all()
