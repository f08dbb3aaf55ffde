"""Asks what the ledger of a run lacks: at once, in batches or on a cluster."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

import pandas as pd
from rich.console import Console

from baselines.answer_frame import join_frames, sort_frame
from baselines.method import Method
from baselines.reference import Reference
from evals.batches.outbox import count_batches_under_way
from evals.batches.runner import run_in_batches
from evals.costs.prices import tokens_used
from evals.formats import BATCHES, FOLDS, LEDGER, RESPONDENTS, write_csv, write_json
from evals.harness import models
from evals.harness.engine import answer_all
from evals.harness.errors import ExperimentError
from evals.harness.ledger import Ledger
from evals.harness.method_names import ASKED_ONE_BY_ONE
from evals.harness.methods import GraphMethod, graphs_of_experiment, methods_of_experiment
from evals.harness.plan import Plan
from evals.harness.references import answer_by_references
from evals.runner.call_store import open_call_store
from evals.runner.expected_calls import expected_calls
from evals.runner.first_answers import FirstAnswers
from evals.runner.garbage import search_new_objects_only
from evals.runner.identity import respondents_table
from evals.runner.progress import ProgressWatch
from evals.runner.run_result import RunResult
from evals.runner.tally import Tally, counted_methods
from evals.store.cached_chat import CachedChatModel
from evals.store.call_store import CallStore
from graph.llm.addresses import is_local_model
from graph.llm.errors import RunAbortedError
from graph.settings import Settings

FIRST_OUT = 0.05
"""Seconds in which the first requests go out; whoever answers them takes longer."""
GRACE = 5.0
"""Seconds that requests under way have to come back when a run ends early: they are paid for."""


@dataclass(frozen=True)
class OpenRun:
    """A run whose ledger and call store are open.

    `references`: statistical methods answer too; `answers` shows the first answers, once a run.
    """

    plan: Plan
    tally: Tally
    console: Console
    ledger: Ledger
    store: CallStore
    references: bool
    answers: FirstAnswers

    def watch(self) -> ProgressWatch:
        """Return the progress bar over all answers of the run."""
        graphs = counted_methods(self.plan.experiment)
        done = {graph: self.ledger.count([graph]) for graph in graphs}
        asks = self.plan.experiment.uses_model
        expected = expected_calls(self.plan, done) if asks else None
        return ProgressWatch(
            self.console,
            self.tally,
            sum(done.values()),
            self.store,
            graphs,
            expected,
            self.answers,
        )

    def print_line(self, line: str) -> None:
        """Print a line of the batches as it is."""
        self.console.print(line, soft_wrap=True, markup=False)


def methods_of_run(plan: Plan, references: bool, settings: Settings | None = None) -> list[Method]:
    """Return the methods of a run; without `settings` they can be counted and named, not asked."""
    settings = Settings() if settings is None else settings
    if references:
        several = plan.survey.several_countries
        return list(methods_of_experiment(plan.experiment, settings, several))
    return list(graphs_of_experiment(plan.experiment, settings))


async def ask_missing(plan: Plan, tally: Tally, console: Console, references: bool) -> RunResult:
    """Answer every case that the ledger lacks, and return all that it holds.

    Raises ExperimentError where batches are under way that this run does not go on with, and
    RunAbortedError when going on makes no sense.
    """
    experiment = plan.experiment
    _check_batches(plan, tally)
    _write_design(plan, tally)
    with _opened(plan, tally, console, references) as run:
        if experiment.retry_failed:
            run.ledger.forget_failed()
        tally.answers = run.ledger.count(counted_methods(experiment), failed=False)
        ask = _ask_cluster if experiment.cluster else _ask_models
        methods = await ask(run)
        used, cut = tokens_used(run.store), run.store.cut_prompts()
        return RunResult(answers_of_run(run.ledger, tally), methods, used, cut=cut)


def answers_of_run(ledger: Ledger, tally: Tally) -> pd.DataFrame:
    """Return all answers of a run, sorted: those in its ledger, and those of the references."""
    frames = [ledger.answers(ASKED_ONE_BY_ONE)]
    if tally.by_references is not None:
        frames.append(tally.by_references)
    return sort_frame(join_frames(frames))


def _answer_by_references(run: OpenRun, methods: Sequence[Method]) -> int:
    """Work out the answers of the references among these methods, and return their number."""
    references = [method for method in methods if isinstance(method, Reference)]
    run.tally.by_references = answer_by_references(run.plan, references)
    return len(run.tally.by_references)


async def _answer_meanwhile(run: OpenRun, methods: Sequence[Method]) -> None:
    """Work out the answers of the references in a thread, once the first requests are out."""
    await asyncio.sleep(FIRST_OUT)
    await asyncio.to_thread(_answer_by_references, run, methods)


def _check_batches(plan: Plan, tally: Tally) -> None:
    """Raise ExperimentError where batches are under way and the run is not one in batches."""
    if plan.experiment.batch:
        return
    if count := count_batches_under_way(tally.directory / BATCHES):
        raise ExperimentError(
            f"--out {tally.directory}: batches under way there: {count}; --batch goes on with "
            f"them; remove {BATCHES} to leave them"
        )


def _write_design(plan: Plan, tally: Tally) -> None:
    """Write who is asked what: the items of each fold, and the respondents drawn."""
    folds = {}
    for fold in plan.folds:
        folds[fold.number] = {"held_out": fold.held_out, "known": fold.known}
    write_json(tally.directory / FOLDS, folds)
    write_csv(tally.directory / RESPONDENTS, *respondents_table(plan))


@contextmanager
def _opened(plan: Plan, tally: Tally, console: Console, references: bool) -> Iterator[OpenRun]:
    """Open the ledger and the call store of a run while the block lasts."""
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(Ledger(tally.directory / LEDGER)))
        store = stack.enter_context(closing(open_call_store(plan.experiment, tally.directory)))
        answers = FirstAnswers(plan, console)
        yield OpenRun(plan, tally, console, ledger, store, references, answers)


async def _ask_models(run: OpenRun) -> list[Method]:
    """Ask from this process, at once or in batches; returns the methods asked."""
    experiment = run.plan.experiment
    async with models.open_client(experiment) as client:
        settings = models.graph_settings(experiment, run.store, client)
        methods = methods_of_run(run.plan, run.references, settings)
        asking = [method for method in methods if not isinstance(method, Reference)]
        if not asking:
            run.tally.answers = _answer_by_references(run, methods)
            return methods

        async def ask() -> None:
            async with run.watch() as watch:
                with search_new_objects_only():
                    await answer_all(run.plan, asking, run.ledger, watch)

        meanwhile = asyncio.create_task(_answer_meanwhile(run, methods))
        try:
            if experiment.batch and isinstance(settings.chat, CachedChatModel):
                outbox, again = run.tally.directory / BATCHES, experiment.retry_failed
                await run_in_batches(ask, settings.chat, outbox, run.print_line, again)
            else:
                await ask()
        except (asyncio.CancelledError, RunAbortedError) as early:
            await run.store.drain(0 if is_local_model(experiment.chat) else GRACE)
            if isinstance(early, RunAbortedError):
                await meanwhile
            raise
        await meanwhile
    return methods


async def _ask_cluster(run: OpenRun) -> list[Method]:
    """Ask from the workers of a cluster; methods that need no model answer in this process."""
    from evals.cluster import driver as cluster

    methods = methods_of_run(run.plan, run.references)
    asking = [method for method in methods if isinstance(method, GraphMethod)]
    _answer_by_references(run, methods)
    local = [method for method in methods if not isinstance(method, GraphMethod | Reference)]
    async with run.watch() as watch:
        await cluster.run_on_cluster(
            run.plan, asking, run.ledger, run.store, run.tally.directory, watch
        )
        await answer_all(run.plan, local, run.ledger, watch)
    return methods
