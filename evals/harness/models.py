"""The models of one experiment: made once, behind the call store, and tested before it starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from evals.harness.experiment import Experiment
from evals.store.cached_chat import CachedChatModel
from evals.store.cached_embeddings import CachedEmbeddings
from evals.store.call_store import CallStore
from graph.llm.addresses import GGUF, ModelError, is_local_model, is_openai_compatible
from graph.llm.errors import FaultError
from graph.llm.factory import (
    Endpoint,
    address_of,
    chat_model,
    check_chat_model,
    embedding_model,
)
from graph.llm.local.weights import fingerprint_of, public_name
from graph.method_settings import MethodSettings
from graph.settings import Settings

CHECK = 20
"""Seconds in which a server must list its models, and reply to a test call."""
DEADLINE = 5
"""The limit on all attempts at one call, as a multiple of the timeout of one request."""


def endpoints(experiment: Experiment) -> list[Endpoint]:
    """The OpenAI-compatible servers that this experiment asks. Raises ModelError when a key is
    missing.
    """
    places = []
    for name, url in _chats(experiment):
        if is_openai_compatible(name):
            places.append(Endpoint.of(name, url, "chat"))
    name, url = experiment.embeddings_at
    if "rag" in experiment.graph and is_openai_compatible(name):
        places.append(Endpoint.of(name, url, "embeddings"))
    return places


def _chats(experiment: Experiment) -> list[tuple[str, str | None]]:
    """Name and address of each chat model that is asked."""
    if not experiment.uses_model:
        return []
    own = experiment.coordinator_at
    return [(experiment.chat, experiment.base_url)] + ([own] if own else [])


@asynccontextmanager
async def http_client(experiment: Experiment) -> AsyncIterator[Any]:
    """Make the HTTP client (aiohttp) of chat and embeddings; None where no server is asked."""
    places = endpoints(experiment)
    if not places:
        yield None
        return
    from graph.llm.fast_client import FastClient

    async with FastClient(*(place.base_url for place in places)) as client:
        yield client


@asynccontextmanager
async def open_client(experiment: Experiment) -> AsyncIterator[Any]:
    """Yield the HTTP client; the event loop must be our own, since leftover requests are ended."""
    async with http_client(experiment) as client:
        try:
            yield client
        finally:
            await _let_go()


async def _let_go() -> None:
    """End the requests that nobody waits for any more, before the client is closed under them."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def check_servers(experiment: Experiment, client: Any) -> None:
    """Ask each server for its models before any work starts.

    Raises ModelError, one line, when a server cannot be reached, refuses the key, or does not know
    the model. A server that keeps no list is taken at its word: its first call tells.
    """
    for place in endpoints(experiment):
        await _check(place, client)
    for name, url in _chats(experiment):
        if not is_openai_compatible(name):
            check_chat_model(name, url, experiment.temperature)
    name, url = experiment.embeddings_at
    if "rag" in experiment.graph and not is_openai_compatible(name):
        embedding_model(name, url)


async def _check(place: Endpoint, client: Any) -> None:
    """Check one server."""
    import openai

    from graph.llm.transport import ProxyFaultError, RedirectedError, TimedOutError, within

    flag = "--base-url" if place.kind == "chat" else "--embeddings-base-url"
    known: list[str] = []
    try:
        server = openai.AsyncOpenAI(
            api_key=place.key,
            base_url=place.base_url,
            max_retries=1,
            timeout=CHECK,
            http_client=client,
        )
    except (
        Exception
    ) as error:  # the HTTP package under openai raises a kind of its own for what is no address
        raise ModelError(f"{place.base_url} is no address ({error}): check {flag}") from None
    try:
        async with within(CHECK):
            known = await _listed(place, server, flag)
        if known and not {place.model, f"{place.model}:latest"} & set(known):
            async with within(CHECK):
                await _probe(place, server, known)
    except RedirectedError as error:
        raise ModelError(f"{error}: check {flag}") from None
    except ProxyFaultError as error:
        raise ModelError(str(error)) from None
    except TimedOutError:
        if not known:
            raise ModelError(
                f"{place.base_url} does not answer within {CHECK} s: check {flag}"
            ) from None
    except FaultError:
        return  # no verdict: the first call tells


async def _listed(place: Endpoint, server: Any, flag: str) -> list[str]:
    """The models that a server lists; none where it keeps no list. Raises ModelError, one line."""
    import openai

    try:
        return [model.id async for model in server.models.list()]
    except openai.AuthenticationError:
        raise ModelError(f"{place.base_url} refused the key: check {place.key_variable}") from None
    except openai.PermissionDeniedError:
        raise ModelError(
            f"{place.base_url} refused access with this key: check {place.key_variable}"
        ) from None
    except openai.APIConnectionError as error:
        why = str(error.__cause__ or error).splitlines()[0]
        raise ModelError(
            f"nothing answers at {place.base_url} ({why}): check {flag} and that the server runs"
        ) from None
    except (openai.APIError, ValueError, TypeError, AttributeError):
        return []


