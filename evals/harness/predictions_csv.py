"""The columns and lines of `predictions.csv`."""

import json
from dataclasses import fields
from typing import Any

from baselines.method import Row

LEDGER_ONLY = {"cause", "message", "calls"}
"""Fields of a row that the ledger alone keeps."""
PREDICTION_COLUMNS = tuple(field.name for field in fields(Row) if field.name not in LEDGER_ONLY)


def prediction_line(row: Row) -> list[Any]:
    """Return a row as a line of `predictions.csv`: None is empty, probabilities are JSON.

    Probabilities keep every digit, so that a run scored again gets the same scores.
    """
    values = {name: getattr(row, name) for name in PREDICTION_COLUMNS}
    shares = {str(code): share for code, share in sorted(row.probabilities.items())}
    values["probabilities"] = json.dumps(shares) if shares else ""
    return ["" if value is None else value for value in values.values()]
