"""One experiment in, tables out: `python -m evals.run --graph valuesim`."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from evals import interrupts
from evals.command import command
from evals.experiment import (
    COMPLETE,
    FAILED_CALLS,
    INTERRUPTED,
    PAPER,
    Ended,
    Experiment,
    ExperimentError,
    from_config,
    make,
)
from evals.flags import parse

if TYPE_CHECKING:
    from evals.harness import Plan

ABOUT = "Ask people's held-out survey questions to simulations of them, and score what they answer."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one experiment; 0 complete, 2 bad input or settings, 3 finished with failed calls, 130 interrupted."""

    def work() -> int:
        given, config = parse(Experiment, "evals.run", ABOUT, arguments)
        if config is not None:
            paper = PAPER if given.get("paper") else {}  # a flag as well, so it beats the file
            given = from_config(config) | paper | given
        return _run(make(with_environment(given)))

    return command("evals.run", "interrupted before anything was asked", work)


def with_environment(given: dict[str, Any]) -> dict[str, Any]:
    """The settings, with the address that the environment names where no flag does."""
    if str(given.get("model", "")).startswith("openai:") and not given.get("base_url"):
        return given | {"base_url": os.environ.get("OPENAI_BASE_URL") or None}
    return given


def _run(experiment: Experiment) -> int:
    """Read, check, ask, score."""
    from rich.console import Console

    from evals.conduct import conduct, fit, folder_of, introduce, people_of, plan_of, ready
    from evals.results import write_results
    from survey.codebook import wvs7

    console = Console(stderr=True, highlight=False)
    with _nothing_lost(experiment):
        ready(experiment)
        plan = plan_of(experiment, people_of(experiment, wvs7()), wvs7())
        introduce(console, plan)
        interrupts.hold()
    if experiment.dry_run:
        estimate(plan)
        return COMPLETE
    fit(console, plan)
    failed = conduct(plan, console, lambda answered: write_results(plan, folder_of(plan), answered))
    return FAILED_CALLS if failed else COMPLETE


@contextmanager
def _nothing_lost(experiment: Experiment) -> Iterator[None]:
    """While a run that was begun before is taken up, an interrupt says that what it has is kept."""
    from evals.folder import LEDGER
    from evals.tally import Tally

    if not experiment.out or not (experiment.out / LEDGER).is_file():
        yield
        return
    said = Tally(experiment.out, 0).said("interrupted")
    try:
        with interrupts.saying(lambda: said):
            yield
    except KeyboardInterrupt:
        raise Ended(said, INTERRUPTED) from None


def estimate(plan: "Plan") -> None:
    """Show what the run would take, asking and writing nothing. Raises ExperimentError, one line."""
    import sqlite3

    from evals.conduct import decides, folder_of
    from evals.costs.dry_run import print_estimate
    from evals.costs.kept import done_in
    from evals.costs.prices import tariff
    from evals.folder import CALLS, CONFIG, LEDGER, same
    from evals.table import terminal
    from graph.stores import StoreError

    experiment, folder = plan.experiment, folder_of(plan)
    if (folder / CONFIG).is_file():
        same(folder, decides(plan))
    try:
        done = done_in(folder / LEDGER, experiment.retry_failed)
        print_estimate(terminal(), plan, tariff(experiment), done, experiment.calls or folder / CALLS)
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise ExperimentError(f"--out {folder}: its ledger or its call store cannot be read ({error})") from None


if __name__ == "__main__":
    raise SystemExit(main())
