"""A survey by name or file, which is what `--data` says: its people and its codebook."""

from collections.abc import Collection
from functools import cache
from pathlib import Path

from survey.codebook import Codebook, wvs7
from survey.packaged import packaged_codebook, read_packaged
from survey.psychtools import read_psychtools
from survey.respondents import Respondents, read_survey
from survey.survey_names import is_packaged, is_psychtools, is_synthetic
from survey.synthetic import sample_path


def open_survey(data: Path | str | None, more: Collection[str] = ()) -> Respondents:
    """Read the people of a survey that is known by name, or of a file of WVS 7.

    They bring their codebook. None is the synthetic sample. `more` columns that file or package
    have come into the context as text, under their names in capitals. Raises DataError, one line.
    """
    if is_packaged(data):
        return read_packaged(str(data), more)
    if is_psychtools(data):
        return read_psychtools(str(data))
    path = sample_path() if data is None or is_synthetic(data) else Path(data)
    return read_survey(path, wvs7(), more)


def codebook_of(data: Path | str | None) -> Codebook:
    """The codebook of the survey that `open_survey` opens. Raises DataError, one line."""
    if is_psychtools(data):
        return _psychtools_codebook(str(data))
    return packaged_codebook(str(data)) if is_packaged(data) else wvs7()


@cache
def _psychtools_codebook(data: str) -> Codebook:
    """The codebook of people in psychTools, which is read with them."""
    return read_psychtools(data).codebook
