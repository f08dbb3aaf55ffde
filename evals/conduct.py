"""One experiment carried out: all is checked, what is missing is asked, and its rows come back."""

import asyncio
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

import prompts
from baselines.method import Method, Row
from evals import folder as files
from evals import models, tracing
from evals.batches.outbox import under_way
from evals.batches.rounds import in_batches
from evals.costs.prices import Tokens, tariff, used
from evals.experiment import BAD_INPUT, INTERRUPTED, Ended, Experiment, ExperimentError, default_folder, identity
from evals.harness import Plan, run
from evals.ledger import Ledger
from evals.methods import GraphMethod, graphs, methods, references
from evals.progress import Watch
from graph.calls import CallStore, StoredChat
from graph.context_window import Cut
from graph.faults import Stop
from graph.models import ModelError
from graph.offline import NOTICE
from graph.settings import Settings
from graph.stores import StoreError
from survey.codebook import Codebook
from survey.respondents import DataError, Respondents, read
from survey.synthetic import sample


@dataclass(frozen=True)
class Answered:
    """The rows of a run, as `predictions.csv` has them; its methods in the order shown; what it used, by template.

    `cut` tells of prompts that the server cut.
    """

    rows: Sequence[Row]
    methods: Sequence[Method]
    used: Mapping[str, Tokens]
    cut: Cut | None = None


def ready(experiment: Experiment) -> None:
    """See that prompts, prices, packages and models are right before work starts. Raises ExperimentError, one line."""
    if not experiment.trace and (line := tracing.switch_off()):
        print(line, file=sys.stderr)
    try:
        if experiment.prompts:
            prompts.check(experiment.prompts)
        tariff(experiment)
        list(references(experiment))
        if not experiment.dry_run:
            asyncio.run(_try_models(experiment))
    except (ModelError, ModuleNotFoundError, prompts.PromptError, ValueError) as error:
        raise ExperimentError(str(error)) from None


async def _try_models(experiment: Experiment) -> None:
    """See that keys, addresses and models are right, wherever they will be asked from."""
    if experiment.cluster:
        from evals.cluster import driver as cluster

        await cluster.check(experiment, experiment.cluster)
        return
    async with models.opened(experiment) as client:
        await models.check(experiment, client)


def people_of(experiment: Experiment, codebook: Codebook) -> Respondents:
    """The people of the survey file, or of the sample. Raises ExperimentError, one line."""
    try:
        return read(experiment.data or sample(), codebook)
    except DataError as error:
        raise ExperimentError(str(error)) from None


def plan_of(experiment: Experiment, survey: Respondents, codebook: Codebook) -> Plan:
    """Who is asked what. Raises ExperimentError, one line."""
    try:
        return Plan.of(experiment, survey, codebook)
    except ValueError as error:
        raise ExperimentError(str(error)) from None


def introduce(console: Console, plan: Plan) -> None:
    """Say on which people and with what model, and what the reader noticed."""
    source = plan.survey.source if plan.experiment.data else "the synthetic sample (people who never lived)"
    console.print(
        f"{len(plan.survey):,} people in {source}; {len(plan.drawn)} drawn with seed {plan.experiment.seed}.",
        soft_wrap=True,
    )
    for note in (
        *plan.survey.notes,
        f"Neither shown nor scored, their options being a country's own list: {', '.join(plan.codebook.left_out)}.",
    ):
        console.print(note, style="dim", soft_wrap=True)
    if plan.experiment.offline:
        console.print(f"Note: {NOTICE}.", style="yellow", soft_wrap=True)


def fit(console: Console, plan: Plan) -> None:
    """See that the longest prompts fit what the model reads at once, and warn where they may not.

    Raises ExperimentError, one line, where they cannot.
    """
    from evals.fit import see_fit

    if doubt := see_fit(plan, folder_of(plan)):
        console.print(f"Warning: {doubt}", style="bold yellow", soft_wrap=True, markup=False)


def decides(plan: Plan) -> dict[str, object]:
    """What decides the answers of a run: its settings, data and prompts."""
    return identity(plan.experiment, plan.survey.sha256, prompts.fingerprint(plan.experiment.prompts))


def folder_of(plan: Plan) -> Path:
    """The directory of a run."""
    return plan.experiment.out or default_folder(plan.experiment, decides(plan))


