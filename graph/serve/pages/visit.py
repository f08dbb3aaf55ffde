"""What all visitors share, and what one visit holds: whom one looks at, and in which
conversation.
"""

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

FIRST = 12
"""The respondent that a visit begins with."""
SHOWN = 50
"""How many respondents a search lists."""
TALK = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class RespondentIndex:
    """The respondents one can choose, `source` says of what. All is read at the start, so that no
    request waits.
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
        """The first respondents whose description holds all of these words, by row; `keep` is
        always among them.
        """
        wanted = words.lower().split()
        found = {} if keep is None else {keep: self.names[keep - 1]}
        for row, name in enumerate(self.names, 1):
            if len(found) >= SHOWN:
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

    `talk` is the conversation's name, which stands in the page's address; the thread behind it is
    another for every `owner`, so that an address passed on opens an empty conversation. `row` is 0
    for somebody whose profile was pasted.
    """

    site: Site
    owner: str
    talk: str
    persona: Persona
    row: int
    changed: list[Callable[[], None]] = field(default_factory=list)

    @property
    def thread(self) -> str:
        """The thread of this conversation, which only its owner can name."""
        return f"page-{hashlib.sha256(f'{self.owner} {self.talk}'.encode()).hexdigest()[:40]}"

    @property
    def address(self) -> str:
        """Where a reload finds the same person and the same conversation."""
        return "/?" + urlencode(({"person": self.row} if self.row else {}) | {"talk": self.talk})

    def meet(self, persona: Persona, row: int = 0) -> None:
        """Look at somebody else from now on."""
        self.persona, self.row = persona, row
        for tell in self.changed:
            tell()


def conversation_from_address(name: str) -> str:
    """The conversation that an address names; a new one, which nobody can guess, where it names
    none.
    """
    return name if TALK.fullmatch(name) else secrets.token_urlsafe(16)


def row_from_address(name: str, people: RespondentIndex) -> int:
    """The respondent that an address names; 0 where it names none."""
    row = int(name) if name.isascii() and name.isdecimal() and len(name) < 10 else 0
    return row if row <= len(people.names) else 0
