"""People written twice in a file: counted, told, and never learnt from where their copy is scored."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.harness.experiment import Experiment
from evals.harness.plan import Plan
from survey.codebook import Codebook, wvs7
from survey.respondents import Respondents, read_survey
from survey.synthetic import draw_population

Write = Callable[..., Path]


@pytest.fixture
def doubled(write: Write) -> Respondents:
    """Thirty people, the first ten of whom stand in the file again, under other numbers."""
    table = {name: list(cells) for name, cells in draw_population(30, 3).items()}
    again = {name: cells + cells[:10] for name, cells in table.items()}
    again["D_INTERVIEW"] = list(range(40))
    return read_survey(write(again), wvs7())


def test_they_are_counted_in_one_line(doubled: Respondents) -> None:
    [told] = [note for note in doubled.notes if "repeat" in note]

    assert told.startswith("Rows that repeat another person's answers, all of them: 10, the first is row 31;")


def test_who_fits_a_reference_is_never_a_copy_of_who_is_scored(doubled: Respondents) -> None:
    assert len(doubled.others([1, 35])) == 40 - 4
    for count in (7, 40):
        plan = Plan.of(Experiment(respondents=count), doubled, wvs7())
        for fitting, asked in plan.groups():
            scored = {doubled.codes[row - 1].tobytes() for row in asked}
            assert scored.isdisjoint(codes.tobytes() for codes in fitting.codes)


def test_people_of_few_answers_may_be_alike(people: dict[str, list[Any]], small: Codebook, write: Write) -> None:
    alike = read_survey(write({name: cells[:1] * 3 for name, cells in people.items()}), small)

    assert not [note for note in alike.notes if "repeat" in note] and len(alike.others([1])) == 2


def test_one_answer_more_or_less_is_another_person(doubled: Respondents) -> None:
    codes = doubled.codes.copy()
    codes[30, np.flatnonzero(codes[30] >= 0)[0]] = -1

    changed = Respondents(codes, doubled.items, doubled.context, (), "x", "x")

    assert len(changed.others([1])) == 39
