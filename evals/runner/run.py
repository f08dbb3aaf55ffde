"""One experiment carried out: all is checked, what is missing is asked, and its rows come back."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console

import prompts
from baselines.method import Method, Row
from evals.batches.outbox import batches_under_way
from evals.batches.runner import run_in_batches
from evals.costs.prices import Tokens, tariff_of, tokens_used
from evals.harness import models, tracing
from evals.harness import run_directory as files
from evals.harness.engine import Plan, answer_all
from evals.harness.experiment import (
    BAD_INPUT,
    INTERRUPTED,
    Experiment,
    ExperimentError,
    RunEndedError,
    default_folder,
    experiment_identity,
)
from evals.harness.ledger import Ledger
from evals.harness.methods import (
    GraphMethod,
    graphs_of_experiment,
    methods_of_experiment,
    references_of_experiment,
)
from evals.runner import interrupts
from evals.runner.progress import ProgressWatch
from evals.runner.tally import EarlyEnd, Tally, counted_methods
from evals.store.cached_chat import CachedChatModel
from evals.store.call_store import CallStore
from evals.store.store_format import StoreError
from graph.llm.context_window import CutPrompts
from graph.llm.errors import RunAbortedError
from graph.llm.factory import ModelError
from graph.llm.offline import NOTICE
from graph.settings import Settings
from survey.codebook import Codebook
from survey.respondents import DataError, Respondents, read_survey
from survey.synthetic import sample_path

Done = TypeVar("Done")

GRACE = 5.0
"""Seconds that requests which are out have to come back when a run ends early: they are paid."""


@dataclass(frozen=True)
class RunResult:
    """The rows of a run, as `predictions.csv` has them; its methods in the order shown; what it
    used, by template.

    `early`: why it ended before it had all. `cut` tells of prompts that the server cut.
    """

    rows: Sequence[Row]
    methods: Sequence[Method]
    used: Mapping[str, Tokens]
    early: EarlyEnd | None = None
    cut: CutPrompts | None = None


def preflight(experiment: Experiment) -> None:
    """See that prompts, prices, packages and models are right before work starts. Raises
    ExperimentError, one line.
    """
    if not experiment.trace and (line := tracing.switch_tracing_off()):
        print(line, file=sys.stderr)
    try:
        if experiment.prompts:
            prompts.check_templates(experiment.prompts)
        tariff_of(experiment)
        list(references_of_experiment(experiment))
        if not experiment.dry_run:
            interrupts.run_interruptible(lambda: _try_models(experiment))
    except (ModelError, ModuleNotFoundError, prompts.PromptError, ValueError) as error:
        raise ExperimentError(str(error)) from None


async def _try_models(experiment: Experiment) -> None:
    """See that keys, addresses and models are right, wherever they will be asked from."""
    if experiment.cluster:
        from evals.cluster import driver as cluster

        await cluster.check_workers(experiment, experiment.cluster)
        return
    async with models.open_client(experiment) as client:
        await models.check_servers(experiment, client)


def read_people(experiment: Experiment, codebook: Codebook) -> Respondents:
    """The people of the survey file, or of the sample. Raises ExperimentError, one line."""
    try:
        return read_survey(experiment.data or sample_path(), codebook)
    except DataError as error:
        raise ExperimentError(str(error)) from None


def make_plan(experiment: Experiment, survey: Respondents, codebook: Codebook) -> Plan:
    """Who is asked what. Raises ExperimentError, one line."""
    try:
        return Plan.of(experiment, survey, codebook)
    except ValueError as error:
        raise ExperimentError(str(error)) from None


def print_header(console: Console, plan: Plan) -> None:
    """Say on which people and with what model, and what the reader noticed."""
    source = (
        plan.survey.source
        if plan.experiment.data
        else "the synthetic sample (people who never lived)"
    )
    console.print(
        f"{len(plan.survey):,} people in {source}; {len(plan.drawn)} drawn with seed "
        f"{plan.experiment.seed}.",
        soft_wrap=True,
    )
    for note in (
        *plan.survey.notes,
        f"Neither shown nor scored, their options being a country's own list: "
        f"{', '.join(plan.codebook.left_out)}.",
    ):
        console.print(note, style="dim", soft_wrap=True)
    if plan.experiment.offline:
        console.print(f"Note: {NOTICE}.", style="yellow", soft_wrap=True)


def fit(console: Console, plan: Plan) -> None:
    """See that the longest prompts fit what the model reads at once, and warn where they may not.

    Raises ExperimentError, one line, where they cannot.
    """
    from evals.runner.context_fit import check_fit

    if doubt := check_fit(plan, run_folder(plan)):
        console.print(f"Warning: {doubt}", style="bold yellow", soft_wrap=True, markup=False)


def run_identity(plan: Plan) -> dict[str, object]:
    """What decides the answers of a run: its settings, data and prompts."""
    return experiment_identity(
        plan.experiment, plan.survey.sha256, prompts.templates_hash(plan.experiment.prompts)
    )


def run_folder(plan: Plan) -> Path:
    """The directory of a run."""
    return plan.experiment.out or default_folder(plan.experiment, run_identity(plan))


def run_experiment(
    plan: Plan, console: Console, finish: Callable[[RunResult], Done], references: bool = True
) -> Done:
    """Ask what the run's directory does not hold yet, and `finish` with all that it holds, which
    writes the results.

    `references`: those answer too. Raises ExperimentError when the directory cannot be used, and
    Ended when the run came to an end early; then as well `finish` has written what there is.
    """
    folder = run_folder(plan)
    tally = Tally(
        folder, plan.size(len(list(_methods(plan, references and not plan.experiment.uses_model))))
    )
    with files.open_folder(folder, plan.experiment, run_identity(plan), _provenance(plan)):
        try:
            with interrupts.say_at_interrupt(lambda: tally.said("interrupted")):
                answered = _answered(plan, tally, console, references)
                console.print("making tables", style="dim")
                done = finish(answered)
                interrupts.hold()
        except KeyboardInterrupt:
            raise RunEndedError(tally.said("interrupted"), INTERRUPTED) from None
        except StoreError:
            raise
        except sqlite3.Error as error:
            raise ExperimentError(
                f"--out {folder}: its ledger or its call store cannot be used ({error})"
            ) from None
    if answered.early:
        raise answered.early.ended
    return done


def _provenance(plan: Plan) -> dict[str, object]:
    """What a run's directory says of its data."""
    survey = plan.survey
    return {
        "data": survey.source,
        "rows": len(survey),
        "notes": list(survey.notes),
        "left_out": list(plan.codebook.left_out),
    }


