"""How long a run still takes, from the calls that it makes and not from answers that cost nothing."""

import pytest

from evals.harness.experiment import Experiment
from evals.runner.expected_calls import ExpectedCalls, calls_per_answer


def test_the_time_left_counts_calls_of_dear_and_cheap_answers() -> None:
    expected = ExpectedCalls({"valuesim": 10, "rag": 10}, {"valuesim": 4.0})

    assert expected.seconds_left(0, 30) is None
    assert expected.seconds_left(5, 10) == 90  # a story and perspectives, before any answer
    for _ in range(10):
        expected.answer("rag")
    assert expected.seconds_left(10, 20) == 80  # half of the answers, a fifth of the calls
    for _ in range(10):
        expected.answer("valuesim")
    assert expected.seconds_left(0, 20) == pytest.approx(0.4)  # all from kept replies


@pytest.mark.parametrize(
    ("given", "calls"),
    [
        ({}, 3.75),
        ({"integrate": "always"}, 4.25),
        ({"integrate": "average"}, 3.25),
        ({"without": ("cab",)}, 1.25),
        ({"without": ("story", "affective")}, 2.5),
        ({"without": ("cognitive", "affective")}, 1.25),
        ({"votes": 3, "temperature": 1.0}, 10.75),
    ],
)
def test_an_answer_of_valuesim_takes_a_call_a_perspective_and_a_part_of_a_story(
    given: dict[str, object], calls: float
) -> None:
    found = calls_per_answer(Experiment.model_validate(given), per_person=4)

    assert found["valuesim"] == calls and found["rag"] == given.get("votes", 1)
