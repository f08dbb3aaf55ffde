"""Which test items the profile gives away, against scikit-learn's information and hand-made people."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mutual_info_score

from evals.analysis.ladder import drop_leaked_items
from evals.analysis.leaks import MAX_FITTING, MIN_ANSWERED, MIN_SIMILARITY, LeakDetector
from survey.codebook import wvs7
from survey.folds import Fold, item_folds
from survey.respondents import Respondents, read_survey
from survey.synthetic import sample_path

BOOK = wvs7()


def people(**answers: list[int]) -> Respondents:
    """People with these codes by item, and no others."""
    codes = np.column_stack([np.array(column, dtype=np.int16) for column in answers.values()])
    context = pd.DataFrame({"country": ["AND"] * len(codes)})
    return Respondents(codes, tuple(answers), context, (), "made", "")


def leak(survey: Respondents, held_out: str, *known: str, **settings: float) -> tuple[str, str]:
    """The leak of one item, and by what."""
    line = LeakDetector(survey, BOOK, **settings).find_leaks([Fold(1, (held_out,), known)]).iloc[0]
    return line["leak"], line["by"]


@pytest.fixture(scope="module")
def synthetic() -> LeakDetector:
    return LeakDetector(read_survey(sample_path(), BOOK), BOOK)


def entropy(codes: np.ndarray) -> float:
    """In nats, with Miller and Madow's correction."""
    counts = np.unique(codes, return_counts=True)[1]
    return float(-(counts / len(codes)) @ np.log(counts / len(codes)) + (len(counts) - 1) / (2 * len(codes)))


@pytest.mark.parametrize(("item", "known"), [("Q165", "Q164"), ("Q269", "Q222"), ("Q1", "Q266"), ("Q6", "Q262")])
def test_what_is_left_of_the_entropy(synthetic: LeakDetector, item: str, known: str) -> None:
    survey = read_survey(sample_path(), BOOK)
    both = survey.codes[:, [survey.items.index(item), survey.items.index(known)]].astype(int)
    both = both[(both >= 0).all(axis=1)]
    mutual = mutual_info_score(both[:, 0], both[:, 1])
    pairs = len(np.unique(both, axis=0)), *(len(np.unique(column)) for column in both.T)
    corrected = mutual - (pairs[0] - pairs[1] - pairs[2] + 1) / (2 * len(both))

    assert synthetic.entropy_left.loc[item, known] == pytest.approx(1 - corrected / entropy(both[:, 0]))


