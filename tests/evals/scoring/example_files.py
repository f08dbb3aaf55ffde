"""Files of answers and predictions, written and read."""

from collections.abc import Iterable
from pathlib import Path

from baselines.method import Row
from evals.scoring.folds import assign_folds
from evals.scoring.item_file import read_item_file
from evals.scoring.matching import deduplicate, match_predictions, prediction_answers
from evals.scoring.truth import Truth, read_truth
from survey.codebook import Codebook
from survey.folds import Fold
from tests.evals.answer_rows import rows_of

ITEMS = """id,kind,codes,off_scale
Mood,ordinal,1-4,
sleep,ordinal,4-1,9
vote,nominal,1;2;3,
trust,binary,0;1,
"""
TRUTH = """respondent,country,Mood,sleep,vote,trust
ann,DEU,1,4,2,1
bob,DEU,2,9,1,0
cem,TUR,3,1,3,
dan,TUR,4,-2,1,1
"""


def put(name: str, text: str, encoding: str = "utf-8") -> Path:
    """Write a file."""
    path = Path(name)
    path.write_bytes(text.encode(encoding))
    return path


def own() -> Codebook:
    """The items of these files."""
    return read_item_file(put("items.csv", ITEMS))


def truth(text: str = TRUTH, codebook: Codebook | None = None) -> Truth:
    """What people answered."""
    return read_truth(put("truth.csv", text), codebook or own())


def rows(*texts: str, folds: Iterable[Fold] = (), people: Truth | None = None) -> tuple[list[Row], list[str]]:
    """The rows of files called 1.csv, 2.csv and so on, and what was noticed."""
    codebook, people = own(), people or truth()
    files = [put(f"{number}.csv", text) for number, text in enumerate(texts, 1)]
    lines, notes = match_predictions(files, people, codebook)
    return rows_of(prediction_answers(deduplicate(assign_folds(lines, tuple(folds))), people, codebook)), notes


def told(found: Iterable[Row]) -> dict[tuple[int, str], int | None]:
    """What is predicted, by person and item."""
    return {(row.respondent, row.item): row.predicted for row in found}