def _methods(plan: Plan, references: bool) -> Iterator[Method]:
    """The methods of a run, to be counted and named; they ask nobody."""
    return iter(
        (methods_of_experiment if references else graphs_of_experiment)(plan.experiment, Settings())
    )


def _answered(plan: Plan, tally: Tally, console: Console, references: bool) -> RunResult:
    """Ask what is missing. What ends that early leaves what there is; raises Ended where that is
    nothing.
    """
    try:
        return interrupts.run_interruptible(lambda: _ask(plan, tally, console, references))
    except RunAbortedError as stop:
        early = EarlyEnd(f"stopped: {stop}", BAD_INPUT, tally)
    except KeyboardInterrupt:
        early = EarlyEnd("interrupted", INTERRUPTED, tally)
    answered = _so_far(plan, early, references)
    console.print(f"partial: {tally} ({early.why})", style="bold", soft_wrap=True, markup=False)
    return answered


def _so_far(plan: Plan, early: EarlyEnd, references: bool) -> RunResult:
    """What a run holds that ended early. Raises Ended where it holds no row."""
    folder = early.tally.folder
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(Ledger(folder / files.LEDGER)))
        early.tally.answers = ledger.count(counted_methods(plan.experiment), failed=False)
        rows = list(ledger.rows())
        if not rows:
            raise early.ended
        store = stack.enter_context(closing(models.open_call_store(plan.experiment, folder)))
        return RunResult(
            rows, list(_methods(plan, references)), tokens_used(store), early, store.cut_prompts()
        )


