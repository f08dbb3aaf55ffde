"""The surveys that are known by name, so that `--data` need name no file."""

from pathlib import Path

PACKAGED = ("gss2018", "bfi")
"""Surveys of real people, whose rows come with a Python package."""
SYNTHETIC = "synthetic"
"""The sample of people who never lived."""
NAMES = (*PACKAGED, SYNTHETIC)


def is_packaged(data: Path | str | None) -> bool:
    """Whether these are people whose rows come with a Python package."""
    return str(data) in PACKAGED


def is_synthetic(data: Path | str | None) -> bool:
    """Whether these are the people who never lived; None means them, too."""
    return data is None or str(data) == SYNTHETIC
