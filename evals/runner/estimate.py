"""The estimate of what a run still has to ask: shown by `--dry-run`, and before money is spent."""

import sqlite3
from dataclasses import dataclass

from rich.console import Console

from evals.costs.estimate import CostEstimate
from evals.costs.prices import Tariff, tariff_of
from evals.costs.spending import money_range
from evals.costs.stored_calls import StoredCalls, done_keys
from evals.costs.timed_call import TimedCall
from evals.formats import CALLS, CONFIG, LEDGER
from evals.harness.errors import ExperimentError
from evals.harness.plan import Plan
from evals.harness.run_directory import check_same_settings
from evals.render.console import terminal
from evals.render.costs import print_estimate
from evals.runner.identity import directory_of_run, run_identity
from evals.runner.timing import may_time_a_call, time_one_call
from evals.store.store_format import StoreError


@dataclass(frozen=True)
class RunEstimate:
    """What a run has still to ask, and the prices of its models."""

    calls: CostEstimate
    tariff: Tariff

    @property
    def money(self) -> tuple[float, float] | None:
        """What that costs in US$, at least and at most; None where it is not known or nothing."""
        if not self.tariff.priced:
            return None
        return money_range(self.calls.lines, self.tariff) if self.calls.lines else (0.0, 0.0)


def estimate_run(plan: Plan) -> RunEstimate:
    """Count what a run has still to ask; nothing is asked or written.

    Raises ExperimentError, one line, where the directory holds another run or cannot be read.
    """
    experiment, directory = plan.experiment, directory_of_run(plan)
    if (directory / CONFIG).is_file():
        check_same_settings(directory, run_identity(plan))
    try:
        done = done_keys(directory / LEDGER, experiment.retry_failed)
        with StoredCalls(experiment.calls or directory / CALLS, experiment) as stored:
            return RunEstimate(CostEstimate(plan, done, stored), tariff_of(experiment))
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise ExperimentError(
            f"--out {directory}: its ledger or its call store cannot be read ({error})"
        ) from None


def print_run_estimate(
    plan: Plan, console: Console, timed: TimedCall | None = None
) -> TimedCall | None:
    """Print what is still to be asked for a run, and what that costs; return the call timed for it.

    `timed`: a call of the same models that was timed before. Raises ExperimentError as
    `estimate_run` does.
    """
    found = estimate_run(plan)
    if timed is None and found.calls.lines and may_time_a_call(plan.experiment, found.tariff):
        timed = time_one_call(plan, console)
        found = estimate_run(plan)
    print_estimate(terminal(), plan.experiment, found.calls, found.tariff, timed)
    return timed
