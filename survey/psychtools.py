"""People in the R package psychTools, for those who have it: `spi`, and `epiR`, asked twice.

Rows and wordings are read from the user's copy at run time, since the questions are those of the
inventories themselves; none are in this project.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.archive import DataError
from survey.codebook import Codebook
from survey.grouping import Grouping, SurveyFacts
from survey.item import Item, ResponseOption
from survey.missing_codes import BLANK
from survey.packaged import packaged_codebook
from survey.r_objects import read_r_objects
from survey.respondents import Respondents

INSTALLED = Path("/usr/lib/R/site-library/psychTools/data")
"""Where Debian's package r-cran-psychtools keeps the data."""
INSTALL = "apt install r-cran-psychtools, or give the folder of its data, as in spi:FOLDER"
LICENCE = (
    "the rows come with the R package psychTools (W. Revelle), which is to be named as the source; "
    "they are real people's and are not passed on with a run"
)
TRAITS = {"E": "Extraversion", "N": "Neuroticism", "L": "Candour"}
YES_NO = (ResponseOption(1, "Yes", 1, "yes"), ResponseOption(2, "No", 2, "no"))


def read_psychtools(data: str) -> Respondents:
    """Read the people of `spi` or `epiR`, written `NAME` or `NAME:FOLDER`.

    Raises DataError, one line.
    """
    name, _, folder = data.partition(":")
    place = Path(folder) if folder else INSTALLED
    if not place.is_dir():
        raise DataError(f"{name}: no folder {place}: {INSTALL}")
    return _read_spi(place) if name == "spi" else _read_retest(place)


def _read_spi(place: Path) -> Respondents:
    """4,000 people, 135 statements."""
    found = read_r_objects(place, ("spi", "spi.dictionary"))
    frame, dictionary = found["spi"], found["spi.dictionary"]
    items = {item.id: item for item in _spi_items(dictionary)}
    facts = SurveyFacts(
        title="SAPA Personality Inventory",
        people="people who answered on the web",
        licence=LICENCE,
        package="psychTools",
        context={"age": "age", "sex": "sex"},
        groups=(Grouping("sex", item="sex"), *_age_bands()),
    )
    codes = _codes(frame, tuple(items))
    context = pd.DataFrame({"country": np.full(len(frame), "", object)})
    for column in ("age", "sex"):
        context[column] = frame[column].to_numpy(float, na_value=np.nan)
    book = Codebook(items, {}, {}, (), facts)
    return Respondents(codes, tuple(items), context, (), "spi", _sha256(frame), book)


def _spi_items(dictionary: pd.DataFrame) -> Iterator[Item]:
    """The statements, then sex and age, which are background."""
    book = packaged_codebook("bfi").items
    for name, line in dictionary.iterrows():
        if str(name).startswith("q_"):
            text, section = _plain(line["item"]), str(line["L27"])
            yield Item(
                id=str(name),
                topic=text,
                question=f"How accurate is this statement about you? {text}",
                kind="ordinal",
                use="scored",
                options=book["A1"].options,
                statement=f"Asked how well this describes you: “{text}”, you say: {{phrase}}.",
                dimension="other" if pd.isna(line["B5"]) else str(line["B5"]).lower(),
                section=section,
            )
    yield replace(book["gender"], id="sex")
    yield book["age"]


def _read_retest(place: Path) -> Respondents:
    """474 people who answered 57 questions twice; the first time counts, the second is `retest`."""
    found = read_r_objects(place, ("epiR", "epi.dictionary", "epi.keys"))
    frame = found["epiR"].sort_values(["study", "id"], kind="stable")
    items = {item.id: item for item in _epi_items(found["epi.dictionary"], found["epi.keys"])}
    facts = SurveyFacts(
        title="Eysenck Personality Inventory, asked twice",
        people="people who took part in laboratory studies",
        licence=LICENCE,
        package="psychTools",
    )
    first, second = (frame[frame["time"] == time] for time in (1, 2))
    if not (first[["study", "id"]].to_numpy() == second[["study", "id"]].to_numpy()).all():
        raise DataError("epiR: not everybody was asked twice there")
    context = pd.DataFrame({"country": np.full(len(first), "", object)})
    return Respondents(
        codes=_codes(first, tuple(items)),
        items=tuple(items),
        context=context,
        notes=(),
        source="epiR",
        sha256=_sha256(frame),
        codebook=Codebook(items, {}, {}, (), facts),
        retest=_codes(second, tuple(items)),
    )


def _epi_items(dictionary: pd.DataFrame, keys: Mapping[Any, Any]) -> Iterator[Item]:
    """The questions, each with the trait that it is a sign of."""
    trait_of: dict[str, str] = {}
    for key, trait in TRAITS.items():
        trait_of |= {str(name).lstrip("-"): trait for name in keys[key]}
    for name, content in dictionary["Content"].items():
        text, trait = _plain(content), trait_of[str(name)]
        yield Item(
            id=str(name),
            topic=text,
            question=text,
            kind="binary",
            use="scored",
            options=YES_NO,
            statement=f"Asked “{text}”, you say {{phrase}}.",
            dimension=trait.lower(),
            section=trait,
        )


def _age_bands() -> tuple[Grouping, ...]:
    """The bands of age that bfi has."""
    groups = packaged_codebook("bfi").facts.groups
    return tuple(grouping for grouping in groups if grouping.name == "age")


def _plain(text: Any) -> str:
    """A wording on one line, without what a template would fill in."""
    return " ".join(str(text).split()).replace("{", "(").replace("}", ")")


def _codes(frame: pd.DataFrame, items: tuple[str, ...]) -> NDArray[np.int16]:
    """The codes of these items, shape (people, items); blank where there is no answer."""
    columns = [frame[item].to_numpy(float, na_value=np.nan) for item in items]
    cells = np.column_stack(columns)
    codes: NDArray[np.int16] = np.where(np.isnan(cells), BLANK, cells).astype(np.int16)
    codes.setflags(write=False)
    return codes


def _sha256(frame: pd.DataFrame) -> str:
    """A hash of the rows."""
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
