"""A survey by name or file, which is what `--data` says: its people and its codebook."""

from pathlib import Path

from survey.codebook import Codebook, wvs7
from survey.packaged import packaged_codebook, read_packaged
from survey.respondents import Respondents, read_survey
from survey.survey_names import is_packaged, is_synthetic
from survey.synthetic import sample_path


def open_survey(data: Path | str | None) -> Respondents:
    """Read the people of a survey that is known by name, or of a file of WVS 7.

    They bring their codebook. None is the synthetic sample. Raises DataError, one line.
    """
    if is_packaged(data):
        return read_packaged(str(data))
    path = sample_path() if data is None or is_synthetic(data) else Path(data)
    return read_survey(path, wvs7())


def codebook_of(data: Path | str | None) -> Codebook:
    """The codebook of the survey that `open_survey` opens; no row is read."""
    return packaged_codebook(str(data)) if is_packaged(data) else wvs7()
