"""The estimate of a run in place of the run: `--dry-run` asks and writes nothing."""

import sqlite3

from evals.costs.estimate import CostEstimate
from evals.costs.prices import tariff_of
from evals.costs.stored_calls import StoredCalls, done_keys
from evals.formats import CALLS, CONFIG, LEDGER
from evals.harness.errors import ExperimentError
from evals.harness.plan import Plan
from evals.harness.run_directory import check_same_settings
from evals.render.console import terminal
from evals.render.costs import print_estimate
from evals.runner.identity import directory_of_run, run_identity
from evals.store.store_format import StoreError


def print_run_estimate(plan: Plan) -> None:
    """Print what is still to be asked for a run, and what that costs.

    Raises ExperimentError, one line, where the directory holds another run or cannot be read.
    """
    experiment, directory = plan.experiment, directory_of_run(plan)
    if (directory / CONFIG).is_file():
        check_same_settings(directory, run_identity(plan))
    try:
        done = done_keys(directory / LEDGER, experiment.retry_failed)
        tariff = tariff_of(experiment)
        with StoredCalls(experiment.calls or directory / CALLS, experiment) as stored:
            estimate = CostEstimate(plan, done, stored)
        print_estimate(terminal(), experiment, estimate, tariff)
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise ExperimentError(
            f"--out {directory}: its ledger or its call store cannot be read ({error})"
        ) from None