def test_an_item_that_another_determines_is_leaked() -> None:
    one = [1 + place % 4 for place in range(400)]
    copied = people(Q1=one, Q2=one, Q3=[1 + place // 7 % 4 for place in range(400)])

    assert leak(copied, "Q1", "Q3", "Q2") == ("determined", "Q2")
    assert leak(copied, "Q1", "Q3") == ("", "Q3")
    assert LeakDetector(copied, BOOK).entropy_left.loc["Q1", "Q2"] < 0.02


def test_the_threshold_says_what_is_determined() -> None:
    stream = np.random.default_rng(5)
    one = stream.integers(1, 3, 4000)
    other = np.where(stream.random(4000) < 0.8, one, 3 - one)
    survey = people(Q7=one.tolist(), Q8=other.tolist())

    assert LeakDetector(survey, BOOK).entropy_left.loc["Q7", "Q8"] == pytest.approx(0.722, abs=0.02)  # H(0.2) in bits
    assert leak(survey, "Q7", "Q8")[0] == "soft"
    assert leak(survey, "Q7", "Q8", threshold=0.8) == ("determined", "Q8")


def test_rare_codes_of_few_people_do_not_look_determined() -> None:
    stream = np.random.default_rng(5)
    years, trust = stream.integers(1930, 2005, 150), stream.integers(1, 5, 150)
    survey = people(Q1=trust.tolist(), Q261=years.tolist())

    assert LeakDetector(survey, BOOK).entropy_left.loc["Q1", "Q261"] > 0.55  # 0.3 without the correction
    assert leak(survey, "Q1", "Q261")[0] == ""


def test_too_few_people_determine_nothing() -> None:
    one = [1 + place % 4 for place in range(MIN_ANSWERED - 1)]

    assert leak(people(Q1=one, Q2=one), "Q1", "Q2") == ("", "")
    missing = [*one, *[-2] * 300]
    assert leak(people(Q1=missing, Q2=[1] * len(missing)), "Q1", "Q2") == ("", "")


def test_what_nobody_answered_or_all_answered_alike_is_not_leaked() -> None:
    nobody = people(Q1=[-1] * 200, Q2=[1] * 200, Q3=[1, 2] * 100)

    assert leak(nobody, "Q1", "Q2", "Q3") == ("", "")
    assert leak(nobody, "Q2", "Q1", "Q3") == ("", "")
    assert leak(nobody, "Q44", "Q1", "Q3") == ("", "")  # not among the items of the file


@pytest.mark.parametrize(
    ("item", "known", "found"),
    [
        ("Q152", "Q153", "tied"),
        ("Q157", "Q156", "tied"),
        ("Q263", "Q266", "tied"),
        ("Q273", "Q280", "tied"),
        ("Q152", "Q154", ""),
        ("Q7", "Q17", "soft"),
        ("Q17", "Q18", ""),
    ],
)
def test_items_tied_by_the_questionnaire(item: str, known: str, found: str) -> None:
    assert leak(people(Q1=[1, 2]), item, known)[0] == found


def test_look_alike_wordings_are_a_flag_within_a_section_alone(synthetic: LeakDetector) -> None:
    lines = synthetic.find_leaks(item_folds(list(BOOK.items)))
    wording = lines[lines["leak"] == "wording"]

    assert len(wording) > 10
    for line in wording.itertuples():
        assert synthetic.similarity.loc[line.item, line.by] >= MIN_SIMILARITY
        assert BOOK.items[str(line.item)].section == BOOK.items[str(line.by)].section


def test_the_leaks_of_the_published_folds(synthetic: LeakDetector) -> None:
    lines = synthetic.find_leaks(item_folds(list(BOOK.items)))

    assert len(lines) == 280
    assert (lines["leak"] == "tied").sum() == 10  # as counted on real people: the questionnaire is the same
    assert set(lines.loc[lines["leak"] == "determined", "item"]) == {"Q165", "Q269"}
    assert lines["left"].notna().all()


def test_a_suggest_profile_size_gives_less_away(synthetic: LeakDetector) -> None:
    folds = item_folds(list(BOOK.items))
    whole, small, none = (
        synthetic.find_leaks(folds, size)["leak"].isin(["tied", "determined"]) for size in (None, 100, 0)
    )

    assert none.sum() == 0 < small.sum() < whole.sum()


def test_an_item_that_is_leaked_in_one_fold_is_left_out_of_all() -> None:
    frame = pd.DataFrame({"fold": [1, 1, 2, 2], "item": ["Q1", "Q2", "Q1", "Q3"], "accuracy": [1.0, 0.0, 1.0, 1.0]})
    leaks = pd.DataFrame({"fold": [1, 1, 2], "item": ["Q1", "Q2", "Q3"], "leak": ["tied", "soft", "determined"]})

    assert drop_leaked_items(frame, leaks, ("tied", "determined"))["item"].tolist() == ["Q2"]


def test_of_many_people_some_are_looked_at_the_same_each_time() -> None:
    stream = np.random.default_rng(1)
    one = stream.integers(1, 5, 3 * MAX_FITTING)
    survey = people(Q1=one.tolist(), Q2=np.roll(one, 1).tolist())

    first, second = (LeakDetector(survey, BOOK).entropy_left for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert first.loc["Q1", "Q2"] == pytest.approx(1, abs=0.01)
