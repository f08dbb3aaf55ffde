"""Matches predictions with the truth, and makes rows of them such as a run has."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from baselines.answer_frame import NO_CODE, Shares, frame_of_columns
from evals.analysis.frame import CASE, METHOD
from evals.scoring.predictions import is_reference, read_predictions
from evals.scoring.truth import Truth
from survey.archive import DataError
from survey.codebook import Codebook


def match_predictions(
    files: Sequence[Path], truth: Truth, codebook: Codebook
) -> tuple[pd.DataFrame, list[str]]:
    """Read all files of predictions, and keep the lines about people and items of the truth.

    The table has the columns of `read_predictions`; the `respondent`'s row number, from 1; and the
    `truth`, a code, negative where the person gave no answer. Also returns what was noticed, a
    sentence each. Raises DataError, one line, for a file that cannot be used, or where no
    prediction is about an answer.
    """
    tables, notes = [], []
    for file in files:
        lines, noticed = read_predictions(file, codebook)
        lines, left_out = _match_file(lines, truth)
        tables.append(lines)
        notes += [*noticed, *left_out]
    matched = pd.concat(tables, ignore_index=True)
    if not (matched["truth"] >= 0).any():
        raise DataError(f"no prediction is about an answer that {truth.people.source} holds")
    return matched, notes


def _match_file(lines: pd.DataFrame, truth: Truth) -> tuple[pd.DataFrame, list[str]]:
    """Keep the lines of one file about people and items of the truth, and note what was left out.

    Raises DataError where more than half are about others, where people seem to be counted from 0,
    or where a file without ids has another number of rows than the truth.
    """
    source, people = lines["source"].iloc[0], len(truth.people)
    if not lines["named"].all() and lines["row"].max() != people:
        raise DataError(
            f"{source} has no column respondent, and not as many rows as {truth.people.source}: "
            f"{lines['row'].max()} in place of {people}"
        )
    rows = lines["id"].map(truth.rows).where(lines["named"], lines["row"])
    unknown = rows.isna() | ~lines["item"].isin(truth.people.items)
    notes = []
    if unknown.any():
        note = _describe_unknown(lines, rows.isna(), unknown, truth)
        if unknown.sum() * 2 > len(lines) or (truth.by_row and (lines["id"] == "0").any()):
            raise DataError(note)
        notes.append(f"{note}; they are left aside.")
    return _add_truth(lines[~unknown], rows[~unknown], truth), notes


def _describe_unknown(
    lines: pd.DataFrame, no_person: "pd.Series[bool]", unknown: "pd.Series[bool]", truth: Truth
) -> str:
    """Say how many lines are about people or items that the truth lacks, and name some of them."""
    parts = []
    if no_person.any():
        parts.append(f"people ({_first_names(lines.loc[no_person, 'id'])})")
    if (unknown & ~no_person).any():
        parts.append(f"items ({_first_names(lines.loc[unknown & ~no_person, 'item'])})")
    by_row = ""
    if truth.by_row:
        by_row = " (which has no column respondent: its people are known by their row, from 1)"
    return (
        f"{lines['source'].iloc[0]}: {unknown.sum()} of {len(lines)} predictions are about "
        f"{' and '.join(parts)} that are not in {truth.people.source}{by_row}"
    )


def _add_truth(lines: pd.DataFrame, rows: pd.Series, truth: Truth) -> pd.DataFrame:
    """Add the person's row and answer to each line; drop empty cells about no answer."""
    respondent = rows.to_numpy(np.int64)
    columns = {item: column for column, item in enumerate(truth.people.items)}
    column = lines["item"].map(columns).to_numpy(np.int64)
    found = lines.assign(respondent=respondent, truth=truth.people.codes[respondent - 1, column])
    return found[~(found["empty"] & (found["truth"] < 0))]


def _first_names(names: pd.Series, most: int = 5) -> str:
    """The first few distinct names, and how many more there are."""
    distinct = [str(name) or "blank" for name in names.unique()]
    text = ", ".join(distinct[:most])
    if len(distinct) > most:
        text += f" and {len(distinct) - most} more"
    return text


def deduplicate(lines: pd.DataFrame) -> pd.DataFrame:
    """Keep one of the same answers of a reference that several files hold.

    Raises DataError where any other method predicts a case twice.
    """
    key = [*METHOD, *CASE]
    repeated = lines.duplicated(key) & is_reference(lines)
    lines = lines[~repeated]
    for line in lines[lines.duplicated(key)][:1].to_dict("records"):
        variant = "" if line["variant"] == "full" else line["variant"]
        name = " ".join(filter(None, (line["graph"], variant, line["model"])))
        raise DataError(
            f"{line['source']}: {name} predicts respondent {line['id']}, item {line['item']}, fold "
            f"{line['fold']} twice: tell methods apart by NAME=FILE or a column method"
        )
    return lines


def prediction_answers(lines: pd.DataFrame, truth: Truth, codebook: Codebook) -> pd.DataFrame:
    """Turn the lines of `match_predictions`, which have a fold each, into an answer frame."""
    countries = truth.people.context["country"].to_numpy(object)
    read = ((lines["why"] == "") & (lines["error"] == "")).to_numpy(bool)
    maps = []
    for was_read, shares, code in zip(read, lines["shares"], lines["predicted"], strict=True):
        maps.append((shares or {int(code): 1.0}) if was_read else {})
    respondents = lines["respondent"].to_numpy(np.int64)
    columns: dict[str, Any] = {}
    for name in ("graph", "variant", "model", "protocol", "item", "error", "decided_by"):
        columns[name] = lines[name].astype(str).to_numpy(object)
    for name in ("truth", "predicted"):
        codes = lines[name].to_numpy(np.int64)
        columns[name] = np.where(codes >= 0, codes, NO_CODE)
    return frame_of_columns(
        {
            **columns,
            "respondent": respondents,
            "fold": lines["fold"].to_numpy(np.int64),
            "country": countries[respondents - 1].astype(str).astype(object),
            "dimension": [codebook.items[str(item)].dimension for item in lines["item"]],
            "readable": read,
        },
        Shares.of_maps(maps),
    )
