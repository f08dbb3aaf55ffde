"""Planted effects are named, each alone; where nothing is planted, nothing is named."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from baselines.answer_frame import answer_frame
from baselines.gaussian import Ridge
from baselines.method import Case, Method, Person, Row
from baselines.statistics import Mode
from evals.analysis.frame import score_frame
from evals.analysis.groups import assign_groups
from evals.analysis.ladder import list_comparisons
from evals.analysis.leaks import LeakDetector
from evals.analysis.tables import AnalysisTables, make_tables
from evals.render.findings import find_findings
from survey.codebook import wvs7
from survey.folds import Fold
from survey.profile import profile_of
from survey.respondents import Respondents

BOOK = wvs7()
ITEMS = tuple(f"Q{number}" for number in range(27, 47))  # one scale: agree strongly to disagree strongly
HELD_OUT, KNOWN = ITEMS[::2], (*ITEMS[1::2], "Q260")
FOLD = Fold(1, HELD_OUT, KNOWN)
PEOPLE, SCORED = 700, 160

Answer = Callable[[int, int, int, np.random.Generator], int]
"""What a method says: from the truth, the sex, a real answer of somebody else, and chance."""


def wave(leak: bool = False) -> Respondents:
    """People of two countries whose answers share one trait; with a leak, Q27 is Q28 but for a few."""
    stream = np.random.default_rng(7)
    trait = stream.normal(size=PEOPLE)
    codes = np.empty((PEOPLE, len(ITEMS) + 1), dtype=np.int16)
    for column, item in enumerate(ITEMS):
        options = len(BOOK.items[item].options)
        place = (options + 1) / 2 + 0.7 * trait + stream.normal(scale=1.1, size=PEOPLE)
        codes[:, column] = np.clip(np.rint(place), 1, options)
    if leak:
        codes[:, 0] = np.where(stream.random(PEOPLE) < 0.97, np.minimum(codes[:, 1], 4), codes[:, 0])
    codes[:, -1] = 1 + np.arange(PEOPLE) % 2
    context = pd.DataFrame({"country": np.where(np.arange(PEOPLE) % 4 < 2, "AND", "TUR"), "age": 40.0})
    return Respondents(codes, (*ITEMS, "Q260"), context, (), "planted", "")


def worked_out(survey: Respondents, answer: Answer) -> AnalysisTables:
    """The tables of one simulation of the first people, beside the country's mode and ridge, fitted on the others."""
    drawn = list(range(1, SCORED + 1))
    fitting = survey.others(drawn)
    references: list[Method] = [Mode("fair", by_country=True), Ridge("fair", "ridge")]
    for reference in references:
        reference.prepare(fitting)
    stream, cases = np.random.default_rng(11), []
    rows = []
    for respondent in drawn:
        told = survey.answers(respondent)
        person = Person(respondent, 1, survey.country(respondent), told, tuple(profile_of(BOOK, told, KNOWN)), KNOWN)
        for place, item in enumerate(HELD_OUT):
            cases.append(Case(person, BOOK.items[item]))
            other = int(stream.choice(fitting.codes[:, 2 * place]))
            rows.append(simulated(cases[-1], answer(told[item], told["Q260"], other, stream)))
    rows += asyncio.run(answered(references, cases))
    frame = score_frame(answer_frame(rows), BOOK)
    leaks = LeakDetector(fitting, BOOK).find_leaks([FOLD])
    return make_tables(frame, BOOK, leaks, assign_groups(survey, drawn, BOOK), None, list_comparisons(frame))


async def answered(methods: Sequence[Method], cases: Sequence[Case]) -> list[Row]:
    """The rows of these methods."""
    return [await method.answer(case) for method in methods for case in cases]


def simulated(case: Case, code: int) -> Row:
    """The row of a reply."""
    return Row.of(
        case,
        graph="valuesim",
        variant="full",
        model="m",
        protocol="fair",
        predicted=code,
        probabilities={code: 1.0},
        error="",
        decided_by="direct",
    )


def good(truth: int, sex: int, other: int, stream: np.random.Generator) -> int:
    """Right in seven of ten, else as somebody else."""
    return truth if stream.random() < 0.7 else other


def useless(truth: int, sex: int, other: int, stream: np.random.Generator) -> int:
    """As somebody else, always."""
    return other


def collapsed(truth: int, sex: int, other: int, stream: np.random.Generator) -> int:
    """Right in seven of ten where the answer is an ordinary one, and always an ordinary one."""
    return truth if truth in (2, 3) and stream.random() < 0.9 else 2 + int(stream.integers(2))


def unfair(truth: int, sex: int, other: int, stream: np.random.Generator) -> int:
    """Right more often about men."""
    return truth if stream.random() < (0.85 if sex == 1 else 0.6) else other


def test_nothing_planted_nothing_named() -> None:
    assert find_findings(worked_out(wave(), good)) == []


def test_a_planted_leak_is_named_and_its_item_left_out() -> None:
    found = worked_out(wave(leak=True), good)

    assert find_findings(found) == ["Nearly determined by an item of the profile (1): Q27 by Q28."]
    cases = found.standing.set_index(["scope", "graph"])["cases"]
    assert cases["all", "ridge"] == SCORED * 10 and cases["without_leaked", "ridge"] == SCORED * 9
    accuracy = found.standing.set_index(["scope", "graph"])["accuracy"]
    assert accuracy["all", "ridge"] > accuracy["without_leaked", "ridge"] + 0.02


def test_a_planted_useless_method_is_named() -> None:
    [sentence] = find_findings(worked_out(wave(), useless))

    assert sentence == "ValueSim is not shown to be better than the country mode."


def test_a_method_worse_than_useless_is_called_so() -> None:
    [sentence] = find_findings(
        worked_out(wave(), lambda truth, sex, other, stream: other if other != truth else other % 4 + 1)
    )

    assert sentence.startswith("ValueSim is worse than the country mode, by .")


def test_a_planted_collapse_is_named() -> None:
    found = worked_out(wave(), collapsed)

    [sentence] = [sentence for sentence in find_findings(found) if "vary" in sentence]
    assert sentence.startswith("ValueSim gives answers that vary too little: .")
    line = found.variety.set_index(["scope", "graph"]).loc[("all", "valuesim")]
    assert line["sd_ratio_high"] < 0.8


def test_a_planted_gap_is_named() -> None:
    [sentence] = find_findings(worked_out(wave(), unfair))

    assert "more accurate for sex Male than for sex Female" in sentence, sentence


@pytest.mark.parametrize("method", [good, unfair])
def test_the_ladder_says_how_far_a_method_is(method: Answer) -> None:
    found = worked_out(wave(), method).standing
    line = found[(found["scope"] == "all") & (found["graph"] == "valuesim")].iloc[0]
    accuracy = found[found["scope"] == "all"].set_index("graph")["accuracy"]

    share = (accuracy["valuesim"] - accuracy["country_mode"]) / (accuracy["ridge"] - accuracy["country_mode"])
    assert line["climbed"] == pytest.approx(share) and line["climbed_low"] < share < line["climbed_high"]
