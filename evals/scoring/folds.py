"""Which items were held out together: as the predictions say, or the `folds.json` of a run."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from evals.runner.scores import RIDGE
from evals.scoring.predictions import split_name
from evals.scoring.predictions_table import NO_FOLD
from survey.archive import DataError
from survey.codebook import Codebook
from survey.folds import Fold

FILE = "folds.json"


def read_folds(
    file: Path | None, predictions: Sequence[Path]
) -> tuple[tuple[Fold, ...], list[str]]:
    """Read the folds of `file`, or else of the `folds.json` beside the predictions.

    Also returns a note that says which file it was; both are empty where there is none. Raises
    DataError for a file that cannot be read, or where the files beside the predictions differ.
    """
    if file is not None:
        found = [file]
    else:
        found = list(filter(Path.is_file, files_beside(predictions, FILE)))
    if not found:
        return (), []
    if len(found) > 1 and len(set(map(Path.read_bytes, found))) > 1:
        raise DataError(
            f"the {FILE} beside the predictions differ: what was held out together must be the "
            f"same for all"
        )
    return _read_file(found[0]), [f"Held-out and known items are those of {found[0]}."]


def files_beside(predictions: Sequence[Path], name: str) -> list[Path]:
    """The paths of the files of this name in the directories of the predictions, in their order."""
    return [split_name(given)[1].parent / name for given in predictions]


def read_ridges(predictions: Sequence[Path]) -> list[float]:
    """Read the penalties of the regressions from each `metrics.json` beside the predictions.

    A file that is absent, or that no run wrote, adds none.
    """
    ridges: set[float] = set()
    for path in files_beside(predictions, "metrics.json"):
        with suppress(OSError, ValueError, AttributeError, TypeError):
            ridges.update(map(float, json.loads(path.read_text(encoding="utf-8")).get(RIDGE, ())))
    return sorted(ridges)


def _read_file(path: Path) -> tuple[Fold, ...]:
    """Read folds as a run writes them: by number, the items `held_out` and `known`.

    Raises DataError.
    """
    try:
        folds = []
        for number, fold in json.loads(path.read_text(encoding="utf-8-sig")).items():
            held_out, known = map(str, fold["held_out"]), map(str, fold["known"])
            folds.append(Fold(int(number), tuple(held_out), tuple(known)))
        return tuple(folds)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(
            f"{path.name}: by number of the fold, items held_out and known are wanted"
        ) from None


def assign_folds(lines: pd.DataFrame, folds: Sequence[Fold]) -> pd.DataFrame:
    """Give each line a fold: a line that names none gets the one in which its item is held out.

    Without any folds all lines are in fold 1. Raises DataError for a line without a fold whose item
    is held out in none or in several, and for a line whose item is not held out in its fold.
    """
    unnamed = lines["fold"] == NO_FOLD
    if unnamed.all() and not folds:
        return lines.assign(fold=1)
    if folds:
        pairs = _held_out_pairs(folds)
        _validate_folds(lines[~unnamed], pairs)
    else:
        pairs = lines.loc[~unnamed, ["item", "fold"]].drop_duplicates()
    in_one_fold = pairs[~pairs["item"].duplicated(keep=False)].set_index("item")["fold"]
    filled = lines["fold"].where(~unnamed, lines["item"].map(in_one_fold))
    for line in lines[filled.isna()][:1].itertuples():
        raise DataError(
            f"{line.source}: in which fold item {line.item} is held out cannot be told: add a "
            f"column fold"
        )
    return lines.assign(fold=filled.astype(np.int64))


def _held_out_pairs(folds: Sequence[Fold]) -> pd.DataFrame:
    """Each held-out item with its fold, one line a pair, columns `item` and `fold`."""
    pairs = []
    for fold in folds:
        pairs += [(item, fold.number) for item in fold.held_out]
    return pd.DataFrame(pairs, columns=["item", "fold"]).drop_duplicates()


def _validate_folds(lines: pd.DataFrame, pairs: pd.DataFrame) -> None:
    """Raise DataError for a line whose item is not held out in the fold that it names."""
    known = pd.MultiIndex.from_frame(pairs)
    outside = ~pd.MultiIndex.from_frame(lines[["item", "fold"]]).isin(known)
    for line in lines[outside][:1].itertuples():
        raise DataError(
            f"{line.source}: item {line.item} is not held out in fold {line.fold} of {FILE}"
        )


def held_out_folds(
    lines: pd.DataFrame, folds: Sequence[Fold], items: Sequence[str], codebook: Codebook
) -> tuple[Fold, ...]:
    """The folds that the lines name, as given or else as the lines show.

    Where a fold is not among `folds`, it holds out what the lines predict for anybody, and the rest
    of `items` is known. `items`: those that people have answers to; no others are known.
    """
    answered = set(items)
    present = [item for item in codebook.items if item in answered]
    given = {fold.number: fold for fold in reversed(folds)}
    found = []
    for number, predicted in lines.groupby("fold")["item"]:
        number = int(str(number))
        if number in given:
            held_out, known = given[number].held_out, given[number].known
        else:
            asked = set(predicted)
            held_out = tuple(item for item in present if item in asked)
            known = tuple(item for item in present if item not in asked)
        found.append(Fold(number, held_out, tuple(item for item in known if item in answered)))
    return tuple(found)
