"""The files of a run directory: their names, the version of their format, whole writing."""

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

FORMAT = 1
"""The version of a run directory's format, which `config.json` states."""
CONFIG, METRICS, PREDICTIONS = "config.json", "metrics.json", "predictions.csv"
PREDICTIONS_PARQUET = "predictions.parquet"
FOLDS, RESPONDENTS = "folds.json", "respondents.csv"
LEDGER, CALLS, BATCHES = "ledger.sqlite", "calls.sqlite", "batches.sqlite"
ANSWERS, ANSWERS_PARQUET, STORIES = "answers.csv", "answers.parquet", "stories.csv"
LOCK, PART = "lock", ".part"
"""The lock that a running process holds, and the suffix of a file that is not whole yet."""


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file whole or not at all."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_whole(path, lambda file: file.write(text))


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a csv file whole or not at all."""

    def fill(file: IO[str]) -> None:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

    write_whole(path, fill)


def write_whole(path: Path, fill: Callable[[IO[str]], object]) -> None:
    """Fill a file with the suffix `PART` and move it to its place."""
    part = path.with_name(path.name + PART)
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            fill(file)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
