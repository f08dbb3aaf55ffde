"""Scores worked by hand under the three rules."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.answer_frame import answer_frame
from baselines.method import Case, Person, Row
from baselines.statistics import Chance
from evals.metrics import RULES, Rule, Score, score_answers, score_table, summarise
from survey.codebook import wvs7

BOOK = wvs7()
SCORABLE = [item for item in BOOK.items.values() if item.scorable]
FILL_INS = [item for item in BOOK.items.values() if item.use == "fill_in"]
SHOWN = SCORABLE + FILL_INS


def row(
    item: str,
    truth: int | None,
    predicted: int | None,
    respondent: int = 1,
    probabilities: Mapping[int, float] | None = None,
    error: str = "",
) -> Row:
    """A model's row; unreadable where it predicts nothing and gives no probabilities."""
    if probabilities is None:
        probabilities = {} if predicted is None else {predicted: 1.0}
    return Row(
        graph="valuesim",
        variant="full",
        model="offline",
        protocol="fair",
        respondent=respondent,
        fold=1,
        item=item,
        country="AND",
        dimension=BOOK.items[item].dimension,
        truth=truth,
        predicted=predicted,
        probabilities=probabilities,
        readable=bool(probabilities),
        error=error,
        decided_by="direct",
        draw=0,
    )


def scored(rows: Sequence[Row], rule: Rule) -> Score:
    return summarise(answer_frame(rows), BOOK, rule)


@dataclass(frozen=True)
class Alone:
    """The score of one row; None where it does not count."""

    hit: float | None
    error: float | None
    code_error: float | None
    by: str


def score_row(row: Row, rule: Rule) -> Alone:
    [line] = score_answers(answer_frame([row]), BOOK, [rule])[rule].to_dict("records")
    numbers = [None if isnan(line[name]) else line[name] for name in ("accuracy", "mae", "mae_code")]
    return Alone(*numbers, line["mae_by"])


def chance(item: str, truth: int, rule: str = "full") -> Row:
    """What the floor answers."""
    person = Person(1, 1, "AND", {item: truth}, ())
    method = Chance("fair", "paper" if rule == "paper" else "full")
    return asyncio.run(method.answer(Case(person, BOOK.items[item])))


@pytest.mark.parametrize(
    ("item", "truth", "predicted", "hit", "error"),
    [
        ("Q2", 1, 1, 1, 0),
        ("Q2", 1, 2, 0, 1 / 3),
        ("Q2", 1, 4, 0, 1),
        ("Q49", 10, 4, 0, 6 / 9),
        ("Q94", 0, 1, 0, 1 / 2),  # its codes begin at 0
        ("Q244", 0, 10, 0, 1),  # 0 stands below 1-10
        ("Q244", 0, 1, 0, 1 / 10),
        ("Q139", 1, 2, 0, 1),  # binary
        ("Q56", 1, 2, 0, 1),  # better 1, about the same 3, worse 2
        ("Q56", 1, 3, 0, 1 / 2),
        ("Q56", 2, 3, 0, 1 / 2),
        ("Q119", 1, 2, 0, 1 / 4),  # 1, 2, hard to say 0, 3, 4
        ("Q119", 2, 0, 0, 1 / 4),
        ("Q119", 0, 4, 0, 1 / 2),
        ("Q119", 2, 3, 0, 1 / 2),
        ("Q92", 1, 1, 1, None),  # nominal: no distance
        ("Q92", 1, 3, 0, None),
    ],
)
def test_strict_measures_distance_in_ranks(
    item: str, truth: int, predicted: int, hit: float, error: float | None
) -> None:
    found = score_row(row(item, truth, predicted), "strict")

    assert found.hit == hit
    assert found.error == (None if error is None else pytest.approx(error))


OFF_SCALE = [("Q111", 3), ("Q221", 4), ("Q222", 4), ("Q254", 5), ("Q269", 3)]


@pytest.mark.parametrize(("item", "code"), OFF_SCALE)
def test_a_code_off_the_scale_may_be_the_truth_or_be_predicted(item: str, code: int) -> None:
    known, off, on = (score_row(row(item, *pair), "strict") for pair in ((code, code), (code, 1), (1, code)))

    assert (known.hit, known.error) == (1, None)
    assert (off.hit, off.error) == (0, None)
    assert (on.hit, on.error) == (0, 1)


def test_the_scale_is_as_wide_as_its_ranks_without_codes_off_it() -> None:
    assert score_row(row("Q111", 1, 2), "strict").error == 1
    assert score_row(row("Q221", 1, 2), "strict").error == 1 / 2
    assert score_row(row("Q254", 1, 2), "strict").error == pytest.approx(1 / 3)