def conduct(plan: Plan, console: Console, references: bool = True) -> Answered:
    """Ask what the run's directory does not hold yet, and return all that it holds; without references if so wished.

    Raises ExperimentError when the directory cannot be used, Ended when the run came to an end early; what was
    answered is kept.
    """
    folder, survey = folder_of(plan), plan.survey
    provenance = {
        "data": survey.source,
        "rows": len(survey),
        "notes": list(survey.notes),
        "left_out": list(plan.codebook.left_out),
    }
    with files.open_folder(folder, plan.experiment, decides(plan), provenance):
        try:
            return asyncio.run(_ask(plan, folder, console, references))
        except Stop as stop:
            raise Ended(f"stopped: {stop}; what was answered is kept in {folder}", BAD_INPUT) from None
        except KeyboardInterrupt:
            raise Ended(f"interrupted; the same command goes on where {folder} ends", INTERRUPTED) from None
        except StoreError:
            raise
        except sqlite3.Error as error:
            raise ExperimentError(f"--out {folder}: its ledger or its call store cannot be used ({error})") from None


async def _ask(plan: Plan, folder: Path, console: Console, references: bool) -> Answered:
    """Answer what is missing in the ledger, and return what it holds."""
    experiment = plan.experiment
    if not experiment.batch and (count := under_way(folder / files.BATCHES)):
        raise ExperimentError(
            f"--out {folder}: batches under way there: {count}; --batch goes on with them; remove "
            f"{files.BATCHES} to leave them"
        )
    files.write_json(
        folder / "folds.json", {fold.number: {"held_out": fold.held_out, "known": fold.known} for fold in plan.folds}
    )
    files.write_csv(folder / "respondents.csv", *respondents_table(plan))
    ledger = Ledger(folder / files.LEDGER)
    store = models.store(experiment, folder)
    try:
        if experiment.retry_failed:
            ledger.forget_failed()
        answer = _answer_on_cluster if experiment.cluster else _answer
        every = await answer(plan, folder, console, ledger, store, references)
        return Answered(list(ledger.rows()), every, used(store), store.cut())
    finally:
        ledger.close()
        store.close()


def respondents_table(plan: Plan) -> tuple[list[str], list[list[object]]]:
    """Header and lines of `respondents.csv`: who was drawn, in the order drawn."""
    context = plan.survey.context.iloc[[row - 1 for row in plan.drawn]]
    lines = [[row, *values] for row, values in zip(plan.drawn, context.itertuples(index=False), strict=True)]
    return ["respondent", *context.columns], lines


async def _answer(
    plan: Plan, folder: Path, console: Console, ledger: Ledger, store: CallStore, references: bool
) -> list[Method]:
    """Ask what is missing, at once or in batches; returns the methods that were asked."""
    experiment = plan.experiment
    async with models.opened(experiment) as client:
        settings = models.settings(experiment, store, client)
        every = list((methods if references else graphs)(experiment, settings))

        async def ask() -> None:
            with _watch(plan, console, ledger, store, every) as watch:
                await run(plan, every, ledger, watch)

        def say(line: str) -> None:
            console.print(line, soft_wrap=True, markup=False)

        if experiment.batch and isinstance(settings.chat, StoredChat):
            await in_batches(ask, settings.chat, folder / files.BATCHES, say, experiment.retry_failed)
        else:
            await ask()
    return every


async def _answer_on_cluster(
    plan: Plan, folder: Path, console: Console, ledger: Ledger, store: CallStore, references: bool
) -> list[Method]:
    """Ask what is missing from the workers of a cluster; references that ask no model answer here."""
    from evals.cluster import driver as cluster

    every = list((methods if references else graphs)(plan.experiment, Settings()))
    asking = [method for method in every if isinstance(method, GraphMethod)]
    with _watch(plan, console, ledger, store, every) as watch:
        await cluster.run(plan, asking, ledger, store, folder, watch)
        await run(plan, [method for method in every if method not in asking], ledger, watch)
    return every


def _watch(plan: Plan, console: Console, ledger: Ledger, store: CallStore, every: Sequence[Method]) -> Watch:
    """The bar over all rows that there will be."""
    return Watch(console, plan.size(len(every)), ledger.count(), lambda: store.tokens, store.gate.budget)
