"""Accuracy beside what people repeat when they are asked again."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from baselines.answer_frame import answer_frame
from baselines.method import Row
from evals.analysis.frame import score_frame
from evals.analysis.ladder import LADDER_COLUMNS, ladder_table
from evals.analysis.retest import add_second_answers, retest_figures
from evals.render.analysis import describe_standing, retest_sentence
from evals.render.console import print_table, terminal
from survey.codebook import wvs7
from survey.respondents import Respondents

BOOK = wvs7()
ITEMS = ("Q1", "Q2", "Q3", "Q4")
FIRST = np.array([[1, 1, 1, 1], [2, 2, 2, 2], [1, 2, 3, 4]], np.int16)
SECOND = np.array([[1, 1, 2, 2], [2, 2, 2, -1], [1, 2, 4, 3]], np.int16)


def people(second: np.ndarray | None) -> Respondents:
    context = pd.DataFrame({"country": ["AND"] * len(FIRST)})
    return Respondents(FIRST, ITEMS, context, (), "made up", "", retest=second)


def answers_of(predicted: Mapping[int, int]) -> pd.DataFrame:
    """One method that predicts the same code for everybody, by respondent."""
    found = []
    for respondent, code in predicted.items():
        for item, truth in zip(ITEMS, FIRST[respondent - 1].tolist(), strict=True):
            dimension = BOOK.items[item].dimension
            found.append(
                Row(
                    *("valuesim", "full", "m", "fair", respondent, 1, item, "AND", dimension),
                    *(truth, code, {code: 1.0}, True, "", "single", 0),
                )
            )
    return answer_frame(found)


def test_accuracy_is_divided_by_the_share_of_answers_that_people_repeat() -> None:
    frame = add_second_answers(score_frame(answers_of({1: 1, 2: 2, 3: 1}), BOOK), people(SECOND))
    figures = retest_figures(frame)

    # repeated: 2 of 4, 3 of 3 that have a second answer, 2 of 4; right on these: 4 of 4, 3 of 3, 1 of 4
    assert figures["retest"].value == pytest.approx((0.5 + 1 + 0.5) / 3)
    assert figures["of_retest"].value == pytest.approx((1 + 1 + 0.25) / 2)
    assert figures["of_retest"].low < figures["of_retest"].value < figures["of_retest"].high


def test_a_person_who_never_repeats_makes_no_ceiling() -> None:
    second = np.where(FIRST == 1, 2, 1).astype(np.int16)
    figures = retest_figures(add_second_answers(score_frame(answers_of({1: 1}), BOOK), people(second)))

    assert figures["retest"].value == 0 and np.isnan(figures["of_retest"].value)


def test_people_asked_once_have_the_table_of_before() -> None:
    frame = score_frame(answers_of({1: 1, 2: 2}), BOOK)

    assert add_second_answers(frame, people(None)) is frame
    table = ladder_table(frame)
    assert list(table.columns) == LADDER_COLUMNS and retest_sentence(table) == ""


def test_the_table_shows_the_share_and_says_what_it_is_of(capsys: pytest.CaptureFixture[str]) -> None:
    frame = add_second_answers(score_frame(answers_of({1: 1, 2: 2, 3: 1}), BOOK), people(SECOND))
    standing = ladder_table(frame).assign(scope="all")
    print_table(terminal(), describe_standing(standing))

    shown = " ".join(capsys.readouterr().out.split())
    assert "÷ retest" in shown and "1.125" in shown
    assert "Asked again, these people repeat .667" in shown