def test_an_unread_reply_is_wrong_with_error_1_and_left_out_of_the_valid_only_mae() -> None:
    found = scored([row("Q2", 1, 1), row("Q2", 1, 2), row("Q51", 1, None), row("Q92", 1, None)], "strict")

    assert found.accuracy == 1 / 4
    assert found.mae == pytest.approx((0 + 1 / 3 + 1) / 3)
    assert found.mae_valid == pytest.approx((0 + 1 / 3) / 2)
    assert found.readable == 1 / 2
    assert (found.rows, found.items, found.respondents) == (4, 3, 1)


def test_the_published_rule_skips_what_was_not_read_and_the_paper_tables_rule_does_not() -> None:
    rows = [row("Q2", 1, 1), row("Q2", 1, 2), row("Q51", 1, None)]

    published, paper_tables = scored(rows, "published"), scored(rows, "paper_tables")
    assert (published.accuracy, published.rows, paper_tables.rows) == (1 / 2, 2, 3)
    assert published.mae == pytest.approx(1 / 6)
    assert paper_tables.accuracy == pytest.approx(1 / 3)
    assert paper_tables.mae == pytest.approx((0 + 1 / 3 + 1) / 3)


@pytest.mark.parametrize("rule", RULES)
def test_a_failed_call_and_a_missing_truth_are_scored_nowhere(rule: Rule) -> None:
    rows = [row("Q2", 1, 1), row("Q51", 1, None, error="http_400"), row("Q62", None, 2), row("Q261", None, 1970)]

    found = scored(rows, rule)

    assert (found.accuracy, found.mae, found.readable, found.rows) == (1, 0, 1, 1)


@pytest.mark.parametrize("rule", RULES)
def test_where_every_call_failed_nothing_was_measured(rule: Rule) -> None:
    found = scored([row("Q2", 1, None, error="http_400")], rule)

    assert (found.accuracy, found.mae, found.mae_valid, found.readable, found.rows) == (None, None, None, None, 0)


@pytest.mark.parametrize("item", [item.id for item in FILL_INS])
def test_a_fill_in_counts_under_paper_tables_alone_and_is_wrong_there(item: str) -> None:
    known = row(item, 4, 4)

    assert [score_row(known, rule).hit for rule in RULES] == [None, None, 0]
    assert [score_row(known, rule).error for rule in RULES] == [None, None, 1]


@pytest.mark.parametrize("item", ["Q223", "Q272", "Q290"])
@pytest.mark.parametrize("rule", RULES)
def test_a_list_of_a_country_counts_nowhere(item: str, rule: Rule) -> None:
    assert score_row(row(item, 1, 1), rule).hit is None


def test_the_published_error_is_a_distance_of_codes_and_not_clipped() -> None:
    for item, truth, predicted, published, paper_tables in (
        ("Q121", 1, 20, 19 / 4, 1),  # no such option: the released reader takes any number
        ("Q2", 4, 5, 1 / 3, 1),  # close, and yet no option
        ("Q119", 0, 4, 1, 1),
        ("Q56", 1, 2, 1 / 2, 1 / 2),  # by code, not by rank
        ("Q111", 1, 3, 1, 1),  # off the scale, and yet an option
        ("Q92", 1, 3, 1, 1),  # nominal, measured all the same
        ("Q2", 2, 3, 1 / 3, 1 / 3),
    ):
        scores = [score_row(row(item, truth, predicted), rule) for rule in ("published", "paper_tables")]
        assert [found.hit for found in scores] == [0, 0]
        assert [found.error for found in scores] == [pytest.approx(published), pytest.approx(paper_tables)], item


def test_chance_is_scored_in_expectation() -> None:
    found = scored([chance("Q2", truth) for truth in (1, 2, 3, 4)], "strict")

    assert found.accuracy == 1 / 4
    assert found.mae == pytest.approx(20 / 16 / 3)  # |i - j| over all pairs of 1-4
    assert scored([chance("Q2", 2)], "strict").mae == pytest.approx((1 + 0 + 1 + 2) / 3 / 4)


def test_chance_may_fall_off_the_scale() -> None:
    assert scored([chance("Q111", 1)], "strict").mae == pytest.approx((0 + 1 + 1) / 3)


def test_the_chance_of_the_paper_draws_a_number_from_0_to_k() -> None:
    found = scored([chance("Q2", 2, "paper")], "paper_tables")  # 0 is no option: error 1

    assert found.accuracy == pytest.approx(1 / 5)
    assert found.mae == pytest.approx((1 + 1 / 3 + 0 + 1 / 3 + 2 / 3) / 5)
    assert scored([chance("Q94", 0, "paper")], "paper_tables").mae == pytest.approx((0 + 1 / 2 + 1 + 1) / 4)


