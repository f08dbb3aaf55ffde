"""A chat model or embeddings from a name: the offline stand-in, OpenAI-compatible servers, other
providers.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from weakref import WeakKeyDictionary

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel

from graph.llm.addresses import (
    LOCAL,
    OPENAI,
    coordinator_url,
    embeddings_url,
    is_local_model,
    is_openai_compatible,
    validate_address,
)
from graph.llm.addresses import ModelError as ModelError
from graph.llm.environment import validate_environment, validate_key
from graph.llm.local.weights import weights_of
from graph.llm.model_names import (
    NO_PROVIDER,
    validate_embeddings_name,
    validate_model_name,
)
from graph.settings import Settings

Kind = Literal["chat", "embeddings"]
KEYS: Mapping[Kind, tuple[str, ...]] = {
    "chat": ("OPENAI_API_KEY",),
    "embeddings": ("OPENAI_EMBEDDINGS_API_KEY", "OPENAI_API_KEY"),
}
"""Where keys come from: the first variable that is set."""
WHERE: Mapping[Kind, str] = {
    "chat": "--base-url or OPENAI_BASE_URL",
    "embeddings": "--embeddings-base-url or OPENAI_BASE_URL",
}
"""Where addresses come from."""


@dataclass(frozen=True)
class Endpoint:
    """Where an OpenAI-compatible model answers, and with which key, from which variable."""

    kind: Kind
    model: str
    base_url: str
    key: str = field(repr=False)
    key_variable: str

    @classmethod
    def of(cls, name: str, base_url: str | None, kind: Kind) -> "Endpoint":
        """Resolve `openai:NAME`, `ollama:NAME` or `vllm:NAME`.

        Raises ModelError when the name is incomplete, when OpenAI itself is meant and no key is
        set, and when the address, the key, a proxy or certificates cannot be used.
        """
        model = name.partition(":")[2]
        if not model:
            raise ModelError(
                f"model {name!r}: no name after the provider, such as openai:gpt-4o-mini"
            )
        url = address_of(name, base_url)
        variable = next(
            (variable for variable in KEYS[kind] if os.environ.get(variable)), KEYS[kind][0]
        )
        key = os.environ.get(variable, "")
        validate_address(url, WHERE[kind], KEYS[kind][0])
        validate_key(variable)
        validate_environment(url)
        if not key and url == OPENAI:
            raise ModelError(
                f"model {name}: no key; set {variable}, or give the address of a local server"
            )
        return cls(kind, model, url, key or "none-needed", variable)


def address_of(name: str, base_url: str | None = None) -> str:
    """Where an OpenAI-compatible model answers: as given, the provider's usual place, or as the
    environment says.
    """
    return (
        base_url or LOCAL.get(name.partition(":")[0]) or os.environ.get("OPENAI_BASE_URL") or OPENAI
    )


def chat_model(
    name: str,
    base_url: str | None = None,
    temperature: float | None = 0,
    http_client: Any = None,
    timeout: float = 120,
    window: int | None = None,
    threads: int | None = None,
    parallel: int | None = None,
) -> BaseChatModel:
    """Make a chat model. `http_client` is a shared asynchronous client of the openai package;
    `timeout` is in seconds; `window` (tokens), `threads` and `parallel` are those of a local model.

    The client itself never retries: the call store does. Raises ModelError when the name, the key
    or a package is missing; a local model does so when it is asked (see `check_chat_model`).
    """
    if name == "offline":
        from graph.llm.offline import OfflineChatModel

        return OfflineChatModel()
    if is_local_model(name):
        from graph.llm.local.chat import LocalChatModel

        return LocalChatModel(
            model=name,
            temperature=temperature,
            window=window,
            threads=threads,
            parallel=parallel,
            timeout=timeout,
        )
    if is_openai_compatible(name):
        return _openai_chat(Endpoint.of(name, base_url, "chat"), temperature, http_client, timeout)
    return _other_chat(name, base_url, temperature)


def _other_chat(name: str, base_url: str | None, temperature: float | None) -> BaseChatModel:
    """Return a chat model of another provider, whose package must be installed."""
    validate_model_name(name)
    provider = name.partition(":")[0]
    for variable in {
        f"{provider.upper()}_API_KEY",
        f"{provider.partition('_')[0].upper()}_API_KEY",
    }:
        validate_key(variable)
    try:
        from langchain.chat_models import init_chat_model
    except ImportError:
        raise ModelError(
            f"model {name}: names of other providers need `pip install langchain` and the "
            f"provider's package"
        ) from None

    given = {"temperature": temperature, "base_url": base_url}
    try:
        made: BaseChatModel = init_chat_model(
            name, **{key: value for key, value in given.items() if value is not None}
        )
    # each provider's package raises its own kinds: all mean that the name cannot be used
    except Exception as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        if "infer model provider" in why:
            why = f"no provider is called {provider!r}; {NO_PROVIDER}"
        raise ModelError(f"model {name}: {why}") from error
    return made


def check_chat_model(name: str, base_url: str | None, temperature: float | None) -> None:
    """Make a chat model once, to see that it can be used; files are looked for. Raises
    ModelError.
    """
    chat_model(name, base_url, temperature)
    if is_local_model(name):
        weights_of(name)


def _openai_chat(
    place: Endpoint, temperature: float | None, http_client: Any, timeout: float
) -> BaseChatModel:
    """A chat model of an OpenAI-compatible server, which never goes where a redirect leads."""
    from openai import DefaultHttpxClient
    from pydantic import SecretStr

    from graph.llm.openai_chat import LeanChatOpenAI
    from graph.llm.transport import CarefulClient, trusted_certificates

    return LeanChatOpenAI(
        model=place.model,
        base_url=place.base_url,
        api_key=SecretStr(place.key),
        temperature=temperature,
        max_retries=0,
        timeout=timeout,
        http_async_client=http_client or CarefulClient(place.base_url),
        http_client=DefaultHttpxClient(follow_redirects=False, verify=trusted_certificates()),
        # a reply is read as a whole, whoever watches the graph; not all servers stream
        disable_streaming=True,
    )


def embedding_model(
    name: str, base_url: str | None = None, http_client: Any = None, timeout: float = 120
) -> Embeddings:
    """Make embeddings. Raises ModelError when the name or the key is missing."""
    if name == "offline":
        from graph.llm.offline import OfflineEmbeddings

        return OfflineEmbeddings()
    validate_embeddings_name(name)
    from openai import AsyncOpenAI

    from graph.llm.openai_embeddings import LeanOpenAIEmbeddings
    from graph.llm.transport import CarefulClient

    place = Endpoint.of(name, base_url, "embeddings")
    client = AsyncOpenAI(
        api_key=place.key,
        base_url=place.base_url,
        max_retries=0,
        timeout=timeout,
        http_client=http_client or CarefulClient(place.base_url),
    )
    return LeanOpenAIEmbeddings(client, place.model, timeout)


_made: WeakKeyDictionary[Any, dict[tuple[Any, ...], Any]] = WeakKeyDictionary()


def chat_of(settings: Settings, *, coordinator: bool = False) -> BaseChatModel:
    """The chat model that settings name, made once for each event loop: clients belong to the loop
    they began in.
    """
    chat, url = settings.chat, settings.base_url
    if coordinator and settings.coordinator:
        chat, url = settings.coordinator, _coordinator_url(settings)
    if not isinstance(chat, str):
        return chat
    made = _made.setdefault(asyncio.get_running_loop(), {})
    limits = (
        settings.timeout,
        settings.local_window,
        settings.local_threads,
        settings.local_parallel,
    )
    key = ("chat", chat, url, settings.temperature, *limits)
    if key not in made:
        made[key] = chat_model(chat, url, settings.temperature, None, *limits)
    model: BaseChatModel = made[key]
    return model


def _coordinator_url(settings: Settings) -> str | None:
    """The address of the coordinator's own model, where it is given by name."""
    name, chat = settings.coordinator, settings.chat
    if settings.coordinator_base_url or not isinstance(name, str):
        return settings.coordinator_base_url
    return coordinator_url(name, chat, settings.base_url) if isinstance(chat, str) else None


def check_models(settings: Settings) -> None:
    """Make the models that settings name once, to see that they can be used. Raises ModelError."""
    if isinstance(settings.chat, str):
        check_chat_model(settings.chat, settings.base_url, settings.temperature)
    if isinstance(settings.coordinator, str):
        check_chat_model(settings.coordinator, _coordinator_url(settings), settings.temperature)
    if isinstance(settings.embeddings, str):
        embedding_model(settings.embeddings, settings.embeddings_base_url)


def embeddings_of(settings: Settings) -> Embeddings:
    """The embeddings that settings name, made once for each event loop."""
    if not isinstance(settings.embeddings, str):
        return settings.embeddings
    made = _made.setdefault(asyncio.get_running_loop(), {})
    url = settings.embeddings_base_url or embeddings_url(settings.embeddings, settings.base_url)
    key = ("embeddings", settings.embeddings, url, settings.timeout)
    if key not in made:
        made[key] = embedding_model(settings.embeddings, url, timeout=settings.timeout)
    model: Embeddings = made[key]
    return model
