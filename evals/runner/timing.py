"""Times one call before a run: where a model costs no money, its time is what matters."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from rich.console import Console

from baselines.method import Case
from evals import interrupts
from evals.costs.prices import NOTHING, Tariff
from evals.costs.timed_call import TimedCall, find_timed_call
from evals.formats import CALLS, CONFIG
from evals.harness import models
from evals.harness.experiment import Experiment
from evals.harness.methods import GraphMethod, graphs_of_experiment
from evals.harness.plan import Plan
from evals.harness.run_directory import open_run_directory, run_name
from evals.runner.call_store import open_call_store
from evals.runner.identity import directory_of_run, provenance_of, run_identity
from graph.llm.errors import CallFailedError, RunAbortedError
from graph.llm.factory import ModelError
from graph.nodes.story import tell_story
from graph.settings import Settings

FEWEST_CALLS = ("full_info", "rag", "valuesim")
"""The graphs, from the one with the fewest calls a question."""


def may_time_a_call(experiment: Experiment, tariff: Tariff) -> bool:
    """Whether a dry run may ask one call to time it.

    That is where all chat models cost nothing, or where no price is known and `--yes` agrees.
    """
    if not experiment.uses_model or experiment.offline or experiment.batch or experiment.cluster:
        return False
    quotes = [tariff.chat, *tariff.others.values()]
    return all(quote == NOTHING or (quote is None and experiment.yes) for quote in quotes)


def time_one_call(plan: Plan, console: Console) -> TimedCall | None:
    """Return how long one call of a run takes; None where none can be timed, and a line says why.

    A call that the run has made before is not made again. A new one is kept in the call store of
    the run, so that the run does not pay for it again. Raises ExperimentError where the directory
    of the run cannot be used.
    """
    directory = directory_of_run(plan)
    if (directory / CONFIG).is_file() and (known := _known_call(plan, directory)):
        return known
    console.print("timing one call", style="dim")
    try:
        interrupts.run_interruptible(lambda: _check_servers(plan.experiment))
        with _open_directory(plan, directory):
            interrupts.run_interruptible(lambda: _ask_once(plan, directory))
            return _known_call(plan, directory)
    except (ModelError, CallFailedError, RunAbortedError) as error:
        console.print(f"No call could be timed: {error}", soft_wrap=True, markup=False)
        return None


def _open_directory(plan: Plan, directory: Path) -> AbstractContextManager[None]:
    """Make or take up the directory of the run, as the run itself does."""
    experiment, identity = plan.experiment, run_identity(plan)
    return open_run_directory(directory, experiment, identity, provenance_of(plan))


def _known_call(plan: Plan, directory: Path) -> TimedCall | None:
    """Return a call that the run has made before; None where it has made none."""
    return find_timed_call(plan.experiment.calls or directory / CALLS, run_name(directory))


async def _check_servers(experiment: Experiment) -> None:
    """Raise ModelError where a server cannot be reached or does not know its model."""
    async with models.open_client(experiment) as client:
        await models.check_servers(experiment, client)


async def _ask_once(plan: Plan, directory: Path) -> None:
    """Ask what the run asks first: a story, or else one question by the graph of fewest calls."""
    experiment = plan.experiment
    store = open_call_store(experiment, directory)
    try:
        async with models.open_client(experiment) as client:
            settings = models.graph_settings(experiment, store, client)
            if cases := _first_cases(plan):
                await _ask_first(experiment, cases[0], settings)
    finally:
        store.close()


def _first_cases(plan: Plan) -> Sequence[Case]:
    """Return the cases of the first person drawn who has any."""
    for respondent in plan.drawn:
        for fold in plan.folds:
            if cases := plan.cases(plan.person(respondent, fold), fold):
                return cases
    return []


async def _ask_first(experiment: Experiment, case: Case, settings: Settings) -> None:
    """Tell the story of a case, or answer it. Raises CallFailedError where the call fails."""
    profile = case.person.profile
    if "valuesim" in experiment.graph and "story" not in experiment.without and profile:
        await tell_story(profile, settings)
        return
    methods = graphs_of_experiment(experiment, settings)
    method: GraphMethod = min(methods, key=lambda each: FEWEST_CALLS.index(each.graph))
    row = await method.answer(case)
    if row.error:
        raise CallFailedError(row.error, row.message)
