"""One experiment in, tables out: `python -m evals.run --graph valuesim`."""

import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals.experiment import PAPER, Experiment, ExperimentError, default_folder, from_config, identity, make
from evals.flags import parse

if TYPE_CHECKING:
    from rich.console import Console

    from evals.harness import Plan

ABOUT = "Ask people's held-out survey questions to simulations of them, and score what they answer."
COMPLETE, BAD_INPUT, FAILED_CALLS, INTERRUPTED = 0, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one experiment; 0 complete, 2 bad input or settings, 3 finished with failed calls, 130 interrupted."""
    try:
        given, config = parse(Experiment, "evals.run", ABOUT, arguments)
        if config is not None:
            paper = PAPER if given.get("paper") else {}  # a flag as well, so it beats the file
            given = from_config(config) | paper | given
        if str(given.get("model", "")).startswith("openai:") and os.environ.get("OPENAI_BASE_URL"):
            given.setdefault("base_url", os.environ["OPENAI_BASE_URL"])
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
    with open_folder(folder, experiment, decides, provenance):
        try:
            return asyncio.run(_ask(plan, folder, console))
        except Stop as stop:
            return _refuse(f"stopped: {stop}; what was answered is kept in {folder}")
        except KeyboardInterrupt:
            return _refuse(f"interrupted; the same command goes on where {folder} ends", INTERRUPTED)
        except sqlite3.Error as error:
            return _refuse(f"--out {folder}: its ledger or its call store cannot be used ({error})")


async def _try_models(experiment: Experiment) -> None:
    """See that keys, addresses and models are right before any work starts."""
    from evals import models

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
    from evals.harness import run
    from evals.ledger import Ledger
    from evals.methods import methods
    from evals.progress import Watch
    from evals.results import respondents_table, write_results

    experiment = plan.experiment
    files.write_json(
        folder / "folds.json", {fold.number: {"held_out": fold.held_out, "known": fold.known} for fold in plan.folds}
    )
    files.write_csv(folder / "respondents.csv", *respondents_table(plan))
    ledger = Ledger(folder / files.LEDGER)
    store = models.store(experiment, folder)
    try:
        if experiment.retry_failed:
            ledger.forget_failed()
        async with models.opened(experiment) as client:
            every = list(methods(experiment, models.settings(experiment, store, client)))
            with Watch(console, plan.size(len(every)), len(ledger.done()), lambda: store.tokens) as watch:
                await run(plan, every, ledger, watch)
        failed = write_results(plan, folder, list(ledger.rows()), every, store)
    finally:
        ledger.close()
        store.close()
    return FAILED_CALLS if failed else COMPLETE


if __name__ == "__main__":
    raise SystemExit(main())
