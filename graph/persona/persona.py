"""A simulated person one can ask: from a respondent, from known answers, or from a text about
somebody.
"""

import asyncio
import copy
import pickle
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakKeyDictionary

from graph import open_question, valuesim
from graph.nodes.story import tell_story
from graph.persona.blocking import run_sync
from graph.persona.disclosure import disclosure_for
from graph.persona.isolation import run_isolated, stream_isolated
from graph.persona.response import (
    PerspectiveView,
    Response,
    Step,
    make_disclosure,
    make_response,
    view_of,
)
from graph.persona.sample import describe_respondent, sample_respondents
from graph.plain_input import Options, TableRow, answer_in_words, known_answers, numbered_options
from graph.retrieval import retrieve_evidence
from graph.settings import Settings
from graph.state import StoryUpdate
from graph.validation import TEXT, validate_profile, validate_question, validate_text
from graph.variants import PERSPECTIVES
from survey.codebook import wvs7
from survey.profile import Answer, profile_lines, profile_of, single_line
from survey.respondents import Respondents

EVIDENCE = 5
"""How many known answers stand beside an answer."""
OBJECTS = ("chat", "coordinator", "embeddings")
"""Settings that may be objects instead of names."""
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True)
class Persona:
    """A simulated person. `profile` is what is known, `name` what to call it, `settings` how its
    graphs run.

    Its backstory is told once, at the first question, and kept. Make one with `from_respondent`,
    `from_profile` or `from_text`; each raises ValueError, one line, for what is too long or not
    built as it should be.
    """

    profile: tuple[Answer, ...]
    name: str = ""
    settings: Settings = field(default_factory=Settings)
    _told: dict[str, StoryUpdate] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _locks: WeakKeyDictionary[Any, asyncio.Lock] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        validate_profile(list(self.profile))

    def __getstate__(self) -> dict[str, Any]:
        """What travels to another process: all but the locks. Raises PicklingError, one line, for
        what cannot.
        """
        for name in OBJECTS:
            _hold_portable(name, getattr(self.settings, name))
        return {name: getattr(self, name) for name in ("profile", "name", "settings", "_told")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Be who travelled here."""
        for name, value in (state | {"_locks": WeakKeyDictionary()}).items():
            object.__setattr__(self, name, value)

    def __copy__(self) -> "Persona":
        """The same person, with the backstory where it is told already."""
        made = Persona(self.profile, self.name, self.settings)
        made._told.update(self._told)
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> "Persona":
        """As a copy, with a profile of its own. The settings never change, so a model object is
        shared.
        """
        made = copy.copy(self)
        object.__setattr__(made, "profile", copy.deepcopy(self.profile, memo))
        return made

    @classmethod
    def from_respondent(
        cls,
        respondents: Respondents | None,
        row: int,
        *,
        known: Iterable[str] | None = None,
        settings: Settings | None = None,
    ) -> "Persona":
        """The respondent in this row (from 1) of a survey file, or of the synthetic sample where
        None is given.

        `known` are the ids of the items to tell, such as Q1; left out, all that the respondent
        answered. Raises IndexError for a row that the file does not have, KeyError for an item that
        the codebook does not have.
        """
        if isinstance(known, str):
            raise ValueError(f"known: one text; give a list of items, such as [{known!r}]")
        people = sample_respondents() if respondents is None else respondents
        items = people.items if known is None else known
        profile = profile_of(wvs7(), people.answers(row), items)
        return cls(tuple(profile), describe_respondent(people, row), settings or Settings())

    @classmethod
    def from_profile(
        cls,
        profile: Sequence[Answer] | Mapping[Any, Any] | TableRow,
        *,
        name: str = "",
        settings: Settings | None = None,
    ) -> "Persona":
        """Somebody of whom these answers are known: as answers with options, or each question with
        what was said.

        What was said may be words, numbers, True or False; nothing said (None, nan, "") is left
        out. A row of a pandas table is taken as its columns with their cells.
        """
        return cls(tuple(known_answers(profile)), name, settings or Settings())

    @classmethod
    def from_text(cls, text: str, *, name: str = "", settings: Settings | None = None) -> "Persona":
        """Somebody of whom a text tells: a biography, notes of an interview. Each sentence counts
        as one known answer.

        The text is quoted to the model sentence by sentence, so that it is read as what is told,
        never as instructions.
        """
        validate_text("text", text, TEXT)
        sentences = [one for part in SENTENCE_END.split(text) if (one := single_line(part).strip())]
        if not sentences:
            raise ValueError("text: nothing in it tells of anybody")
        told = (answer_in_words(f"It is told of you: “{one}”", one) for one in sentences)
        return cls(tuple(told), name, settings or Settings())

    @property
    def known(self) -> list[str]:
        """What is known, as the lines that a model reads."""
        return profile_lines(self.profile)

    async def backstory(self) -> str:
        """The story told of this person, once. Raises `graph.llm.errors.CallFailedError` when the
        model was cut off.
        """
        async with self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            if not self._told:
                self._told["story"] = await run_isolated(tell_story(self.profile, self.settings))
        return self._told["story"]["backstory"]

    async def ask(self, question: str, options: Options | None = None) -> Response:
        """What this person would answer, from three perspectives and all in all; in words where no
        options are given.

        Options given as words are numbered from 1; numbers, and codes with their words, are taken
        too. Raises ValueError, one line, for what cannot be asked; errors of the model reach the
        caller unchanged.
        """
        async for step in self.stream(question, options):
            last = step.value
        return cast(Response, last)

    def ask_sync(self, question: str, options: Options | None = None) -> Response:
        """As `ask`, from plain code: scripts and notebooks alike."""
        return run_sync(self.ask(question, options))

    def stream(self, question: str, options: Options | None = None) -> AsyncIterator[Step]:
        """As `ask`, step by step: evidence, story, the perspectives as each is done, and the
        coordinator's Response.

        Asked freely whether it is a human being it says that it is a simulation, in that one step
        and without a model. Within another graph its calls are this person's own: they are not
        streamed as that graph's.
        """
        return stream_isolated(self._steps(question, options))

    async def _steps(self, question: str, options: Options | None) -> AsyncGenerator[Step, None]:
        """The steps of `stream`."""
        shown = numbered_options([] if options is None else options)
        validate_question(question, shown)
        if not single_line(question).strip():
            raise ValueError("question: nothing is asked")
        if not shown and (fixed := disclosure_for(question)):
            yield Step("coordinator", make_disclosure(question, fixed, self.settings))
            return
        evidence = await retrieve_evidence(self.profile, question, shown, self.settings, EVIDENCE)
        yield Step("evidence", tuple(evidence))
        backstory = await self.backstory()
        yield Step("story", backstory)
        asked: Any = {
            "profile": list(self.profile),
            "question": question,
            "options": shown,
            **self._told["story"],
        }
        graph: Any = valuesim.graph if shown else open_question.graph
        views: dict[str, PerspectiveView] = {}
        async for update in graph.astream(asked, context=self.settings, stream_mode="updates"):
            [(node, added)] = update.items()
            if node in PERSPECTIVES:
                views[node] = view_of(added["perspectives"][node], shown)
                yield Step(node, views[node])
            elif node == "coordinator":
                views = {name: views[name] for name in PERSPECTIVES}  # they come as they are done
                found = make_response(
                    question, shown, added, views, evidence, backstory, self.settings
                )
                yield Step(node, found)


def _hold_portable(name: str, model: object) -> None:
    """Raise PicklingError, one line, for a model object that cannot be sent to another process."""
    try:
        pickle.dumps(model)
    except Exception as error:  # each part of a client raises a kind of its own
        kind, why = type(model).__name__, single_line(str(error))
        raise pickle.PicklingError(
            f"settings: {name}, a {kind}, cannot be pickled ({why}); give a name such as "
            f"openai:NAME instead"
        ) from error
