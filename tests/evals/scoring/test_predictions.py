"""Files of predictions: their forms, what cannot be read, what was not asked, and whom they are about."""

import json
from pathlib import Path

import pytest

from baselines.answer_frame import answer_frame
from evals.harness.plan import Plan
from evals.metrics import OVERALL, score_table
from evals.scoring.folds import assign_folds, held_out_folds
from evals.scoring.matching import match_predictions
from evals.scoring.references import cases_to_score, scoring_plan
from evals.scoring.unscored import describe_unscored
from survey.archive import DataError
from survey.folds import Fold
from tests.evals.scoring.example_files import own, put, rows, told, truth

WIDE = "respondent,sleep,vote\nann,3,2\nbob,9,1\ncem,,7\ndan,1,1.0\n"
TIDY = """item;respondent;predicted
sleep;ann;3
vote;ann;2
sleep;bob;9
vote;bob;1
Sleep: how;cem;
VOTE;cem;7
vote;dan;1.0
"""


def plan_and_lines(*texts: str) -> tuple[Plan, list[str]]:
    """Who is scored on what, and what does not count."""
    codebook, people = own(), truth()
    lines, _ = match_predictions([put(f"{n}.csv", text) for n, text in enumerate(texts, 1)], people, codebook)
    lines = assign_folds(lines, ())
    folds = held_out_folds(lines, (), people.people.items, codebook)
    plan = scoring_plan(people, codebook, cases_to_score(lines, codebook), folds)
    return plan, list(describe_unscored(lines, plan))


def test_wide_and_tidy_files_say_the_same() -> None:
    """Dan's sleep is missing in the truth, and predicted in the wide file alone."""
    wide, _ = rows(WIDE)
    tidy, _ = rows(TIDY)

    expected = {(1, "sleep"): 3, (1, "vote"): 2, (2, "sleep"): 9, (2, "vote"): 1, (3, "sleep"): None, (3, "vote"): None}
    assert told(tidy) == expected | {(4, "vote"): 1}
    assert told(wide) == expected | {(4, "vote"): 1, (4, "sleep"): 1}
    assert (
        score_table(answer_frame(wide), own(), "strict")[OVERALL]
        == score_table(answer_frame(tidy), own(), "strict")[OVERALL]
    )
    for row in tidy:
        assert (row.graph, row.variant, row.model, row.fold, row.error) == ("1", "full", "", 1, "")
        assert row.probabilities == ({} if row.predicted is None else {row.predicted: 1.0})
        assert row.readable == (row.predicted is not None)
    assert {row.respondent: row.country for row in tidy} == {1: "DEU", 2: "DEU", 3: "TUR", 4: "TUR"}
    assert {(row.respondent, row.item): row.truth for row in wide}[4, "sleep"] is None


def test_an_unreadable_prediction_is_wrong_with_error_1_and_counted() -> None:
    """By hand: sleep of ann is off by a third, cem's is blank; votes of ann, bob and dan are right."""
    _, said = plan_and_lines(TIDY)
    score = score_table(answer_frame(rows(TIDY)[0]), own(), "strict")[OVERALL]

    assert score.accuracy == pytest.approx((1 / 2 + 2 / 2 + 0 + 1) / 4)
    assert score.mae == pytest.approx((1 / 3 + 1) / 2)  # bob's truth has no place on the scale
    assert score.readable == pytest.approx(5 / 7)
    assert said == ["1: 2 of 7 predictions cannot be read (1 blank, 1 no option): counted as wrong, with error 1."]


@pytest.mark.parametrize(
    ("cell", "cause"),
    [
        ("", "blank"),
        ("NA", "blank"),
        ("none of these", "no number"),
        ("inf", "no number"),
        ("-1", "no option"),
        ("1.5", "no option"),
        ("7", "no option"),
        ("99999999999", "no option"),
    ],
)
def test_why_a_prediction_cannot_be_read(cell: str, cause: str) -> None:
    for text in (f"respondent,item,predicted\nann,vote,{cell}\n", f"respondent,vote\nann,{cell}\n"):
        [row], _ = rows(text)
        _, said = plan_and_lines(text)

        assert (row.predicted, row.readable, row.probabilities) == (None, False, {})
        assert said == [f"1: 1 of 1 predictions cannot be read (1 {cause}): counted as wrong, with error 1."]


def test_an_empty_cell_says_nothing_where_the_truth_is_missing() -> None:
    found, _ = rows("respondent,trust,vote\ncem,,1\ndan,,\n")

    assert told(found) == {(3, "vote"): 1, (4, "trust"): None, (4, "vote"): None}


