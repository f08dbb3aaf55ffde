"""One experiment in, tables out: `python -m evals.run --graph valuesim`."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from evals.harness.experiment import (
    COMPLETE,
    FAILED_CALLS,
    INTERRUPTED,
    PAPER,
    Experiment,
    ExperimentError,
    RunEndedError,
    make_experiment,
    read_config,
)
from evals.harness.flags import parse_flags
from evals.runner import interrupts
from evals.runner.command import run_command

if TYPE_CHECKING:
    from evals.harness.engine import Plan

ABOUT = "Ask people's held-out survey questions to simulations of them, and score what they answer."


def main(arguments: Sequence[str] | None = None, prog: str = "evals.run") -> int:
    """Run one experiment; 0 complete, 2 bad input or settings, 3 finished with failed calls, 130
    interrupted.
    """

    def work() -> int:
        given, config = parse_flags(Experiment, prog, ABOUT, arguments)
        if config is not None:
            paper = PAPER if given.get("paper") else {}  # a flag as well, so it beats the file
            given = read_config(config) | paper | given
        return _run(make_experiment(add_environment(given)))

    return run_command(prog, "interrupted before anything was asked", work)


def add_environment(given: dict[str, Any]) -> dict[str, Any]:
    """The settings, with the address that the environment names where no flag does."""
    if str(given.get("model", "")).startswith("openai:") and not given.get("base_url"):
        return given | {"base_url": os.environ.get("OPENAI_BASE_URL") or None}
    return given


def _run(experiment: Experiment) -> int:
    """Read, check, ask, score."""
    from rich.console import Console

    from evals.runner.results import write_results
    from evals.runner.run import (
        fit,
        make_plan,
        preflight,
        print_header,
        read_people,
        run_experiment,
        run_folder,
    )
    from survey.codebook import wvs7

    console = Console(stderr=True, highlight=False)
    with _nothing_lost(experiment):
        preflight(experiment)
        plan = make_plan(experiment, read_people(experiment, wvs7()), wvs7())
        print_header(console, plan)
        interrupts.hold()
    if experiment.dry_run:
        print_run_estimate(plan)
        return COMPLETE
    fit(console, plan)
    failed = run_experiment(
        plan, console, lambda answered: write_results(plan, run_folder(plan), answered)
    )
    return FAILED_CALLS if failed else COMPLETE


@contextmanager
def _nothing_lost(experiment: Experiment) -> Iterator[None]:
    """While a run that was begun before is taken up, an interrupt says that what it has is kept."""
    from evals.harness.run_directory import LEDGER
    from evals.runner.tally import Tally

    if not experiment.out or not (experiment.out / LEDGER).is_file():
        yield
        return
    said = Tally(experiment.out, 0).said("interrupted")
    try:
        with interrupts.say_at_interrupt(lambda: said):
            yield
    except KeyboardInterrupt:
        raise RunEndedError(said, INTERRUPTED) from None


def print_run_estimate(plan: "Plan") -> None:
    """Show what the run would take, asking and writing nothing. Raises ExperimentError, one
    line.
    """
    import sqlite3

    from evals.costs.estimate import CostEstimate
    from evals.costs.prices import tariff_of
    from evals.costs.stored_calls import StoredCalls, done_keys
    from evals.harness.run_directory import CALLS, CONFIG, LEDGER, check_same_settings
    from evals.render.console import terminal
    from evals.render.costs import print_estimate
    from evals.runner.run import run_folder, run_identity
    from evals.store.store_format import StoreError

    experiment, folder = plan.experiment, run_folder(plan)
    if (folder / CONFIG).is_file():
        check_same_settings(folder, run_identity(plan))
    try:
        done = done_keys(folder / LEDGER, experiment.retry_failed)
        tariff = tariff_of(experiment)
        with StoredCalls(experiment.calls or folder / CALLS, experiment) as stored:
            estimate = CostEstimate(plan, done, stored)
        print_estimate(terminal(), experiment, estimate, tariff)
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise ExperimentError(
            f"--out {folder}: its ledger or its call store cannot be read ({error})"
        ) from None


if __name__ == "__main__":
    raise SystemExit(main())
