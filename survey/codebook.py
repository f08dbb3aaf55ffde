"""The codebook of a survey wave: its items, the countries it names, and ties between items."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from survey.codebook_files import Folder, read_countries, read_item_table, read_scales, read_ties
from survey.item import Item, ResponseOption, Tie


@dataclass(frozen=True)
class Codebook:
    """All items of a wave by id, in the order of the questionnaire.

    `countries` are names by ISO 3166-1 number, `country_of` names by its three letters. `ties` are
    items that others give away by the way in which they are asked.
    """

    items: Mapping[str, Item]
    countries: Mapping[int, str]
    country_of: Mapping[str, str]
    ties: tuple[Tie, ...] = ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The value dimensions, in the order of the questionnaire."""
        return tuple(dict.fromkeys(item.dimension for item in self.items.values()))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Ids of items that no model sees, because their options are a country's own list."""
        return tuple(item.id for item in self.items.values() if not item.shown)


def read_codebook(folder: Folder) -> Codebook:
    """Read `items.csv`, `scales.csv`, `countries.csv` and, where there is one, `ties.csv`.

    Raises CodebookError naming file and line where a row is wrong.
    """
    names, names_by_letters = read_countries(folder)
    countries = [ResponseOption(code, name, None, name) for code, name in names.items()]
    scales = read_scales(folder, {"country": countries})
    items = read_item_table(folder, scales)
    return Codebook(items, names, names_by_letters, read_ties(folder, items))


@cache
def wvs7() -> Codebook:
    """The codebook of World Values Survey Wave 7 that ships with the package."""
    return read_codebook(files("survey") / "wvs7")
