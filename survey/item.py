"""One question of a survey, its response options, and the items that give its answer away."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["ordinal", "binary", "nominal", "numeric"]
Use = Literal["scored", "background", "fill_in", "country_list"]


@dataclass(frozen=True, slots=True)
class ResponseOption:
    """One response option.

    `rank` is its place on the scale (1 upwards), None where it has none. `value` is what files hold
    in place of the code, None where they hold the code.
    """

    code: int
    label: str
    rank: int | None
    phrase: str
    value: int | None = None


@dataclass(frozen=True)
class Item:
    """One question of the survey, with its options in the order in which a model sees them."""

    id: str
    topic: str
    question: str
    kind: Kind
    use: Use
    options: tuple[ResponseOption, ...]
    statement: str
    dimension: str
    section: str

    @property
    def shown(self) -> bool:
        """Whether a model may see it; False where the options are a country's own list."""
        return self.use != "country_list"

    @property
    def scorable(self) -> bool:
        """Whether rule `strict` scores it: no fill-in, no list of a country's own."""
        return self.use == "scored"

    @cached_property
    def by_code(self) -> Mapping[int, ResponseOption]:
        """The options by code."""
        return {option.code: option for option in self.options}

    @cached_property
    def ranks(self) -> Mapping[int, int]:
        """Rank by code, for the codes on the scale; empty for nominal and numeric items."""
        return {option.code: option.rank for option in self.options if option.rank is not None}

    def valid(self, code: int) -> bool:
        """Whether this code is an answer: an option's, or any number from 0 without options."""
        return code in self.by_code if self.options else code >= 0

    def tell(self, code: int) -> str:
        """Say in the second person what somebody with this answer said.

        Raises KeyError for a code that is not an answer.
        """
        if not self.valid(code):
            raise KeyError(f"{self.id} has no option {code}")
        option = self.by_code.get(code) or ResponseOption(code, str(code), None, str(code))
        sentence = self.statement.format(
            topic=self.topic, label=option.label, phrase=option.phrase, code=code
        )
        return sentence[:1].upper() + sentence[1:]


@dataclass(frozen=True, slots=True)
class Tie:
    """An item whose answer follows from one of `others`, wholly ("tied") or partly ("soft")."""

    item: str
    others: frozenset[str]
    tie: str
    why: str