async def _ask(plan: Plan, tally: Tally, console: Console, references: bool) -> RunResult:
    """Answer what is missing in the ledger, and return what it holds."""
    experiment, folder = plan.experiment, tally.folder
    if not experiment.batch and (count := batches_under_way(folder / files.BATCHES)):
        raise ExperimentError(
            f"--out {folder}: batches under way there: {count}; --batch goes on with them; remove "
            f"{files.BATCHES} to leave them"
        )
    files.write_json(
        folder / "folds.json",
        {fold.number: {"held_out": fold.held_out, "known": fold.known} for fold in plan.folds},
    )
    files.write_csv(folder / "respondents.csv", *respondents_table(plan))
    ledger = Ledger(folder / files.LEDGER)
    store = models.open_call_store(experiment, folder)
    try:
        if experiment.retry_failed:
            ledger.forget_failed()
        tally.answers = ledger.count(counted_methods(experiment), failed=False)
        answer = _answer_on_cluster if experiment.cluster else _answer
        every = await answer(plan, tally, console, ledger, store, references)
        return RunResult(list(ledger.rows()), every, tokens_used(store), cut=store.cut_prompts())
    finally:
        ledger.close()
        store.close()


def respondents_table(plan: Plan) -> tuple[list[str], list[list[object]]]:
    """Header and lines of `respondents.csv`: who was drawn, in the order drawn."""
    context = plan.survey.context.iloc[[row - 1 for row in plan.drawn]]
    lines = [
        [row, *values]
        for row, values in zip(plan.drawn, context.itertuples(index=False), strict=True)
    ]
    return ["respondent", *context.columns], lines


async def _answer(
    plan: Plan, tally: Tally, console: Console, ledger: Ledger, store: CallStore, references: bool
) -> list[Method]:
    """Ask what is missing, at once or in batches; returns the methods that were asked."""
    experiment = plan.experiment
    async with models.open_client(experiment) as client:
        settings = models.graph_settings(experiment, store, client)
        every = list(
            (methods_of_experiment if references else graphs_of_experiment)(experiment, settings)
        )

        async def ask() -> None:
            async with _watch(plan, tally, console, ledger, store) as watch:
                await answer_all(plan, every, ledger, watch)

        def say(line: str) -> None:
            console.print(line, soft_wrap=True, markup=False)

        try:
            if experiment.batch and isinstance(settings.chat, CachedChatModel):
                await run_in_batches(
                    ask, settings.chat, tally.folder / files.BATCHES, say, experiment.retry_failed
                )
            else:
                await ask()
        except (asyncio.CancelledError, RunAbortedError):
            await store.drain(GRACE)
            raise
    return every


async def _answer_on_cluster(
    plan: Plan, tally: Tally, console: Console, ledger: Ledger, store: CallStore, references: bool
) -> list[Method]:
    """Ask what is missing from the workers of a cluster; references that ask no model answer
    here.
    """
    from evals.cluster import driver as cluster

    every = list(_methods(plan, references))
    asking = [method for method in every if isinstance(method, GraphMethod)]
    async with _watch(plan, tally, console, ledger, store) as watch:
        await cluster.run_on_cluster(plan, asking, ledger, store, tally.folder, watch)
        await answer_all(plan, [method for method in every if method not in asking], ledger, watch)
    return every


def _watch(
    plan: Plan, tally: Tally, console: Console, ledger: Ledger, store: CallStore
) -> ProgressWatch:
    """The bar over all answers that there will be."""
    graphs = counted_methods(plan.experiment)
    return ProgressWatch(console, tally, ledger.count(graphs), store, graphs)
