"""What the reader notices in a survey file, in one sentence each; no sentence where all is well."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from survey.archive import DataError
from survey.codebook import Codebook
from survey.duplicates import first_occurrences
from survey.missing_codes import UNKNOWN_CODE

TOLERATED = 0.05
"""Share of the cells of scorable items that may hold unknown codes."""
LISTED_ITEMS, LISTED_CODES = 12, 5


def note_absent_items(header: Sequence[str], codebook: Codebook) -> list[str]:
    """Say which items have no column."""
    absent = [item for item in codebook.items if item not in header]
    if not absent:
        return []
    listed = ", ".join(absent[:LISTED_ITEMS])
    if len(absent) > LISTED_ITEMS:
        listed += f" and {len(absent) - LISTED_ITEMS} more"
    count = f"{len(absent)} of {len(codebook.items)}"
    return [f"Items without a column count as not asked there ({count}): {listed}."]


def note_unknown_codes(answers: Mapping[str, NDArray[np.int16]], codebook: Codebook) -> list[str]:
    """Say where codes stand that the codebook lacks. Raises DataError where they are too many."""
    counts = Counter({item: int((codes == UNKNOWN_CODE).sum()) for item, codes in answers.items()})
    most = counts.most_common(LISTED_CODES)
    worst = ", ".join(f"{item} ({count})" for item, count in most if count)
    scorable = [item for item in answers if codebook.items[item].scorable]
    cells = sum(len(answers[item]) for item in scorable)
    unknown = sum(counts[item] for item in scorable)
    if unknown > TOLERATED * cells:
        raise DataError(
            f"{unknown / cells:.1%} of the cells of scorable items hold codes that the codebook "
            f"lacks, most in {worst}: is this the wave of the codebook, with its original codes?"
        )
    if not worst:
        return []
    return [
        f"Codes that the codebook lacks count as missing: {counts.total()} cells, most in {worst}."
    ]


def note_silent_rows(codes: NDArray[np.int16]) -> list[str]:
    """Say how many people answered nothing."""
    silent = np.flatnonzero((codes < 0).all(axis=1))
    if not silent.size:
        return []
    return [f"Rows without any answer: {len(silent)}, the first is row {silent[0] + 1}."]


def note_duplicates(codes: NDArray[np.int16]) -> list[str]:
    """Say how many rows repeat a person."""
    repeated = np.flatnonzero(first_occurrences(codes) != np.arange(len(codes)))
    if not repeated.size:
        return []
    return [
        f"Rows that repeat another person's answers, all of them: {repeated.size}, the first is "
        f"row {repeated[0] + 1}; "
        "references never learn from a copy of a person who is scored."
    ]