def test_the_chance_of_the_paper_is_its_printed_accuracy() -> None:
    rows = [chance(item.id, item.options[0].code, "paper") for item in SCORABLE]
    rows += [chance(item.id, 1, "paper") for item in FILL_INS]

    assert scored(rows, "paper_tables").accuracy == pytest.approx(0.194, abs=0.001)


def test_accuracy_takes_the_mode_and_mae_the_median() -> None:
    shares = {1: 0.4, 2: 0.3, 3: 0.3}

    found = score_row(row("Q2", 2, 1, probabilities=shares), "strict")
    assert (found.hit, found.error) == (0, 0)
    found = score_row(row("Q2", 1, 1, probabilities=shares), "strict")
    assert found.hit == 1
    assert found.error == pytest.approx(1 / 3)


def test_the_median_goes_by_rank() -> None:
    """About the same (3) stands between better (1) and worse (2)."""
    shares = {1: 0.4, 2: 0.4, 3: 0.2}

    assert score_row(row("Q56", 3, 1, probabilities=shares), "strict").error == 0


def test_weight_off_the_scale_has_no_part_in_the_median_unless_it_is_most_of_it() -> None:

    assert score_row(row("Q254", 3, 5, probabilities={5: 0.4, 3: 0.35, 4: 0.25}), "strict").error == 0
    assert score_row(row("Q254", 3, 5, probabilities={5: 0.6, 3: 0.4}), "strict").error == 1


def test_each_respondent_counts_the_same_however_many_items_were_answered() -> None:
    rows = [row("Q2", 1, 1, respondent=1)]
    rows += [row(item, 1, 2, respondent=2) for item in ("Q2", "Q51", "Q62")]

    found = scored(rows, "strict")

    assert found.accuracy == (1 + 0) / 2
    assert found.mae == pytest.approx((0 + 1 / 3) / 2)
    assert (found.respondents, found.items, found.rows) == (2, 3, 4)


def test_overall_is_over_items_not_over_dimensions() -> None:
    rows = [row("Q2", 1, 1), row("Q51", 1, 2), row("Q52", 1, 2), row("Q56", 1, 2)]

    found = score_table(answer_frame(rows), BOOK, "strict")

    assert list(found) == ["core", "happiness", "overall"]
    assert [found[name].accuracy for name in found] == [1, 0, 1 / 4]
    assert found["happiness"].items == 3


def test_a_dimension_with_nominal_items_alone_has_no_mae() -> None:
    found = score_table(answer_frame([row("Q152", 1, 1)]), BOOK, "strict")["core"]

    assert (found.accuracy, found.mae, found.mae_valid) == (1, None, None)


@pytest.mark.parametrize("rule", RULES)
def test_no_rows_have_no_score(rule: Rule) -> None:
    with pytest.raises(ValueError, match="no rows"):
        summarise(answer_frame([]), BOOK, rule)
    assert score_table(answer_frame([]), BOOK, rule) == {}


@st.composite
def rows_of(draw: st.DrawFn, perfect: bool = False) -> list[Row]:
    """Answers of a few people, right, wrong, out of range or unread."""
    made = []
    for _ in range(draw(st.integers(1, 12))):
        item = draw(st.sampled_from(SCORABLE if perfect else SHOWN))
        codes = st.sampled_from([option.code for option in item.options] or list(range(100)))
        truth = draw(codes)
        predicted = truth if perfect else draw(st.one_of(codes, st.none(), st.integers(0, 400)))
        made.append(row(item.id, truth, predicted, respondent=draw(st.integers(1, 3))))
    return made


@settings(max_examples=50)
@given(rows_of(), st.sampled_from(["strict", "paper_tables"]))
def test_scores_lie_between_0_and_1(rows: list[Row], rule: Rule) -> None:
    for found in score_table(answer_frame(rows), BOOK, rule).values():
        for value in (found.accuracy, found.mae, found.mae_valid, found.readable):
            assert value is None or 0 <= value <= 1


@settings(max_examples=50)
@given(rows_of(perfect=True), st.sampled_from(RULES))
def test_who_answers_as_given_scores_1_and_0(rows: list[Row], rule: Rule) -> None:
    found = scored(rows, rule)

    assert found.accuracy == 1
    assert found.mae in (0, None)


@settings(max_examples=50)
@given(rows_of(), st.sampled_from(RULES), st.integers())
def test_the_order_of_rows_does_not_matter(rows: list[Row], rule: Rule, seed: int) -> None:
    assert score_table(answer_frame(random.Random(seed).sample(rows, len(rows))), BOOK, rule) == score_table(
        answer_frame(rows), BOOK, rule
    )
