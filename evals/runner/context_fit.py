"""Checks before a run that its longest prompts fit the context window of its model."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evals import interrupts
from evals.costs.estimate import CostEstimate, Longest
from evals.costs.stored_calls import StoredCalls, done_keys
from evals.formats import CALLS, LEDGER
from evals.harness import models
from evals.harness.errors import ExperimentError
from evals.harness.plan import Plan
from evals.runner.local_fit import find_local_misfit
from evals.store.rate_limits import CHARACTERS_PER_TOKEN
from graph.llm.addresses import OPENAI, ModelError, is_local_model, is_openai_compatible
from graph.llm.context_window import ABOUT, SURELY, ContextWindow, way_out, window_of
from graph.llm.factory import Endpoint
from survey.folds import SIZES


@dataclass(frozen=True)
class Misfit:
    """One line: what does not fit, with the ways out. `is_hopeless`: asking is of no use."""

    text: str
    is_hopeless: bool


@dataclass(frozen=True)
class ModelWindow:
    """The window of a model, and how a refusal names the model and the ways out."""

    name: str
    window: ContextWindow


def check_fit(plan: Plan, directory: Path, sized: bool = True) -> Misfit | None:
    """Compare the longest prompts still to be asked with the window of the model.

    None where they fit, where nothing is known of the window, and for a cluster, whose workers ask
    servers of their own. `sized`: a smaller profile is a way out. Raises ExperimentError, one line,
    for a file or store that cannot be used.
    """
    experiment = plan.experiment
    if not experiment.uses_model or experiment.cluster:
        return None
    if is_local_model(experiment.chat):
        return _check_local(plan, directory, sized)
    found = _find_window(plan)
    return _check_server(plan, directory, found, sized) if found else None


def _check_local(plan: Plan, directory: Path, sized: bool) -> Misfit | None:
    """Count the prompts with the model's own tokenizer. Raises ExperimentError."""
    try:
        found = find_local_misfit(plan, lambda counted: _estimate(counted, directory))
    except ModelError as error:
        raise ExperimentError(str(error)) from None
    if found is None:
        return None
    return Misfit(found.explain(plan.experiment.model_name, sized), found.is_hopeless)


def _check_server(plan: Plan, directory: Path, found: ModelWindow, sized: bool) -> Misfit | None:
    """Guess from the characters of the prompts; one that surely cannot fit is hopeless."""
    window = found.window
    doubtful = []
    too_long = []
    for prompt in _longest_prompts(plan, directory):
        if prompt.sure and _tokens_needed(prompt, window) > window.tokens:
            too_long.append(prompt)
        if prompt.characters // ABOUT + (prompt.limit or 0) > window.tokens:
            doubtful.append(prompt)
    if too_long:
        return Misfit(_explain(plan, found, too_long, "needs", sized), True)
    return Misfit(_explain(plan, found, doubtful, "may need", sized), False) if doubtful else None


def _find_window(plan: Plan) -> ModelWindow | None:
    """The window of the chat model, as its server tells; None where it does not."""
    experiment = plan.experiment
    if not is_openai_compatible(experiment.chat):
        return None
    endpoint = Endpoint.of(experiment.chat, experiment.base_url, "chat")
    if endpoint.base_url == OPENAI:
        return None
    window = interrupts.run_interruptible(lambda: _window(plan, endpoint))
    if window is None:
        return None
    return ModelWindow(f"{endpoint.base_url}: the window of {endpoint.model}", window)


def _longest_prompts(plan: Plan, directory: Path) -> list[Longest]:
    """Return the longest prompt that the chat model is still to be asked, of each node."""
    return list(_estimate(plan, directory).longest.values())


def _estimate(plan: Plan, directory: Path) -> CostEstimate:
    """Count what the chat model is still to be asked. Raises ExperimentError."""
    experiment = plan.experiment
    try:
        done = done_keys(directory / LEDGER, experiment.retry_failed)
        with StoredCalls(experiment.calls or directory / CALLS, experiment) as stored:
            estimate = CostEstimate(plan, done, stored)
    except sqlite3.Error as error:
        raise ExperimentError(str(error)) from None
    if experiment.coordinator_at:
        estimate.longest.pop("coordinator", None)  # another model reads it
    return estimate


async def _window(plan: Plan, endpoint: Endpoint) -> ContextWindow | None:
    """Ask the model's server for its window; None where it tells none."""
    import openai

    async with models.open_client(plan.experiment) as client:
        server = openai.AsyncOpenAI(
            api_key=endpoint.key, base_url=endpoint.base_url, max_retries=0, http_client=client
        )
        return await window_of(server, endpoint.model)


def _tokens_needed(prompt: Longest, window: ContextWindow) -> int:
    """Return the tokens that a prompt needs at least."""
    return prompt.characters // SURELY + ((prompt.limit or 0) if window.strict else 1)


def suggest_profile_size(plan: Plan, prompts: Iterable[Longest], window: ContextWindow) -> str:
    """Return a profile size likely to fit, as words of a refusal; "" where there is none."""
    whole = plan.experiment.profile_size or max(SIZES)
    needs = max(
        prompt.characters / CHARACTERS_PER_TOKEN + (prompt.limit or 0) / 2 for prompt in prompts
    )
    size = int(whole * window.tokens / needs)
    return f", or take --profile-size {size}" if 0 < size < whole else ""


def _explain(plan: Plan, found: ModelWindow, prompts: list[Longest], verb: str, sized: bool) -> str:
    """Say in one line what does not fit, and the ways out."""
    window = found.window
    longest = max(prompts, key=lambda prompt: prompt.characters)
    about = longest.characters // CHARACTERS_PER_TOKEN
    room = f" and up to {longest.limit:,} for its reply" if longest.limit else ""
    reply = ", set a lower --max-tokens" if longest.limit and window.strict else ""
    larger = way_out(window.server, longest.characters // ABOUT + (longest.limit or 0))
    smaller = suggest_profile_size(plan, prompts, window) if sized else ""
    return (
        f"{found.name} is {window.tokens:,} tokens, and the longest prompt ({longest.node}, "
        f"{longest.characters:,} characters) {verb} about {about:,}{room}: {larger}{reply}{smaller}"
    )
