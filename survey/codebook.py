"""The codebook of a survey wave: its items, the countries it names, and ties between items."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from survey.codebook_files import Folder, read_countries, read_item_table, read_scales, read_ties
from survey.grouping import SurveyFacts, read_facts
from survey.item import Item, ResponseOption, Tie


@dataclass(frozen=True)
class Codebook:
    """All items of a wave by id, in the order of the questionnaire.

    `countries` are names by ISO 3166-1 number, `country_of` names by its three letters. `ties` are
    items that others give away by the way in which they are asked, `facts` what is known of the
    survey as a whole.
    """

    items: Mapping[str, Item]
    countries: Mapping[int, str]
    country_of: Mapping[str, str]
    ties: tuple[Tie, ...] = ()
    facts: SurveyFacts = field(default_factory=SurveyFacts)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The value dimensions, in the order of the questionnaire."""
        return tuple(dict.fromkeys(item.dimension for item in self.items.values()))

    @property
    def asked_dimensions(self) -> tuple[str, ...]:
        """The dimensions of the items that are not background."""
        asked = [item for item in self.items.values() if item.use != "background"]
        return tuple(dict.fromkeys(item.dimension for item in asked))

    @property
    def background(self) -> tuple[str, ...]:
        """Ids of the items that every profile tells, and that are never held out."""
        return tuple(item.id for item in self.items.values() if item.use == "background")

    @property
    def left_out(self) -> tuple[str, ...]:
        """Ids of items that no model sees, because their options are a country's own list."""
        return tuple(item.id for item in self.items.values() if not item.shown)


def read_codebook(folder: Folder) -> Codebook:
    """Read `items.csv`, `scales.csv` and, where they are there, the other files of a codebook.

    Those are `countries.csv`, `ties.csv` and `survey.toml`.

    Raises CodebookError naming file and line where a row is wrong.
    """
    names, names_by_letters = read_countries(folder)
    countries = [ResponseOption(code, name, None, name) for code, name in names.items()]
    scales = read_scales(folder, {"country": countries})
    items = read_item_table(folder, scales)
    return Codebook(items, names, names_by_letters, read_ties(folder, items), read_facts(folder))


@cache
def wvs7() -> Codebook:
    """The codebook of World Values Survey Wave 7 that ships with the package."""
    return read_codebook(files("survey") / "wvs7")
