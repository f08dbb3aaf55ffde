"""The synthetic sample that ships with the package, and a line that describes a respondent."""

from functools import cache
from math import isnan, nan

from survey.open_survey import open_survey
from survey.respondents import Respondents
from survey.survey_names import SYNTHETIC

SEX = {1.0: "man", 2.0: "woman"}


@cache
def sample_respondents() -> Respondents:
    """The synthetic sample that ships with the package, read once."""
    return open_survey(SYNTHETIC)


def describe_respondent(respondents: Respondents, row: int) -> str:
    """Describe the respondent in this row (from 1): "Respondent 12: woman, 47, Germany".

    Raises IndexError for a row that the file does not have.
    """
    alpha = respondents.country(row)
    person = respondents.context.iloc[row - 1]
    sex, age = (float(person.get(name, nan)) for name in ("sex", "age"))
    parts = [
        SEX.get(sex, ""),
        "" if isnan(age) else f"{age:.0f}",
        respondents.codebook.country_of.get(alpha, alpha),
    ]
    return f"Respondent {row}: {', '.join(filter(None, parts))}".rstrip(": ")
