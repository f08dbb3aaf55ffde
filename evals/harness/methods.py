"""Every method by name: a registry of import strings, and the one class that makes a method of a
graph.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from baselines.method import Case, Method, Person, Row
from evals.harness.experiment import LLM_GRAPHS, STANDING, Experiment
from graph.llm.errors import CallFailedError, error_text
from graph.settings import Settings
from graph.state import commonest_cause
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
    """What the registry names."""
    module, _, attribute = REGISTRY[name].partition(":")
    return getattr(import_module(module), attribute)


def methods_of_experiment(experiment: Experiment, settings: Settings) -> Iterator[Method]:
    """The methods of an experiment, graphs first; some references stand in every one."""
    yield from graphs_of_experiment(experiment, settings)
    yield from references_of_experiment(experiment)


def references_of_experiment(experiment: Experiment) -> Iterator[Method]:
    """The references of an experiment, from the one that knows least to the one that knows most."""
    protocol = experiment.protocol
    yield load_method("chance")(protocol)
    yield load_method("chance")(protocol, "paper")
    yield load_method("mode")(protocol)
    yield load_method("country_mode")(protocol, by_country=True)
    for name in ("demographics", "new_topic", "ridge"):
        if name in {*experiment.graph, *STANDING}:
            yield load_method(name)(protocol, name, experiment.variant(name))
    if "boosted" in experiment.graph:
        yield load_method("boosted")(protocol, experiment.variant("boosted"))


def graphs_of_experiment(experiment: Experiment, settings: Settings) -> "list[GraphMethod]":
    """The methods of an experiment that ask a model."""
    return [
        GraphMethod(name, experiment, settings) for name in experiment.graph if name in LLM_GRAPHS
    ]


class GraphMethod:
    """A graph as a method: one case is one run of the graph."""

    uses_others = False

    def __init__(self, name: str, experiment: Experiment, settings: Settings) -> None:
        self.graph = name
        self.variant = experiment.variant(name)
        self._model, self._protocol, self._settings = (
            experiment.model,
            experiment.protocol,
            settings,
        )
        self._votes = experiment.votes
        self._told = name == "valuesim" and "story" not in experiment.without
        options = (
            {"without": experiment.without, "integrate": experiment.integrate}
            if name == "valuesim"
            else {}
        )
        self._compiled = load_method(name)(**options)

    def prepare(self, fitting: Any) -> None:
        """Nothing to learn: a graph never sees other people."""

    async def answer(self, case: Case) -> Row:
        """Run the graph on one case; the story of a person is told once, before the first question.

        A failed call makes a row that says so.
        """
        try:
            return await self._ask(case)
        except CallFailedError as failed:
            return self._row(case, None, error=failed.kind, message=error_text(failed))

    async def _ask(self, case: Case) -> Row:
        """One run of the graph."""
        person, item = case.person, case.item
        question: dict[str, Any] = {
            "profile": list(person.profile),
            "question": item.question,
            "options": options_of(item),
        }
        if self._told:
            question |= await self._story(person)
        if self._votes > 1:
            code, cause = await self._most(question)
            return self._row(case, code, "direct", cause=cause)
        found = await self.once(question, self._settings)
        return self._row(case, found["code"], found["decided_by"], cause=found["cause"])

    async def once(self, question: dict[str, Any], settings: Settings) -> dict[str, Any]:
        """Run the graph once."""
        found: dict[str, Any] = await self._compiled.ainvoke(
            question, config={"recursion_limit": 25}, context=settings
        )
        return found

    async def _most(self, question: dict[str, Any]) -> tuple[int | None, str]:
        """The code that most of several draws reply, the one replied first among equals.

        None where none is read, and the commonest cause.
        """
        chat: Any = self._settings.chat
        draws = [chat.model_copy(update={"draw": draw}) for draw in range(self._votes)]
        runs = [
            self.once(question, self._settings.model_copy(update={"chat": draw})) for draw in draws
        ]
        found = await asyncio.gather(
            *runs, return_exceptions=True
        )  # all are asked, also where one must wait
        for failed in (run for run in found if isinstance(run, BaseException)):
            raise failed
        read = [run for run in found if not isinstance(run, BaseException)]
        votes = Counter(run["code"] for run in read if run["code"] is not None)
        if votes:
            return votes.most_common(1)[0][0], ""
        return None, commonest_cause(run["cause"] for run in read)

    def _row(
        self,
        case: Case,
        code: int | None,
        decided_by: str = "",
        error: str = "",
        cause: str = "",
        message: str = "",
    ) -> Row:
        """A row of this method: all weight on the code that was read."""
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

    async def _story(self, person: Person) -> dict[str, Any]:
        """The backstory of a person, told by whoever asks first and shared by all who ask after."""
        from graph.nodes.story import tell_story

        if "story" not in person.shared:
            story = person.shared["story"] = asyncio.ensure_future(
                tell_story(person.profile, self._settings)
            )
            story.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # perhaps nobody waits any more
        told: dict[str, Any] = await asyncio.shield(person.shared["story"])
        return told
