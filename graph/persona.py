"""A simulated person one can ask: from a respondent, from known answers, or from a text about somebody."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakKeyDictionary

from graph import open_question, valuesim
from graph.answers import Response, Step, View, disclosed, response, view
from graph.ask import wait_for
from graph.chats.sincerity import disclosure
from graph.limits import QUESTION, TEXT, hold_profile, hold_question, hold_text
from graph.nodes.story import tell
from graph.people import described, sample
from graph.retrieval import evidence_of
from graph.settings import Settings
from graph.state import Story
from graph.variants import PERSPECTIVES
from survey.codebook import wvs7
from survey.profile import Answer, Option, lines, one_line, profile_of
from survey.respondents import Respondents

EVIDENCE = 5
"""How many known answers stand beside an answer."""
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True)
class Persona:
    """A simulated person. `profile` is what is known, `name` what to call it, `settings` how its graphs run.

    Its backstory is told once, at the first question, and kept. Make one with `from_respondent`, `from_profile` or
    `from_text`; each raises ValueError, one line, for what is too long or not built as it should be.
    """

    profile: tuple[Answer, ...]
    name: str = ""
    settings: Settings = field(default_factory=Settings)
    _told: dict[str, Story] = field(default_factory=dict, init=False, repr=False, compare=False)
    _locks: WeakKeyDictionary[Any, asyncio.Lock] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        hold_profile(list(self.profile))

    @classmethod
    def from_respondent(
        cls,
        respondents: Respondents | None,
        row: int,
        *,
        known: Iterable[str] | None = None,
        settings: Settings | None = None,
    ) -> "Persona":
        """The respondent in this row (from 1) of a survey file, or of the synthetic sample where None is given.

        `known` are the ids of the items to tell, such as Q1; left out, all that the respondent answered. Raises
        IndexError for a row that the file does not have, KeyError for an item that the codebook does not have.
        """
        people = sample() if respondents is None else respondents
        items = people.items if known is None else known
        profile = profile_of(wvs7(), people.answers(row), items)
        return cls(tuple(profile), described(people, row), settings or Settings())

    @classmethod
    def from_profile(
        cls, profile: Sequence[Answer] | Mapping[str, str], *, name: str = "", settings: Settings | None = None
    ) -> "Persona":
        """Somebody of whom these answers are known: as answers with options, or each question with the words said."""
        if isinstance(profile, Mapping):
            profile = [
                _told(f"{one_line(asked)} Your answer: {one_line(said)}", asked) for asked, said in profile.items()
            ]
        return cls(tuple(profile), name, settings or Settings())

    @classmethod
    def from_text(cls, text: str, *, name: str = "", settings: Settings | None = None) -> "Persona":
        """Somebody of whom a text tells: a biography, notes of an interview. Each sentence counts as one known answer.

        The text is quoted to the model sentence by sentence, so that it is read as what is told, never as instructions.
        """
        hold_text("text", text, TEXT)
        sentences = [one for part in SENTENCE_END.split(text) if (one := one_line(part).strip())]
        if not sentences:
            raise ValueError("text: nothing in it tells of anybody")
        return cls(tuple(_told(f"It is told of you: “{one}”", one) for one in sentences), name, settings or Settings())

    @property
    def known(self) -> list[str]:
        """What is known, as the lines that a model reads."""
        return lines(self.profile)

    async def backstory(self) -> str:
        """The story told of this person, once. Raises `graph.faults.CallFailed` when the model was cut off."""
        async with self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            if not self._told:
                self._told["story"] = await tell(self.profile, self.settings)
        return self._told["story"]["backstory"]

    async def ask(self, question: str, options: Sequence[str | Option] | None = None) -> Response:
        """What this person would answer, from three perspectives and all in all; in words where no options are given.

        Options given as words are numbered from 1. Raises ValueError, one line, for what cannot be asked; errors of
        the model reach the caller unchanged.
        """
        async for step in self.stream(question, options):
            last = step.value
        return cast(Response, last)

    def ask_sync(self, question: str, options: Sequence[str | Option] | None = None) -> Response:
        """As `ask`, from plain code: scripts and notebooks alike."""
        return wait_for(self.ask(question, options))

    async def stream(self, question: str, options: Sequence[str | Option] | None = None) -> AsyncIterator[Step]:
        """As `ask`, step by step: evidence, story, the perspectives as each is done, and the coordinator's Response.

        Asked freely whether it is a human being it says that it is a simulation, in that one step and without a model.
        """
        shown = numbered(options or [])
        hold_text("question", question, QUESTION)
        if not one_line(question).strip():
            raise ValueError("question: nothing is asked")
        if not shown and (fixed := disclosure(question)):
            yield Step("coordinator", disclosed(question, fixed, self.settings))
            return
        evidence = await evidence_of(self.profile, question, shown, self.settings, EVIDENCE)
        yield Step("evidence", tuple(evidence))
        backstory = await self.backstory()
        yield Step("story", backstory)
        asked: Any = {"profile": list(self.profile), "question": question, "options": shown, **self._told["story"]}
        graph: Any = valuesim.graph if shown else open_question.graph
        views: dict[str, View] = {}
        async for update in graph.astream(asked, context=self.settings, stream_mode="updates"):
            [(node, added)] = update.items()
            if node in PERSPECTIVES:
                views[node] = view(added["perspectives"][node], shown)
                yield Step(node, views[node])
            elif node == "coordinator":
                views = {name: views[name] for name in PERSPECTIVES}  # they come as they are done
                found = response(question, shown, added, views, evidence, backstory, self.settings)
                yield Step(node, found)


def numbered(options: Sequence[str | Option]) -> list[Option]:
    """Options with their codes: words are numbered from 1. Raises ValueError for too many, too long or equal ones."""
    made = [
        Option(code=place, label=one_line(option)) if isinstance(option, str) else option
        for place, option in enumerate(options, 1)
    ]
    hold_question("", made)
    if not all(one_line(option["label"]).strip() for option in made):
        raise ValueError("options: one of them is empty")
    if len({option["code"] for option in made}) < len(made) or len({option["label"] for option in made}) < len(made):
        raise ValueError("options: two of them are the same")
    return made


def _told(statement: str, about: str) -> Answer:
    """A known answer in words of its own, to a question that had no options."""
    return Answer(question=one_line(about), options=[], code=0, statement=statement)
