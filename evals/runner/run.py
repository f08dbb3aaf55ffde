"""Carries out one experiment: asks what its directory lacks and hands on what it holds."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TypeVar

from rich.console import Console

from evals import interrupts
from evals.costs.prices import tokens_used
from evals.formats import LEDGER
from evals.harness.errors import ExperimentError, RunEndedError
from evals.harness.exit_codes import BAD_INPUT, INTERRUPTED
from evals.harness.ledger import Ledger
from evals.harness.plan import Plan
from evals.harness.run_directory import open_run_directory
from evals.runner.answer_files import write_answers
from evals.runner.asking import answers_of_run, ask_missing, methods_of_run
from evals.runner.call_store import open_call_store
from evals.runner.identity import directory_of_run, provenance_of, run_identity
from evals.runner.run_result import RunResult
from evals.runner.tally import EarlyEnd, Tally, counted_methods
from evals.store.store_format import StoreError
from graph.llm.errors import RunAbortedError

Finished = TypeVar("Finished")


def run_experiment(
    plan: Plan,
    console: Console,
    finish: Callable[[RunResult], Finished],
    references: bool = True,
) -> Finished:
    """Ask what the run's directory lacks and return what `finish` makes of all that it holds.

    What was said is written first, then `finish` writes the results; both also for a run that ends
    early. `references`: statistical methods answer too. Raises ExperimentError when the directory
    cannot be used, and RunEndedError when the run ended early.
    """
    directory = directory_of_run(plan)
    asking = methods_of_run(plan, references and not plan.experiment.uses_model)
    tally = Tally(directory, plan.size(len(asking)))
    identity, provenance = run_identity(plan), provenance_of(plan)
    opened = open_run_directory(directory, plan.experiment, identity, provenance)
    with opened, _explain_endings(tally):
        result = _ask_or_end_early(plan, tally, console, references)
        console.print("making tables", style="dim")
        if plan.experiment.uses_model and plan.experiment.answers:
            write_answers(plan, directory)
        finished = finish(result)
        interrupts.raise_if_interrupted()
    if result.early:
        raise result.early.error
    return finished


@contextmanager
def _explain_endings(tally: Tally) -> Iterator[None]:
    """Turn an interrupt and a database that cannot be used into errors of one line."""
    try:
        with interrupts.say_at_interrupt(lambda: tally.sentence("interrupted")):
            yield
    except KeyboardInterrupt:
        raise RunEndedError(tally.sentence("interrupted"), INTERRUPTED) from None
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise ExperimentError(
            f"--out {tally.directory}: its ledger or its call store cannot be used ({error})"
        ) from None


def _ask_or_end_early(plan: Plan, tally: Tally, console: Console, references: bool) -> RunResult:
    """Ask what is missing; when that ends early, return what there is.

    Raises RunEndedError where there is nothing.
    """
    try:
        return interrupts.run_interruptible(lambda: ask_missing(plan, tally, console, references))
    except RunAbortedError as stop:
        early = EarlyEnd(f"stopped: {stop}", BAD_INPUT, tally)
    except KeyboardInterrupt:
        early = EarlyEnd("interrupted", INTERRUPTED, tally)
    result = _partial_result(plan, early, references)
    console.print(f"partial: {tally} ({early.why})", style="bold", soft_wrap=True, markup=False)
    return result


def _partial_result(plan: Plan, early: EarlyEnd, references: bool) -> RunResult:
    """Return what a run holds that ended early. Raises RunEndedError where it holds no row."""
    directory = early.tally.directory
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(Ledger(directory / LEDGER)))
        early.tally.answers = ledger.count(counted_methods(plan.experiment), failed=False)
        answers = answers_of_run(ledger, early.tally)
        if answers.empty:
            raise early.error
        store = stack.enter_context(closing(open_call_store(plan.experiment, directory)))
        methods = methods_of_run(plan, references)
        return RunResult(answers, methods, tokens_used(store), early, store.cut_prompts())
