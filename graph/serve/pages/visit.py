"""What all visitors share (`Site`), and the person and conversation of one visit (`Visit`)."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from graph.persona.persona import Persona
from graph.persona.sample import describe_respondent, sample_respondents
from graph.settings import Settings
from survey.respondents import Respondents

FIRST_ROW = 12
"""The respondent that a visit begins with."""
LISTED = 50
"""How many respondents a search lists."""
CONVERSATION_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class RespondentIndex:
    """The respondents to choose from, with their descriptions; `source` says where they are from.

    All descriptions are made at the start, so that no request waits.
    """

    respondents: Respondents
    names: tuple[str, ...]
    source: str

    @classmethod
    def of(cls, respondents: Respondents | None) -> "RespondentIndex":
        """Those of a survey file, or of the synthetic sample where None is given."""
        found = sample_respondents() if respondents is None else respondents
        names = tuple(describe_respondent(found, row) for row in range(1, len(found) + 1))
        source = (
            "the synthetic sample: people who never lived" if respondents is None else found.source
        )
        return cls(found, names, source)

    def find(self, words: str, keep: int | None = None) -> dict[int, str]:
        """The first respondents whose description holds all of these words, by row (from 1).

        The row `keep` is always among them.
        """
        wanted = words.lower().split()
        found = {} if keep is None else {keep: self.names[keep - 1]}
        for row, name in enumerate(self.names, 1):
            if len(found) >= LISTED:
                break
            low = name.lower()
            if all(word in low for word in wanted):
                found[row] = name
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class Site:
    """What all visitors share: the people, how graphs run, and the chat graph with its threads."""

    people: RespondentIndex
    settings: Settings
    chat: Any
    guarded: bool

    @cached_property
    def respondent(self) -> Callable[[int], Persona]:
        """The persona of a row (from 1); its story is kept for the next visitor."""
        return lru_cache(maxsize=256)(
            lambda row: Persona.from_respondent(
                self.people.respondents, row, settings=self.settings
            )
        )


@dataclass
class Visit:
    """One page that somebody has open.

    `conversation` is its name, which stands in the page's address; the thread behind it is
    another for every `owner`, so that an address passed on opens an empty conversation. `row` is 0
    for somebody whose profile was pasted.
    """

    site: Site
    owner: str
    conversation: str
    persona: Persona
    row: int
    person_listeners: list[Callable[[], None]] = field(default_factory=list)

    @property
    def thread(self) -> str:
        """The thread of this conversation, which only its owner can name."""
        return (
            f"page-{hashlib.sha256(f'{self.owner} {self.conversation}'.encode()).hexdigest()[:40]}"
        )

    @property
    def address(self) -> str:
        """Where a reload finds the same person and the same conversation."""
        person = {"person": self.row} if self.row else {}
        return "/?" + urlencode(person | {"talk": self.conversation})

    def change_person(self, persona: Persona, row: int = 0) -> None:
        """Change the person, and tell all listeners."""
        self.persona, self.row = persona, row
        for listener in self.person_listeners:
            listener()


def conversation_from_address(name: str) -> str:
    """The conversation that an address names; else the random name of a new one."""
    return name if CONVERSATION_NAME.fullmatch(name) else secrets.token_urlsafe(16)


def row_from_address(name: str, people: RespondentIndex) -> int:
    """The row (from 1) of the respondent that an address names; 0 where it names none."""
    row = int(name) if name.isascii() and name.isdecimal() and len(name) < 10 else 0
    return row if row <= len(people.names) else 0
