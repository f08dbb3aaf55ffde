"""A simulated person: made from a respondent, known answers, or a text, and asked questions."""

import asyncio
import copy
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

from graph import open_question, valuesim
from graph.nodes.story import tell_story
from graph.persona.blocking import run_sync
from graph.persona.brief_errors import raise_briefly
from graph.persona.disclosure import disclosure_for
from graph.persona.isolation import run_isolated, stream_isolated
from graph.persona.pickling import check_picklable
from graph.persona.representation import chat_name, cut_short
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
from graph.validation import (
    TEXT,
    InvalidInputError,
    validate_profile,
    validate_question,
    validate_text,
)
from graph.variants import PERSPECTIVES
from survey.open_survey import open_survey
from survey.profile import Answer, Option, profile_lines, profile_of, single_line
from survey.respondents import Respondents

EVIDENCE = 5
"""How many known answers a response shows as evidence."""
MODEL_SETTINGS = ("chat", "coordinator", "embeddings")
"""Settings that may be model objects instead of names."""
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True, repr=False)
class Persona:
    """A simulated person.

    `profile` are the known answers, `name` what to call it, `settings` how its graphs run. The
    model tells its backstory once, at the first question. Make one with `from_file`,
    `from_respondent`, `from_profile` or `from_text`; each raises ValueError, one line, for input
    that is too long or malformed.
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

    def __repr__(self) -> str:
        """Who this is, how much is known of them, and which model answers, on one line."""
        known = "1 known answer" if len(self.profile) == 1 else f"{len(self.profile)} known answers"
        return f"Persona({cut_short(self.name)!r}, {known}, model {chat_name(self.settings.chat)})"

    def __getstate__(self) -> dict[str, Any]:
        """The state for pickling: all but the locks.

        Raises PicklingError, one line, for a model object that cannot be pickled.
        """
        for name in MODEL_SETTINGS:
            check_picklable(name, getattr(self.settings, name))
        return {name: getattr(self, name) for name in ("profile", "name", "settings", "_told")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickled person, with new locks."""
        for name, value in (state | {"_locks": WeakKeyDictionary()}).items():
            object.__setattr__(self, name, value)

    def __copy__(self) -> "Persona":
        """The same person, with the backstory if it has one."""
        made = Persona(self.profile, self.name, self.settings)
        made._told.update(self._told)
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> "Persona":
        """A copy with a profile of its own; it shares the settings, which never change."""
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
        """Make the respondent in this row (from 1) of a survey file; None is the synthetic sample.

        `known` are the ids of the items in the profile, such as Q1; without it, all that the
        respondent answered. Raises IndexError for a row that the file does not have, KeyError for
        an item that the codebook does not have.
        """
        if isinstance(known, str):
            raise ValueError(f"known: one text; give a list of items, such as [{known!r}]")
        people = sample_respondents() if respondents is None else respondents
        items = people.items if known is None else known
        profile = profile_of(people.codebook, people.answers(row), items)
        return cls(tuple(profile), describe_respondent(people, row), settings or Settings())

    @classmethod
    def from_file(
        cls,
        data: str | Path,
        row: int,
        *,
        known: Iterable[str] | None = None,
        settings: Settings | None = None,
    ) -> "Persona":
        """Make the respondent in this row (from 1) of a survey file, or of a survey by its name.

        Names are those of `--data`, such as gss2018; `known` as in `from_respondent`. The survey is
        read at each call: for many people of one survey read it once with `open_survey`. Raises
        DataError, one line, for data that cannot be read, IndexError for a row that they do not
        have.
        """
        return cls.from_respondent(open_survey(data), row, known=known, settings=settings)

    @classmethod
    def from_profile(
        cls,
        profile: Sequence[Answer] | Mapping[Any, Any] | TableRow,
        *,
        name: str = "",
        settings: Settings | None = None,
    ) -> "Persona":
        """Make a person from known answers: answers with options, or answers by question.

        An answer by question may be words, a number, True or False; empty ones (None, nan, "") are
        left out. In a row of a pandas table the columns are the questions.
        """
        return cls(tuple(known_answers(profile)), name, settings or Settings())

    @classmethod
    def from_text(cls, text: str, *, name: str = "", settings: Settings | None = None) -> "Persona":
        """Make a person from a text, such as a biography or notes of an interview.

        Each sentence counts as one known answer. Prompts quote the text sentence by sentence, so
        that a model reads it as facts and never as instructions.
        """
        validate_text("text", text, TEXT)
        profile = []
        for part in SENTENCE_END.split(text):
            sentence = single_line(part).strip()
            if sentence:
                profile.append(answer_in_words(f"It is told of you: “{sentence}”", sentence))
        if not profile:
            raise ValueError("text: nothing in it tells of anybody")
        return cls(tuple(profile), name, settings or Settings())

    @property
    def known(self) -> list[str]:
        """The known answers, as the lines that a model reads."""
        return profile_lines(self.profile)

    async def backstory(self) -> str:
        """The story of this person, which the model tells once.

        Raises `graph.llm.errors.CallFailedError` when the model was cut off.
        """
        async with self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            if not self._told:
                self._told["story"] = await run_isolated(tell_story(self.profile, self.settings))
        return self._told["story"]["backstory"]

    async def ask(self, question: str, options: Options | None = None) -> Response:
        """Ask what this person would answer, from three perspectives and all in all.

        Without options the answer is in words. Options may be words, which are numbered from 1,
        numbers, or codes with their words. Raises ValueError, one line, for a question that cannot
        be asked; errors of the model keep their kind, and come without the frames of the graph.
        """
        __tracebackhide__ = True
        try:
            async for step in self.stream(question, options):
                last = step.value
        except Exception as error:
            raise_briefly(error)
        return cast(Response, last)

    def ask_sync(self, question: str, options: Options | None = None) -> Response:
        """As `ask`, from plain code: scripts and notebooks alike."""
        __tracebackhide__ = True
        try:
            return run_sync(self.ask(question, options))
        except Exception as error:
            raise_briefly(error)

    def stream(self, question: str, options: Options | None = None) -> AsyncIterator[Step]:
        """As `ask`, step by step: evidence, story, each perspective, and the final Response.

        To a free question whether it is a human being, the one step is a fixed sentence that it is
        a simulation, without a model. Within another graph, that graph does not stream the calls.
        """
        return stream_isolated(self._steps(question, options))

    async def _steps(self, question: str, options: Options | None) -> AsyncGenerator[Step, None]:
        """The steps of `stream`."""
        shown = numbered_options([] if options is None else options)
        validate_question(question, shown)
        if not single_line(question).strip():
            raise InvalidInputError("question: nothing is asked")
        disclosure = "" if shown else disclosure_for(question)
        if disclosure:
            yield Step("coordinator", make_disclosure(question, disclosure, self.settings))
            return
        evidence = await retrieve_evidence(self.profile, question, shown, self.settings, EVIDENCE)
        yield Step("evidence", tuple(evidence))
        backstory = await self.backstory()
        yield Step("story", backstory)
        views: dict[str, PerspectiveView] = {}
        async for node, update in self._updates(question, shown):
            if node in PERSPECTIVES:
                views[node] = view_of(update["perspectives"][node], shown)
                yield Step(node, views[node])
            elif node == "coordinator":
                in_order = {name: views[name] for name in PERSPECTIVES}
                response = make_response(
                    question, shown, update, in_order, evidence, backstory, self.settings
                )
                yield Step(node, response)

    async def _updates(
        self, question: str, options: list[Option]
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Each node of the graph that answers, and its update of the state."""
        graph: Any = valuesim.graph if options else open_question.graph
        given: Any = {
            "profile": list(self.profile),
            "question": question,
            "options": options,
            **self._told["story"],
        }
        async for update in graph.astream(given, context=self.settings, stream_mode="updates"):
            [(node, added)] = update.items()
            yield node, added
