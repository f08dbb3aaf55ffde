"""The estimate of a run on the terminal, in place of the run."""

from collections.abc import Collection
from pathlib import Path

from rich.console import Console

from evals.costs.estimate import CACHED_FROM, REPLY, SECONDS, TOKENS_A_SECOND, CostEstimate
from evals.costs.prices import Tariff
from evals.costs.spending import print_costs
from evals.costs.stored_calls import StoredCalls
from evals.harness.engine import Key, Plan
from evals.harness.experiment import Experiment
from evals.store.rate_limits import CHARACTERS_PER_TOKEN

ASSUMED = (
    f"Assumed: {CHARACTERS_PER_TOKEN} characters a token; a story as long as the facts it tells; "
    f"{REPLY} tokens an "
    "answer; 3 to 4 calls a question where the coordinator speaks on disagreement alone; each call "
    "to a person but the "
    f"first finds in the cache what its prompt begins with, from {CACHED_FROM:,} tokens on."
)


def print_estimate(
    console: Console, plan: Plan, tariff: Tariff, done: Collection[Key], calls: Path
) -> None:
    """Work out what a run has still to do, and show it; `calls` is its call store, which need not
    be there.
    """
    with StoredCalls(calls, plan.experiment) as kept:
        estimate = CostEstimate(plan, done, kept)
    console.print("ESTIMATE of what is still to be asked; nothing was sent.", style="bold yellow")
    if not estimate.lines:
        console.print("No model is to be asked.")
        return
    print_costs(console, estimate.lines, tariff, estimate.answers)
    console.print(ASSUMED, style="dim", soft_wrap=True)
    if not plan.experiment.offline:
        console.print(_time(plan.experiment, estimate), soft_wrap=True)


def _time(experiment: Experiment, estimate: CostEstimate) -> str:
    """How long it may take, and why."""
    if experiment.batch:
        return "Time: three rounds of batches, each done within 24 hours."
    about = " to ".join(dict.fromkeys(map(_duration, estimate.seconds())))
    call = f"{SECONDS:g} s and a second for every {TOKENS_A_SECOND} tokens of its reply"
    return f"Time: about {about}, if a call takes {call}, {experiment.concurrency} at once."


def _duration(seconds: float) -> str:
    """A time in words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
