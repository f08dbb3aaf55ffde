"""Predictions held against the truth: rows as a run has them, and what was not asked, not known, or
not read.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from baselines.method import Row
from evals.analysis.frame import CASE, METHOD
from evals.scoring.predictions import is_reference, read_predictions
from evals.scoring.truth import Truth
from survey.archive import DataError
from survey.codebook import Codebook


def match_predictions(
    files: Sequence[Path], truth: Truth, codebook: Codebook
) -> tuple[pd.DataFrame, list[str]]:
    """The lines of all files of predictions, in their order, that are about the truth; and what was
    noticed.

    Raises DataError, one line, for a file that cannot be used, or where no prediction meets an
    answer.
    """
    found, notes = [], []
    for each in files:
        lines, noticed = read_predictions(each, codebook)
        lines, aside = _known(lines, truth)
        found.append(lines)
        notes += [*noticed, *aside]
    every = pd.concat(found, ignore_index=True)
    if not (every["truth"] >= 0).any():
        raise DataError(f"no prediction is about an answer that {truth.people.source} holds")
    return every, notes


def _known(lines: pd.DataFrame, truth: Truth) -> tuple[pd.DataFrame, list[str]]:
    """The lines of one file about people and items of the truth, and what was left aside.

    They get the `respondent`'s row number, and the `truth`: a code, negative where there is none.
    Raises DataError where more than half are about others, or where people seem to be counted from
    0, or are not as many.
    """
    source, people = lines["source"].iloc[0], len(truth.people)
    by_row = (
        " (which has no column respondent: its people are known by their row, from 1)"
        if truth.by_row
        else ""
    )
    if not lines["named"].all() and lines["row"].max() != people:
        raise DataError(
            f"{source} has no column respondent, and not as many rows as {truth.people.source}: "
            f"{lines['row'].max()} in place of {people}"
        )
    rows = lines["id"].map(truth.rows).where(lines["named"], lines["row"])
    aside = rows.isna() | ~lines["item"].isin(truth.people.items)
    others = {
        "people": lines.loc[rows.isna(), "id"],
        "items": lines.loc[rows.notna() & aside, "item"],
    }
    parts = [f"{kind} ({_listed(names)})" for kind, names in others.items() if len(names)]
    said = (
        f"{source}: {aside.sum()} of {len(lines)} predictions are about {' and '.join(parts)} that "
        f"are not in "
    )
    said += f"{truth.people.source}{by_row}"
    if aside.sum() * 2 > len(lines) or (truth.by_row and (lines["id"] == "0").any()):
        raise DataError(said)
    return _with_truth(lines[~aside], rows[~aside], truth), [
        f"{said}; they are left aside."
    ] if parts else []


def _with_truth(lines: pd.DataFrame, rows: pd.Series, truth: Truth) -> pd.DataFrame:
    """The lines with the row of the person and the person's answer; without empty cells where there
    is no answer.
    """
    respondent = rows.to_numpy(np.int64)
    column = (
        lines["item"]
        .map({item: place for place, item in enumerate(truth.people.items)})
        .to_numpy(np.int64)
    )
    found = lines.assign(respondent=respondent, truth=truth.people.codes[respondent - 1, column])
    return found[~(found["empty"] & (found["truth"] < 0))]


def _listed(names: pd.Series, most: int = 5) -> str:
    """The first of the distinct names, and how many there are."""
    distinct = [str(name) or "blank" for name in names.unique()]
    return ", ".join(distinct[:most]) + (
        f" and {len(distinct) - most} more" if len(distinct) > most else ""
    )


def deduplicate(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines, a reference's answer that stands in several files taken once; DataError for any
    other twin.
    """
    key = [*METHOD, *CASE]
    twin = lines.duplicated(key) & is_reference(lines)
    lines = lines[~twin]
    for line in lines[lines.duplicated(key)][:1].to_dict("records"):
        name = " ".join(
            filter(
                None,
                (
                    line["graph"],
                    line["variant"] if line["variant"] != "full" else "",
                    line["model"],
                ),
            )
        )
        raise DataError(
            f"{line['source']}: {name} predicts respondent {line['id']}, item {line['item']}, fold "
            f"{line['fold']} "
            "twice: tell methods apart by NAME=FILE or a column method"
        )
    return lines


def prediction_rows(lines: pd.DataFrame, truth: Truth, codebook: Codebook) -> list[Row]:
    """The lines of `gather` as rows, in the order of the lines."""
    countries = truth.people.context["country"].to_numpy(object)
    single = {code: {code: 1.0} for code in lines["predicted"].unique().tolist()}
    rows = []
    each: Iterator[Any] = lines.itertuples(index=False)
    for line in each:
        read = not line.why and not line.error
        row = Row(
            graph=line.graph,
            variant=line.variant,
            model=line.model,
            protocol=line.protocol,
            respondent=line.respondent,
            fold=line.fold,
            item=line.item,
            country=str(countries[line.respondent - 1]),
            dimension=codebook.items[line.item].dimension,
            truth=line.truth if line.truth >= 0 else None,
            predicted=line.predicted if line.predicted >= 0 else None,
            probabilities=(line.shares or single[line.predicted]) if read else {},
            readable=read,
            error=line.error,
            decided_by=line.decided_by,
            draw=0,
        )
        rows.append(row)
    return rows
