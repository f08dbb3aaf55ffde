"""Writes and reads `predictions.csv` and `predictions.parquet`: answers as files."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from baselines.answer_frame import (
    ANSWER_COLUMNS,
    NAMES,
    PREDICTION_COLUMNS,
    Shares,
    frame_of_columns,
)
from evals.formats import PART, write_whole

BLOCK = 100_000
"""Lines that are turned into text at once."""
WHOLE = ("respondent", "fold", "draw")
NEED_QUOTES = (",", '"', "\n", "\r")


def write_answers_csv(
    path: Path, answers: pd.DataFrame, respondents: Sequence[str] | None = None
) -> None:
    """Write an answer frame as csv, whole or not at all, block by block.

    What is missing is empty; probabilities are JSON and keep every digit, so that a run scored
    again gets the same scores. `respondents`: names to write in place of row numbers from 1.
    """

    def fill(file: IO[str]) -> None:
        file.write(",".join(PREDICTION_COLUMNS) + "\n")
        for start in range(0, len(answers), BLOCK):
            block = answers.iloc[start : start + BLOCK]
            columns = [_texts(block, name, respondents) for name in PREDICTION_COLUMNS]
            lines = pc.binary_join_element_wise(*columns, ",")
            file.write("\n".join(lines.to_pylist()) + "\n")

    write_whole(path, fill)


def _texts(block: pd.DataFrame, name: str, respondents: Sequence[str] | None) -> pa.Array:
    """Return the cells of one column as text."""
    column = block[name]
    if name == "probabilities":
        return _json_texts(Shares.of(block))
    if name == "respondent" and respondents is not None:
        numbers, places = np.unique(column.to_numpy(), return_inverse=True)
        return _chosen([_quoted(respondents[number - 1]) for number in numbers], places)
    if name in NAMES:
        names = list(map(_quoted, map(str, column.cat.categories)))
        return _chosen(names, column.cat.codes.to_numpy())
    if name == "readable":
        return _chosen(["False", "True"], column.to_numpy(np.int8))
    return pc.fill_null(pc.cast(pa.array(column), pa.string()), "")


def _chosen(texts: Sequence[str], places: NDArray[Any]) -> pa.Array:
    """Return one of the texts a line."""
    return pa.array(texts, pa.string()).take(pa.array(places.astype(np.int64)))


def _quoted(text: str) -> str:
    """Return a cell as csv has it: in quotes where it holds a comma, a quote or a line's end."""
    if any(sign in text for sign in NEED_QUOTES):
        return '"' + text.replace('"', '""') + '"'
    return text


def _json_texts(shares: Shares) -> pa.Array:
    """Return shares as JSON objects in csv cells; "" where there are none."""
    codes, code_places = np.unique(shares.codes, return_inverse=True)
    values, value_places = np.unique(shares.values, return_inverse=True)
    # in a csv cell a quotation mark stands twice
    names = _chosen([f'""{code}"": ' for code in codes.tolist()], code_places)
    numbers = _chosen(list(map(repr, values.tolist())), value_places)
    pairs = pc.binary_join_element_wise(names, numbers, "")
    lists = pa.ListArray.from_arrays(pa.array(shares.edges, pa.int32()), pairs)
    objects = pc.binary_join_element_wise('"{', pc.binary_join(lists, ", "), '}"', "")
    return pc.if_else(pa.array(np.diff(shares.edges) > 0), objects, "")


def read_answers_csv(path: Path) -> pd.DataFrame:
    """Read an answer frame from csv.

    Raises OSError, ValueError or KeyError where the file is not as `write_answers_csv` writes it.
    """
    lines = pd.read_csv(path, dtype=str, keep_default_na=False)[PREDICTION_COLUMNS]
    columns: dict[str, Any] = {}
    for name in ANSWER_COLUMNS:
        if name not in lines:
            columns[name] = ""
        elif name in NAMES:
            columns[name] = lines[name].to_numpy(object)
        elif name in ("truth", "predicted"):
            columns[name] = lines[name].where(lines[name] != "", "-1").to_numpy(np.int64)
        elif name in WHOLE:
            columns[name] = lines[name].to_numpy(np.int64)
    columns["readable"] = (lines["readable"] == "True").to_numpy()
    return frame_of_columns(columns, Shares.of_texts(lines["probabilities"].tolist()))


def write_answers_parquet(
    path: Path, answers: pd.DataFrame, respondents: Sequence[str] | None = None
) -> None:
    """Write an answer frame as Parquet, whole or not at all; names are dictionaries, probabilities
    maps.

    `respondents`: names to write in place of row numbers from 1.
    """
    from pyarrow import parquet

    columns = {name: pa.array(answers[name]) for name in PREDICTION_COLUMNS}
    if respondents is not None:
        columns["respondent"] = _texts(answers, "respondent", respondents)
    part = path.with_name(path.name + PART)
    try:
        parquet.write_table(pa.table(columns), part, compression="zstd")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
