"""Whether a run's longest prompts fit what its model reads at once, seen to before anything is
asked.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from evals import interrupts
from evals.costs.estimate import CostEstimate, Longest
from evals.costs.stored_calls import StoredCalls, done_keys
from evals.formats import CALLS, LEDGER
from evals.harness import models
from evals.harness.experiment import ExperimentError
from evals.harness.plan import Plan
from evals.store.rate_limits import CHARACTERS_PER_TOKEN
from graph.llm.addresses import OPENAI, compatible
from graph.llm.context_window import ABOUT, SURELY, ContextWindow, way_out, window_of
from graph.llm.factory import Endpoint
from survey.folds import SIZES


def check_fit(plan: Plan, folder: Path) -> str:
    """Ask the model's server for its window, and hold the longest prompts that are to be asked
    against it.

    Returns a line where they may be too long, "" where they fit or where the server does not tell.
    Raises ExperimentError, one line, where one cannot fit.
    """
    experiment = plan.experiment
    if not experiment.uses_model or not compatible(experiment.model) or experiment.cluster:
        return ""  # workers of a cluster ask servers of their own
    place = Endpoint.of(experiment.model, experiment.base_url, "chat")
    window = (
        None
        if place.base_url == OPENAI
        else interrupts.run_interruptible(lambda: _window(plan, place))
    )
    if window is None:
        return ""
    try:
        done = done_keys(folder / LEDGER, experiment.retry_failed)
        with StoredCalls(experiment.calls or folder / CALLS, experiment) as kept:
            longest = CostEstimate(plan, done, kept).longest.values()
    except sqlite3.Error as error:
        raise ExperimentError(str(error)) from None
    if too_long := [
        prompt for prompt in longest if prompt.sure and _needed(prompt, window) > window.tokens
    ]:
        raise ExperimentError(
            _told(place, window, too_long, "needs", smaller_profile(plan, too_long, window))
        )
    doubtful = [
        prompt
        for prompt in longest
        if prompt.characters // ABOUT + (prompt.limit or 0) > window.tokens
    ]
    if not doubtful:
        return ""
    return f"{_told(place, window, doubtful, 'may need', smaller_profile(plan, doubtful, window))}."


async def _window(plan: Plan, place: Endpoint) -> ContextWindow | None:
    """What the model's server tells of its window."""
    import openai

    async with models.open_client(plan.experiment) as client:
        server = openai.AsyncOpenAI(
            api_key=place.key, base_url=place.base_url, max_retries=0, http_client=client
        )
        return await window_of(server, place.model)


def _needed(prompt: Longest, window: ContextWindow) -> int:
    """The tokens that a prompt needs at least."""
    return prompt.characters // SURELY + ((prompt.limit or 0) if window.strict else 1)


def smaller_profile(plan: Plan, prompts: Iterable[Longest], window: ContextWindow) -> str:
    """A profile of a size that is likely to fit, as a way out; empty where there is none."""
    whole = plan.experiment.profile_size or max(SIZES)
    needs = max(
        prompt.characters / CHARACTERS_PER_TOKEN + (prompt.limit or 0) / 2 for prompt in prompts
    )
    size = int(whole * window.tokens / needs)
    return f", or take --profile-size {size}" if 0 < size < whole else ""


def _told(
    place: Endpoint, window: ContextWindow, prompts: list[Longest], verb: str, smaller: str
) -> str:
    """What does not fit, and the ways out, in one line."""
    longest = max(prompts, key=lambda prompt: prompt.characters)
    about = longest.characters // CHARACTERS_PER_TOKEN
    room = f" and up to {longest.limit:,} for its reply" if longest.limit else ""
    reply = ", set a lower --max-tokens" if longest.limit and window.strict else ""
    larger = way_out(window.server, longest.characters // ABOUT + (longest.limit or 0))
    return (
        f"{place.base_url}: the window of {place.model} is {window.tokens:,} tokens, and the "
        f"longest prompt "
        f"({longest.node}, {longest.characters:,} characters) {verb} about {about:,}{room}: "
        f"{larger}{reply}{smaller}"
    )