async def _probe(place: Endpoint, server: Any, known: list[str]) -> None:
    """Ask a model that the server does not list for one token: proxies serve more than they
    list.
    """
    import openai

    try:
        if place.kind == "chat":
            messages = [{"role": "user", "content": "Reply with OK."}]
            await server.chat.completions.create(
                model=place.model, messages=messages, max_completion_tokens=1
            )
        else:
            await server.embeddings.create(model=place.model, input=["OK"])
    except (openai.NotFoundError, openai.BadRequestError):
        listed = ", ".join(sorted(known)[:8])
        way_out = "" if place.kind == "chat" else "; --embeddings names another, or offline"
        raise ModelError(
            f"{place.base_url} knows no model {place.model!r}; it has {listed}{way_out}"
        ) from None
    except openai.APIError:
        return  # no verdict: the first call tells


def graph_settings(experiment: Experiment, store: CallStore, client: Any) -> Settings:
    """Return the graphs' settings, with models that ask only what the call store lacks."""
    name, url = experiment.embeddings_at
    found: dict[str, Any] = {"chat": experiment.chat, "embeddings": "offline"}
    if experiment.uses_model:
        inner = _made(experiment, experiment.chat, experiment.base_url, client)
        identity = chat_identity(experiment)
        found["chat"] = CachedChatModel(inner=inner, store=store, identity=identity)
    if own := experiment.coordinator_at:
        inner, identity = _made(experiment, *own, client), coordinator_identity(experiment)
        found["coordinator"] = CachedChatModel(inner=inner, store=store, identity=identity)
    if "rag" in experiment.graph:
        made = embedding_model(name, url, client, experiment.timeout)
        found["embeddings"] = CachedEmbeddings(made, store, model_identity(name, url))
    return graph_rules(experiment).model_copy(update=found)


def _made(experiment: Experiment, name: str, url: str | None, client: Any) -> Any:
    """Make the chat model of this experiment, behind the call store."""
    limits = (
        experiment.timeout,
        experiment.local_window,
        experiment.local_threads,
        experiment.local_parallel,
    )
    return chat_model(name, url, experiment.temperature, client, *limits)


RULES = (*MethodSettings.model_fields, "prompts", "max_tokens", "request", "request_by_node")
"""The graphs' settings but for the models; `integrate` is built in."""


def graph_rules(experiment: Experiment) -> Settings:
    """Return the graphs' settings without the models."""
    rules = {name: getattr(experiment, name) for name in RULES if name != "integrate"}
    return Settings(**rules)


def chat_identity(experiment: Experiment) -> dict[str, Any]:
    """Return the identity of the chat model: provider, address, model and sampling."""
    found = _chat_model_identity(experiment, experiment.chat, experiment.base_url)
    return found | {"temperature": experiment.temperature}


def coordinator_identity(experiment: Experiment) -> dict[str, Any]:
    """Return the identity of the coordinator's model; by default that is the chat model."""
    own = experiment.coordinator_at
    if own is None:
        return chat_identity(experiment)
    return _chat_model_identity(experiment, *own) | {"temperature": experiment.temperature}


def _chat_model_identity(experiment: Experiment, name: str, url: str | None) -> dict[str, Any]:
    """Who answers: provider, address and model, or the weights of a model in this process."""
    if not is_local_model(name):
        return model_identity(name, url)
    weights = _fingerprint(experiment, name)
    return {"provider": GGUF, "base_url": None, "model": public_name(name), "weights": weights}


def weights_of_experiment(experiment: Experiment) -> dict[str, str]:
    """What tells the weights of the models in this process, by name. Raises ModelError."""
    names = filter(is_local_model, experiment.chat_models)
    return {public_name(name): _fingerprint(experiment, name) for name in names}


def check_weights(experiment: Experiment) -> None:
    """Raise ModelError where models in this process are others here than the driver's."""
    for name, there in experiment.weights.items():
        if weights_of_experiment(experiment)[name] != there:
            raise ModelError(f"model {name}: its weights there are others")


def _fingerprint(experiment: Experiment, name: str) -> str:
    """What tells the weights of a model: by its file, or as the run that is read says.

    Raises ModelError where neither is there.
    """
    try:
        return fingerprint_of(name)
    except ModelError:
        if public_name(name) not in experiment.weights:
            raise
        return experiment.weights[public_name(name)]


def model_identity(name: str, base_url: str | None) -> dict[str, Any]:
    """Return provider, address and model."""
    provider, _, model = name.partition(":")
    address = address_of(name, base_url) if is_openai_compatible(name) else base_url
    return {"provider": provider, "base_url": address, "model": model}
