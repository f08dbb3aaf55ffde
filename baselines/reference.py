"""What the references share: each answers for many people at once, from the same known items."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.answer_frame import NO_CODE, Codes, Floats
from baselines.method import Case, Person, Row
from survey.item import Item
from survey.respondents import Respondents


@dataclass(frozen=True, eq=False)
class PeopleBlock:
    """People whose answers to the same items are known.

    `codes`, int16 of shape (people, items): their answers, negative where missing; `items`: the ids
    of its columns; `countries`, shape (people,); `known`: the items of their profile, answered or
    not. `shared` holds work that all questions to these people have in common.
    """

    codes: NDArray[np.int16]
    items: tuple[str, ...]
    countries: NDArray[np.object_]
    known: tuple[str, ...]
    shared: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """How many people there are."""
        return len(self.codes)

    @classmethod
    def of_person(cls, person: Person) -> "PeopleBlock":
        """Return one person as a block."""
        codes = np.array([list(person.answers.values())], np.int16).reshape(1, -1)
        countries = np.array([person.country], dtype=object)
        return cls(codes, tuple(person.answers), countries, person.known)


@dataclass(frozen=True, eq=False)
class OptionShares:
    """The shares of an item's options that a reference gives some people.

    `codes`, shape (options,), ascending; `values`, shape (people, options): an option with share 0
    is not named.
    """

    codes: Codes
    values: Floats

    @classmethod
    def alike(cls, shares: Mapping[int, float], people: int) -> "OptionShares":
        """Return the same shares for everybody."""
        codes = sorted(shares)
        values = np.array([shares[code] for code in codes], float)
        return cls(np.array(codes, np.int64), np.tile(values, (people, 1)))

    @property
    def modes(self) -> Codes:
        """The most likely code of each person, the lowest of several; `NO_CODE` without any."""
        if not len(self.codes):
            return np.full(len(self.values), NO_CODE)
        modes = self.codes[self.values.argmax(axis=1)]
        return np.where(self.values.any(axis=1), modes, NO_CODE)


class Reference(ABC):
    """A method that asks no model.

    `has_mode`: its most likely code is its prediction; without, all shares are scored in
    expectation.
    """

    graph: str
    variant: str
    protocol: str
    uses_others: bool
    has_mode: bool

    @abstractmethod
    def prepare(self, fitting: Respondents) -> None:
        """Learn from these people, none of whom is asked about."""

    @abstractmethod
    def shares(self, people: PeopleBlock, item: Item) -> OptionShares:
        """Return the share of each option of an item, for each of these people."""

    async def answer(self, case: Case) -> Row:
        """Answer one case, as any method does."""
        person = case.person
        people = person.shared.setdefault("people", PeopleBlock.of_person(person))
        found = self.shares(people, case.item)
        [values], [mode] = found.values.tolist(), found.modes.tolist()
        shares = {
            code: share for code, share in zip(found.codes.tolist(), values, strict=True) if share
        }
        return Row.of(
            case,
            graph=self.graph,
            variant=self.variant,
            model="",
            protocol=self.protocol,
            predicted=mode if self.has_mode and mode != NO_CODE else None,
            probabilities=shares,
            error="",
            decided_by="reference",
        )
