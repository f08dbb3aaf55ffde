"""The surveys that are known by name, so that `--data` need name no file."""

from pathlib import Path

PACKAGED = ("gss2018", "bfi")
"""Surveys of real people, whose rows come with a Python package."""
REAL = PACKAGED[0]
"""Who is asked where nobody is named."""
PSYCHTOOLS = ("spi", "epiR")
"""Surveys of real people in the R package psychTools: `NAME`, or `NAME:FOLDER`."""
SYNTHETIC = "synthetic"
"""The sample of people who never lived."""
NAMES = (*PACKAGED, SYNTHETIC)


def is_packaged(data: Path | str | None) -> bool:
    """Whether these are people whose rows come with a Python package."""
    return str(data) in PACKAGED


def is_psychtools(data: Path | str | None) -> bool:
    """Whether these are people of the R package psychTools, with or without its folder."""
    return str(data).partition(":")[0] in PSYCHTOOLS


def is_named(data: Path | str) -> bool:
    """Whether this is the name of a survey, not that of a file."""
    return str(data) in NAMES or is_psychtools(data)


def is_synthetic(data: Path | str | None) -> bool:
    """Whether these are the people who never lived; None means them, too."""
    return data is None or str(data) == SYNTHETIC
