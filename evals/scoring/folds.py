"""Which items were held out together: from the lines themselves, or from the `folds.json` of a
run.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from evals.runner.results import RIDGE
from evals.scoring.predictions import split_name
from evals.scoring.predictions_table import NO_FOLD
from survey.archive import DataError
from survey.codebook import Codebook
from survey.folds import Fold

FILE = "folds.json"


def read_folds(
    file: Path | None, predictions: Sequence[Path]
) -> tuple[tuple[Fold, ...], list[str]]:
    """The folds of a file, or of the one beside the predictions, and a sentence that says so; none
    where there is none.

    Raises DataError for a file that cannot be read, or where several files beside predictions
    differ.
    """
    paths = [split_name(each)[1].parent / FILE for each in predictions]
    found = [path for path in paths if path.is_file()] if file is None else [file]
    if not found:
        return (), []
    if len(found) > 1 and len({path.read_bytes() for path in found}) > 1:
        raise DataError(
            f"the {FILE} beside the predictions differ: what was held out together must be the "
            f"same for all"
        )
    said = f"Held-out and known items are those of {found[0]}."
    return _read(found[0]), [said]


def ridges(predictions: Sequence[Path]) -> list[float]:
    """The penalties of the regressions in files of runs, as the `metrics.json` beside them tell;
    none where none do.
    """
    found: set[float] = set()
    for path in {split_name(each)[1].parent / "metrics.json" for each in predictions}:
        with suppress(OSError, ValueError, AttributeError, TypeError):  # no run's: nothing is known
            found.update(map(float, json.loads(path.read_text(encoding="utf-8")).get(RIDGE, ())))
    return sorted(found)


def _read(path: Path) -> tuple[Fold, ...]:
    """The folds in a file such as a run writes: by number, the items `held_out` and `known`. Raises
    DataError.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
        return tuple(
            Fold(int(number), tuple(map(str, fold["held_out"])), tuple(map(str, fold["known"])))
            for number, fold in found.items()
        )
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(
            f"{path.name}: by number of the fold, items held_out and known are wanted"
        ) from None


def assign_folds(lines: pd.DataFrame, folds: Sequence[Fold]) -> pd.DataFrame:
    """The lines, each with a fold: where it names none, the one in which its item is held out.

    Without any folds all lines are in fold 1. Raises DataError for a line without a fold whose item
    is held out in none or in several, and for one whose item is not held out in its fold.
    """
    none = lines["fold"] == NO_FOLD
    if none.all() and not folds:
        return lines.assign(fold=1)
    pairs = [(item, fold.number) for fold in folds for item in fold.held_out]
    told = (
        pd.DataFrame(pairs, columns=["item", "fold"])
        if folds
        else lines.loc[~none, ["item", "fold"]]
    )
    told = told.drop_duplicates()
    if folds:
        keys = pd.MultiIndex.from_frame(told)
        outside = ~none & ~pd.MultiIndex.from_frame(lines[["item", "fold"]]).isin(keys)
        for line in lines[outside][:1].itertuples():
            raise DataError(
                f"{line.source}: item {line.item} is not held out in fold {line.fold} of {FILE}"
            )
    only = told[~told["item"].duplicated(keep=False)].set_index("item")["fold"]
    filled = lines["fold"].where(~none, lines["item"].map(only))
    for line in lines[filled.isna()][:1].itertuples():
        raise DataError(
            f"{line.source}: in which fold item {line.item} is held out cannot be told: add a "
            f"column fold"
        )
    return lines.assign(fold=filled.astype(np.int64))


def held_out_folds(
    lines: pd.DataFrame, folds: Sequence[Fold], items: Sequence[str], codebook: Codebook
) -> tuple[Fold, ...]:
    """The folds of these lines: those given, or what is predicted for anybody against what `items`
    are left.

    Items are those that people have answers to; no others are known.
    """
    there = [item for item in codebook.items if item in set(items)]
    found = []
    for number, own in lines.groupby("fold")["item"]:
        given = next((fold for fold in folds if fold.number == number), None)
        asked = set(own) if given is None else set(given.held_out)
        known = [item for item in there if item not in asked] if given is None else given.known
        held = [item for item in there if item in asked] if given is None else given.held_out
        found.append(
            Fold(int(str(number)), tuple(held), tuple(item for item in known if item in set(items)))
        )
    return tuple(found)
