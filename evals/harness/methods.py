"""Every method by name: a registry of import strings, and the class that asks a graph."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

from baselines.method import Case, Method, Person, Row, UsedCall
from evals.harness.call_notes import CallNotes
from evals.harness.experiment import Experiment
from evals.harness.method_names import LLM_GRAPHS, STANDING
from graph.llm.errors import CallFailedError, error_text
from graph.settings import Settings
from graph.state import StoryUpdate, commonest_cause
from survey.profile import options_of

REGISTRY = {
    "valuesim": "graph.valuesim:build",
    "full_info": "baselines.full_info:build",
    "rag": "baselines.rag:build",
    "chance": "baselines.statistics:Chance",
    "mode": "baselines.statistics:Mode",
    "country_mode": "baselines.statistics:Mode",
    "demographics": "baselines.gaussian:Ridge",
    "new_topic": "baselines.gaussian:Ridge",
    "ridge": "baselines.gaussian:Ridge",
    "boosted": "baselines.boosted:Boosted",
}


def load_method(name: str) -> Any:
    """Import the builder or class of a method by its name in the registry."""
    module, _, attribute = REGISTRY[name].partition(":")
    return getattr(import_module(module), attribute)


def methods_of_experiment(
    experiment: Experiment, settings: Settings, several_countries: bool = True
) -> Iterator[Method]:
    """Yield the methods of an experiment: graphs, then references, of which some always stand."""
    yield from graphs_of_experiment(experiment, settings)
    yield from references_of_experiment(experiment, several_countries)


def references_of_experiment(
    experiment: Experiment, several_countries: bool = True
) -> Iterator[Method]:
    """Yield the references of an experiment, from the one that knows least to the most.

    Where people are not from several countries there is no country mode: it would be the mode.
    """
    protocol = experiment.protocol
    yield load_method("chance")(protocol)
    yield load_method("chance")(protocol, "paper")
    yield load_method("mode")(protocol)
    if several_countries:
        yield load_method("country_mode")(protocol, by_country=True)
    for name in ("demographics", "new_topic", "ridge"):
        if name in {*experiment.graph, *STANDING}:
            yield load_method(name)(protocol, name, experiment.variant(name))
    if "boosted" in experiment.graph:
        yield load_method("boosted")(protocol, experiment.variant("boosted"))


def graphs_of_experiment(experiment: Experiment, settings: Settings) -> "list[GraphMethod]":
    """Return the methods of an experiment that ask a model."""
    names = [name for name in experiment.graph if name in LLM_GRAPHS]
    return [GraphMethod(name, experiment, settings) for name in names]


def draw_settings(settings: Settings, draw: int) -> Settings:
    """Settings with models whose replies are those of one of several draws."""
    models: dict[str, Any] = {"chat": settings.chat}
    if settings.coordinator:
        models["coordinator"] = settings.coordinator
    drawn = {name: model.model_copy(update={"draw": draw}) for name, model in models.items()}
    return settings.model_copy(update=drawn)


class GraphMethod:
    """A graph as a method: one case is one run of the graph."""

    uses_others = False

    def __init__(self, name: str, experiment: Experiment, settings: Settings) -> None:
        self.graph = name
        self.variant = experiment.variant(name)
        self._model, self._protocol = experiment.model_name, experiment.protocol
        self._settings = settings
        self._votes = experiment.votes
        self._tells_story = name == "valuesim" and "story" not in experiment.without
        options: dict[str, Any] = {}
        if name == "valuesim":
            options = {"without": experiment.without, "integrate": experiment.integrate}
        self._compiled = load_method(name)(**options)

    def prepare(self, fitting: Any) -> None:
        """Nothing to learn: a graph never sees other people."""

    async def answer(self, case: Case) -> Row:
        """Run the graph on one case and return its row; a failed call makes an error row.

        The story of a person is told once, before the first question.
        """
        used = CallNotes()
        try:
            with used.listening():
                row = await self._ask(case, used)
        except CallFailedError as failed:
            row = self._row(case, None, error=failed.kind, message=error_text(failed))
        return replace(row, calls=used.in_order())

    async def _ask(self, case: Case, used: CallNotes) -> Row:
        """Run the graph on one case, or as often as it has votes; note the calls in `used`."""
        person, item = case.person, case.item
        question: dict[str, Any] = {
            "profile": person.profile,
            "question": item.question,
            "options": options_of(item),
        }
        if self._tells_story:
            story, calls = await self._story(person)
            question |= story
            used.calls += calls
        if self._votes > 1:
            code, cause = await self._majority(question)
            return self._row(case, code, "direct", cause=cause)
        state = await self.run_graph(question, self._settings)
        return self._row(case, state["code"], state["decided_by"], cause=state["cause"])

    async def run_graph(self, question: dict[str, Any], settings: Settings) -> dict[str, Any]:
        """Run the graph once and return its last state."""
        config: Any = {"recursion_limit": 25}
        state: dict[str, Any] = await self._compiled.ainvoke(
            question, config=config, context=settings
        )
        return state

    async def _majority(self, question: dict[str, Any]) -> tuple[int | None, str]:
        """Return the code that most of several draws reply, among equals the one replied first.

        Where no draw is read, return None and the commonest cause.
        """
        runs = []
        for draw in range(self._votes):
            runs.append(self.run_graph(question, draw_settings(self._settings, draw)))
        results = await asyncio.gather(*runs, return_exceptions=True)  # every draw is asked
        states = []
        for result in results:
            if isinstance(result, BaseException):
                raise result
            states.append(result)
        votes = Counter(state["code"] for state in states if state["code"] is not None)
        if votes:
            return votes.most_common(1)[0][0], ""
        return None, commonest_cause(state["cause"] for state in states)

    def _row(
        self,
        case: Case,
        code: int | None,
        decided_by: str = "",
        error: str = "",
        cause: str = "",
        message: str = "",
    ) -> Row:
        """Return a row of this method, with all weight on the code that was read."""
        return Row.of(
            case,
            graph=self.graph,
            variant=self.variant,
            model=self._model,
            protocol=self._protocol,
            predicted=code,
            probabilities={} if code is None else {code: 1.0},
            error=error,
            decided_by=decided_by,
            cause=cause,
            message=message,
        )

    async def _story(self, person: Person) -> tuple[StoryUpdate, list[UsedCall]]:
        """Return the backstory of a person with the call that told it.

        The first case asks for it, and all others share it.
        """
        if "story" not in person.shared:
            story = asyncio.ensure_future(self._tell(person))
            story.add_done_callback(_retrieve_exception)
            person.shared["story"] = story
        told: tuple[StoryUpdate, list[UsedCall]] = await asyncio.shield(person.shared["story"])
        return told

    async def _tell(self, person: Person) -> tuple[StoryUpdate, list[UsedCall]]:
        """Ask for the backstory of a person."""
        from graph.nodes.story import tell_story

        used = CallNotes()
        with used.listening():
            return await tell_story(person.profile, self._settings), used.calls


def _retrieve_exception(story: "asyncio.Future[Any]") -> None:
    """Look at how a story ended, so that asyncio does not warn where nobody waits any more."""
    if not story.cancelled():
        story.exception()