def test_what_was_not_asked_is_counted_and_not_scored() -> None:
    plan, said = plan_and_lines("respondent,item,predicted\nann,vote,2\nann,sleep,4\nbob,vote,1\ndan,sleep,1\n")

    assert plan.folds == (Fold(1, ("sleep", "vote"), ("Mood", "trust")),)
    assert said == [
        "1: 1 predictions are not scored: the person gave no answer, or the item is a fill-in.",
        "1: 2 of 5 cases with a truth have no prediction: not asked, not scored.",  # bob's sleep, dan's vote
    ]
    _, said = plan_and_lines("respondent,item,fold,predicted\nann,vote,1,2\nbob,sleep,2,4\nann,sleep,2,4\n")
    assert said == []  # in fold 1 nobody but ann is asked


def test_probabilities_are_kept_and_predict_where_no_code_does() -> None:
    lines = [
        ("ann", "", {"1": 0.2, "2": 0.8}, 2),
        ("bob", "3", {"1": 0.6, "3": 0.4}, 3),
        ("cem", "", {"1": 0.5, "3.0": 0.5}, None),
        ("dan", "2", None, 2),
    ]
    cells = [[who, "vote", code, json.dumps(shares) if shares else ""] for who, code, shares, _ in lines]
    text = "respondent\titem\tpredicted\tprobabilities\n" + "".join("\t".join(line) + "\n" for line in cells)
    found, _ = rows(text)
    _, said = plan_and_lines(text)

    assert [row.predicted for row in found] == [predicted for *_, predicted in lines]
    assert all(row.readable for row in found)
    assert [dict(row.probabilities) for row in found] == [
        {1: 0.2, 2: 0.8},
        {1: 0.6, 3: 0.4},
        {1: 0.5, 3: 0.5},
        {2: 1.0},
    ]
    assert said == ["1: 1 predictions are not the most probable code; accuracy takes them, MAE the median."]
    [alone], _ = rows('respondent\titem\tprobabilities\nann\tvote\t{"7": 1}\n')
    assert (alone.predicted, alone.readable) == (None, False)


@pytest.mark.parametrize("shares", ["0.5", "{}", '{"1": 0.5}', '{"1": 1.5, "2": -0.5}', '{"a": 1}', '{"1.5": 1}', "x"])
def test_what_is_no_distribution_is_refused(shares: str) -> None:
    with pytest.raises(DataError, match=r"1\.csv: row 2: probabilities .*JSON is wanted"):
        rows(f'respondent\titem\tprobabilities\nann\tvote\t{{"1": 1}}\nbob\tvote\t{shares}\n')


def test_shares_that_were_rounded_add_up_to_1() -> None:
    [row], _ = rows('respondent\titem\tprobabilities\nann\tvote\t{"1": 0.333, "2": 0.333, "3": 0.333}\n')

    assert sum(row.probabilities.values()) == pytest.approx(1, abs=1e-12)


def test_a_failed_call_is_no_answer() -> None:
    text = "respondent,item,predicted,error\nann,vote,,http_500\nbob,vote,1,\n"
    found, _ = rows(text)

    assert [(row.error, row.readable, row.predicted) for row in found] == [("http_500", False, None), ("", True, 1)]
    assert score_table(answer_frame(found), own(), "strict")[OVERALL].accuracy == 1
    assert plan_and_lines(text)[1] == []


def test_methods_are_called_what_the_file_the_command_or_its_name_says() -> None:
    one = "respondent,item,predicted,method,model,variant\nann,vote,2,,gpt-4.0,\nbob,vote,2,deep,,no_story\n"
    found, _ = rows(one, "respondent,vote\nann,2\n")

    named = [(row.graph, row.model, row.variant) for row in found]
    assert named == [("1", "gpt-4.0", "full"), ("deep", "", "no_story"), ("2", "", "full")]
    people, codebook = truth(), own()
    put("a.csv", one)
    put("b.csv", "respondent,vote\nann,2\n")
    lines, _ = match_predictions([Path("x=a.csv"), Path("y=b.csv"), Path("b.csv")], people, codebook)
    assert list(lines["graph"]) == ["x", "x/deep", "y", "b"]


def test_a_file_without_a_column_of_respondents_has_the_rows_of_the_truth() -> None:
    found, _ = rows("vote\n1\n2\n3\n1\n")
    assert told(found) == {(1, "vote"): 1, (2, "vote"): 2, (3, "vote"): 3, (4, "vote"): 1}

    with pytest.raises(DataError, match=r"2 in place of 4"):
        rows("vote\n1\n2\n")


