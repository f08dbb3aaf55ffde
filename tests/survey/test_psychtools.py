"""People in the R package psychTools: read from a made-up copy, whose objects are pickled in place of R's own form."""

import pickle
import sys
import zlib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey.archive import DataError
from survey.open_survey import codebook_of, open_survey

TRAITS = {"E": ["V1", "-V2"], "N": ["V3"], "L": ["V4"], "Imp": ["V1"]}


def objects() -> dict[str, Any]:
    """Three people asked twice, one of them silent once, and two who rated two statements."""
    lines = []
    for time in (2, 1):
        for person in (3, 1, 2):
            answers = {f"V{number}": float(1 + (person + time * (number == 1)) % 2) for number in (1, 2, 3, 4)}
            lines.append({"id": person, "time": time, "study": "LAB", **answers})
    twice = pd.DataFrame(lines)
    twice.loc[(twice["id"] == 2) & (twice["time"] == 2), "V3"] = np.nan
    wordings = pd.DataFrame({"Content": [f"Is {{this}} question\n{number}?" for number in (1, 2, 3, 4)]})
    wordings.index = pd.Index(["V1", "V2", "V3", "V4"])
    rated = pd.DataFrame({"age": [30.0, np.nan], "sex": [1.0, 2.0], "q_1": [6, 1], "q_2": [2, 3]})
    about = pd.DataFrame({"item": ["age", "sex", "Like it.", "Hate it."], "L27": ["", "", "Joy", "Anger"]})
    about.index = pd.Index(["age", "sex", "q_1", "q_2"])
    about["B5"] = [None, None, "Open", None]
    keys = {key: np.array(names) for key, names in TRAITS.items()}
    return {"epiR": twice, "epi.dictionary": wordings, "epi.keys": keys, "spi": rated, "spi.dictionary": about}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data of the package, in a folder."""
    reader: Any = ModuleType("rdata")
    reader.parser = SimpleNamespace(parse_data=lambda content, extension: content)
    reader.conversion = SimpleNamespace(convert=pickle.loads)
    monkeypatch.setitem(sys.modules, "rdata", reader)
    places, content = {}, b""
    for name, found in objects().items():
        packed = pickle.dumps(found)
        packed = len(packed).to_bytes(4, "big") + zlib.compress(packed)
        places[name] = [len(content), len(packed)]
        content += packed
    packer = zlib.compressobj(wbits=31)
    index = packer.compress(pickle.dumps({"variables": places})) + packer.flush()
    (tmp_path / "Rdata.rdb").write_bytes(content)
    (tmp_path / "Rdata.rdx").write_bytes(index)
    return tmp_path


def test_people_who_were_asked_twice_have_both_answers(folder: Path) -> None:
    people = open_survey(f"epiR:{folder}")

    assert people.retest is not None and people.codes.shape == people.retest.shape == (3, 4)
    assert (people.codes[:, 0] != people.retest[:, 0]).all()
    assert (people.codes[:, 1] == people.retest[:, 1]).all()
    assert people.retest[1, 2] < 0 <= people.codes[1, 2]
    item = people.codebook.items["V2"]
    assert (item.question, item.section, item.tell(1)) == (
        "Is (this) question 2?",
        "Extraversion",
        "Asked “Is (this) question 2?”, you say yes.",
    )
    left = people.others([1])
    assert left.retest is not None and len(left.retest) == len(left) == 2


def test_statements_with_sex_and_age_as_background(folder: Path) -> None:
    people = open_survey(f"spi:{folder}")

    assert people.answers(1) == {"q_1": 6, "q_2": 2, "sex": 1, "age": 30}
    assert "age" not in people.answers(2) and people.retest is None
    assert people.codebook.background == ("sex", "age") and people.codebook.asked_dimensions == ("open", "other")
    assert people.codebook.items["q_2"].tell(3).endswith("“Hate it.”, you say: slightly inaccurate.")
    assert codebook_of(f"spi:{folder}").items == people.codebook.items


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no folder .*r-cran-psychtools") as refused:
        open_survey(f"epiR:{tmp_path / 'nowhere'}")
    assert "\n" not in str(refused.value)


def test_a_reader_that_is_not_installed_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdata", None)

    with pytest.raises(DataError, match="pip install rdata"):
        open_survey(f"epiR:{folder}")


@pytest.mark.parametrize("name", ["Rdata.rdx", "Rdata.rdb"])
def test_a_file_that_is_damaged_or_missing_is_one_line(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"no")
    with pytest.raises(DataError, match="cannot be read"):
        open_survey(f"epiR:{folder}")

    (folder / name).unlink()
    with pytest.raises(DataError, match="cannot be read"):
        open_survey(f"epiR:{folder}")
