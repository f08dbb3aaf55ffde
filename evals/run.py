"""One experiment in, tables out: `python -m evals.run --graph valuesim`."""

import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.experiment import PAPER, Experiment, ExperimentError, default_folder, from_config, identity, make
from evals.flags import parse

if TYPE_CHECKING:
    from rich.console import Console

    from baselines.method import Method
    from evals.costs.prices import Tariff
    from evals.harness import Plan
    from evals.ledger import Ledger
    from graph.calls import CallStore

ABOUT = "Ask people's held-out survey questions to simulations of them, and score what they answer."
COMPLETE, BAD_INPUT, FAILED_CALLS, INTERRUPTED = 0, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one experiment; 0 complete, 2 bad input or settings, 3 finished with failed calls, 130 interrupted."""
    try:
        given, config = parse(Experiment, "evals.run", ABOUT, arguments)
        if config is not None:
            paper = PAPER if given.get("paper") else {}  # a flag as well, so it beats the file
            given = from_config(config) | paper | given
        if str(given.get("model", "")).startswith("openai:") and not given.get("base_url"):
            given["base_url"] = os.environ.get("OPENAI_BASE_URL") or None
        return _run(make(given))
    except (ExperimentError, OSError) as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return _refuse("interrupted before anything was asked", INTERRUPTED)


def _refuse(message: str, code: int = BAD_INPUT) -> int:
    """Say in one line why nothing more is done."""
    sys.stderr.write(f"evals.run: {' '.join(message.split())}\n")
    return code


def _run(experiment: Experiment) -> int:
    """Read, check, ask, score."""
    import asyncio

    from rich.console import Console

    import prompts
    from evals.costs.prices import tariff
    from evals.folder import open_folder
    from evals.harness import Plan
    from graph.faults import Stop
    from graph.models import ModelError
    from survey.codebook import wvs7
    from survey.respondents import DataError, read
    from survey.synthetic import sample

    console = Console(stderr=True, highlight=False)
    try:
        if experiment.prompts:
            prompts.check(experiment.prompts)
        prices = tariff(experiment)
        if not experiment.dry_run:
            asyncio.run(_try_models(experiment))
        survey = read(experiment.data or sample(), wvs7())
        plan = Plan.of(experiment, survey, wvs7())
    except (DataError, ModelError, prompts.PromptError, ValueError) as error:
        return _refuse(str(error))
    _introduce(console, plan)
    prompts_hash = prompts.fingerprint(experiment.prompts)
    decides = identity(experiment, survey.sha256, prompts_hash)
    provenance = {
        "data": survey.source,
        "rows": len(survey),
        "notes": list(survey.notes),
        "left_out": list(wvs7().left_out),
    }
    folder = experiment.out or default_folder(experiment, decides)
    if experiment.dry_run:
        return _estimate(plan, prices, folder, decides)
    with open_folder(folder, experiment, decides, provenance):
        try:
            return asyncio.run(_ask(plan, folder, console))
        except Stop as stop:
            return _refuse(f"stopped: {stop}; what was answered is kept in {folder}")
        except KeyboardInterrupt:
            return _refuse(f"interrupted; the same command goes on where {folder} ends", INTERRUPTED)
        except sqlite3.Error as error:
            return _refuse(f"--out {folder}: its ledger or its call store cannot be used ({error})")


def _estimate(plan: "Plan", prices: "Tariff", folder: Path, decides: "dict[str, Any]") -> int:
    """Show what the run would take, asking and writing nothing."""
    from evals.costs.dry_run import print_estimate
    from evals.costs.kept import done_in
    from evals.folder import CALLS, CONFIG, LEDGER, same
    from evals.table import terminal

    if (folder / CONFIG).is_file():
        same(folder, decides)
    try:
        done = done_in(folder / LEDGER, plan.experiment.retry_failed)
        print_estimate(terminal(), plan, prices, done, plan.experiment.calls or folder / CALLS)
    except sqlite3.Error as error:
        return _refuse(f"--out {folder}: its ledger or its call store cannot be read ({error})")
    return COMPLETE


async def _try_models(experiment: Experiment) -> None:
    """See that keys, addresses and models are right before any work starts, wherever they will be asked from."""
    from evals import models

    if experiment.cluster:
        from evals.cluster import driver as cluster

        await cluster.check(experiment, experiment.cluster)
        return
    async with models.opened(experiment) as client:
        await models.check(experiment, client)


def _introduce(console: "Console", plan: "Plan") -> None:
    """Say on which people and with what model, and what the reader noticed."""
    from graph.offline import NOTICE

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


async def _ask(plan: "Plan", folder: Path, console: "Console") -> int:
    """Answer what is missing in the ledger, then write and show what it holds."""
    from evals import folder as files
    from evals import models
    from evals.batches.outbox import under_way
    from evals.ledger import Ledger
    from evals.results import respondents_table, write_results

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
        every = await answer(plan, folder, console, ledger, store)
        failed = write_results(plan, folder, list(ledger.rows()), every, store)
    finally:
        ledger.close()
        store.close()
    return FAILED_CALLS if failed else COMPLETE


async def _answer(
    plan: "Plan", folder: Path, console: "Console", ledger: "Ledger", store: "CallStore"
) -> "list[Method]":
    """Ask what is missing, at once or in batches; returns the methods that were asked."""
    from evals import models
    from evals.batches.rounds import in_batches
    from evals.folder import BATCHES
    from evals.harness import run
    from evals.methods import methods
    from evals.progress import Watch
    from graph.calls import StoredChat

    experiment = plan.experiment
    async with models.opened(experiment) as client:
        settings = models.settings(experiment, store, client)
        every = list(methods(experiment, settings))

        async def ask() -> None:
            with Watch(
                console, plan.size(len(every)), ledger.count(), lambda: store.tokens, store.gate.budget
            ) as watch:
                await run(plan, every, ledger, watch)

        def say(line: str) -> None:
            console.print(line, soft_wrap=True, markup=False)

        if experiment.batch and isinstance(settings.chat, StoredChat):
            await in_batches(ask, settings.chat, folder / BATCHES, say, experiment.retry_failed)
        else:
            await ask()
    return every


async def _answer_on_cluster(
    plan: "Plan", folder: Path, console: "Console", ledger: "Ledger", store: "CallStore"
) -> "list[Method]":
    """Ask what is missing from the workers of a cluster; references that ask no model answer here."""
    from evals.cluster import driver as cluster
    from evals.harness import run
    from evals.methods import GraphMethod, methods
    from evals.progress import Watch
    from graph.settings import Settings

    every = list(methods(plan.experiment, Settings()))
    graphs = [method for method in every if isinstance(method, GraphMethod)]
    with Watch(console, plan.size(len(every)), ledger.count(), lambda: store.tokens, store.gate.budget) as watch:
        await cluster.run(plan, graphs, ledger, store, folder, watch)
        await run(plan, [method for method in every if method not in graphs], ledger, watch)
    return every


if __name__ == "__main__":
    raise SystemExit(main())