def test_who_and_what_the_truth_lacks_is_named_and_left_aside() -> None:
    text = "respondent,item,predicted\nann,vote,1\nbob,vote,1\ncem,vote,1\nzoe,vote,1\nann,shoe_size,44\n"
    found, [note] = rows(text)

    assert told(found) == {(1, "vote"): 1, (2, "vote"): 1, (3, "vote"): 1}
    assert note.startswith(
        "1.csv: 2 of 5 predictions are about people (zoe) and items (shoe_size) that are not in truth"
    )
    with pytest.raises(DataError, match=r"^1\.csv: 3 of 5 predictions are about people \(blank, zoe\) and items"):
        rows(text.replace("bob", ""))


def test_a_file_that_is_mostly_about_others_is_refused_beside_one_that_is_not() -> None:
    with pytest.raises(DataError, match=r"^2\.csv: 1 of 1"):
        rows(WIDE, "respondent,vote\nzoe,1\n")


def test_people_who_are_counted_from_0_are_refused() -> None:
    people = truth("Mood,vote\n1,1\n2,2\n3,3\n4,1\n")

    assert told(rows("respondent,vote\n1,1\n4,1.0\n", people=people)[0]) == {(1, "vote"): 1, (4, "vote"): 1}
    with pytest.raises(DataError, match="known by their row, from 1"):
        rows("respondent,vote\n0,1\n1,2\n2,3\n3,1\n", people=people)


def test_predictions_of_missing_answers_alone_are_refused() -> None:
    with pytest.raises(DataError, match=r"no prediction is about an answer that truth\.csv holds"):
        rows("respondent,sleep\ndan,1\n")


def test_a_prediction_made_twice_is_refused_unless_it_is_a_references() -> None:
    text = "respondent,item,predicted,graph,decided_by\nann,vote,2,ridge,reference\n"
    assert len(rows(text, text)[0]) == 1

    with pytest.raises(DataError, match=r"2\.csv: deep predicts respondent ann, item vote, fold 1 twice"):
        rows(*2 * ("respondent,item,predicted,graph\nann,vote,2,deep\n",))


def test_folds_are_those_of_the_file_and_hold_for_files_that_have_none() -> None:
    with_folds = "respondent,item,fold,predicted\nann,vote,2,1\nann,sleep,1,4\n"
    found, _ = rows(with_folds, "respondent,sleep,vote\nbob,1,2\n")

    assert {(row.respondent, row.item): row.fold for row in found} == {
        (1, "vote"): 2, (1, "sleep"): 1, (2, "vote"): 2, (2, "sleep"): 1,
    }  # fmt: skip
    plan, _ = plan_and_lines(with_folds)
    assert plan.folds == (
        Fold(1, ("sleep",), ("Mood", "vote", "trust")),
        Fold(2, ("vote",), ("Mood", "sleep", "trust")),
    )
    with pytest.raises(DataError, match=r"2\.csv: in which fold item trust is held out cannot be told"):
        rows(with_folds, "respondent,trust\nbob,1\n")
    twice = with_folds + "bob,vote,1,1\n"
    with pytest.raises(DataError, match=r"2\.csv: in which fold item vote is held out cannot be told"):
        rows(twice, "respondent,vote\nbob,1\n")
    with pytest.raises(DataError, match=r"row 1: a fold is a whole number from 0"):
        rows(with_folds.replace("vote,2", "vote,two"))


def test_folds_that_are_given_say_what_was_known() -> None:
    given = (Fold(3, ("vote", "sleep"), ("Mood", "gone")),)
    found, _ = rows("respondent,vote\nann,1\n", folds=given)
    lines, _ = match_predictions([put("1.csv", "respondent,vote\nann,1\n")], truth(), own())
    folds = held_out_folds(assign_folds(lines, given), given, truth().people.items, own())

    assert [row.fold for row in found] == [3]
    assert folds == (Fold(3, ("vote", "sleep"), ("Mood",)),)
    with pytest.raises(DataError, match=r"1\.csv: item Mood is not held out in fold 3"):
        rows("respondent,item,fold,predicted\nann,Mood,3,1\n", folds=given)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("respondent,shoe_size\nann,44\n", "no column names an item"),
        ("item,predicted\nvote,1\n", "columns respondent and predicted or probabilities are wanted"),
        ("respondent,item\nann,vote\n", "columns respondent and predicted or probabilities are wanted"),
        ("respondent,vote,vote\nann,1,2\n", "column VOTE stands twice"),
        ("respondent,item,predicted\nann,vote,1,7\n", "row 1 has 4 fields"),
        ("respondent,item,predicted\n", "a header but no row"),
    ],
)
def test_what_is_no_file_of_predictions_is_refused(text: str, said: str) -> None:
    with pytest.raises(DataError, match=r"1\.csv") as refused:
        rows(text)

    assert said in str(refused.value)


def test_other_columns_of_a_wide_file_are_named() -> None:
    _, notes = rows("respondent,vote,country,minutes\nann,1,DEU,3\n")

    assert notes == ["1.csv: Columns that are no item are left aside: MINUTES."]
