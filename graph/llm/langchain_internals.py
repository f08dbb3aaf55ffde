"""What this project uses of LangChain and LangGraph although it is not promised to stay.

LangChain keeps its public API until the next major release, and counts the methods that a model of
one's own overrides (`_generate`, `_agenerate`, `_llm_type`) as public. Whatever else begins with an
underscore may change in any release. It is used in this module alone. A test fails on a minor
release that is not in `REVIEWED`: read there what this module uses, then name the release here, and
in `pyproject.toml`.
"""

from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, BaseCallbackManager
from langchain_core.globals import get_llm_cache
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import var_child_runnable_config

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

REVIEWED = {"langchain-core": "1.7", "langchain-openai": "1.7", "langgraph": "1.2"}
"""The minor releases in which the names below were read and found to fit."""

surrounding_config: ContextVar[RunnableConfig | None] = var_child_runnable_config
"""The config of the graph or tool within which the present code runs; None outside of any."""

STREAM_MODULES = (
    "langgraph.",
    "langchain_core.tracers._streaming",
    "langchain_core.tracers.event_stream",
)
"""The modules that define the callback handlers of streams; all others are a user's, or traces."""


def request_payload(
    chat: "ChatOpenAI", messages: list[BaseMessage], stop: list[str] | None, **kwargs: Any
) -> dict[str, Any]:
    """The body of the request that ChatOpenAI sends for these messages."""
    payload: dict[str, Any] = chat._get_request_payload(messages, stop=stop, **kwargs)
    return payload


def uses_responses_api(chat: "ChatOpenAI", payload: dict[str, Any]) -> bool:
    """Whether ChatOpenAI sends this payload to the responses API, not to chat completions."""
    return chat._use_responses_api(payload)


def read_completion(chat: "ChatOpenAI", completion: Any) -> ChatResult:
    """The result that ChatOpenAI reads from the JSON of a chat completion.

    Raises ValueError, KeyError or TypeError for JSON that is no completion.
    """
    return chat._create_chat_result(completion)


async def generate_once(
    model: BaseChatModel,
    messages: list[BaseMessage],
    stop: list[str] | None = None,
    run_manager: Any = None,
    **kwargs: Any,
) -> ChatResult:
    """Ask a chat model without its callbacks, cache and rate limiter, which `ainvoke` brings in."""
    return await model._agenerate(messages, stop=stop, run_manager=run_manager, **kwargs)


def is_watched(model: BaseChatModel) -> bool:
    """Whether LangChain may do something beside asking this model where it is asked now: call back
    whoever watches a graph, trace, or keep replies.

    Within a graph nobody does where the graph has no handlers: they include those of traces.
    """
    around = surrounding_config.get()
    manager = around.get("callbacks") if around else None
    if not isinstance(manager, BaseCallbackManager) or get_llm_cache() is not None:
        return True
    return bool(manager.handlers or manager.inheritable_handlers or model.callbacks or model.cache)


async def ask_unwatched(
    model: BaseChatModel, prompt: str | list[BaseMessage], template: str, **kwargs: Any
) -> AIMessage:
    """The reply of a model that nobody watches, as `ainvoke` returns it, with less on the way.

    `template` is the name of the prompt in the metadata of the call. Raises TypeError for a reply
    that is no AIMessage.
    """
    messages: list[BaseMessage] = [HumanMessage(prompt)] if isinstance(prompt, str) else prompt
    result = await generate_once(model, messages, None, _unheard(template), **kwargs)
    message = result.generations[0].message
    if not isinstance(message, AIMessage):
        raise TypeError(f"the model replied with a {type(message).__name__}")
    return message


@lru_cache(maxsize=64)
def _unheard(template: str) -> AsyncCallbackManagerForLLMRun:
    """What a model calls back to during a call, where nobody hears it."""
    metadata = {"prompt": template}
    return AsyncCallbackManagerForLLMRun(
        run_id=UUID(int=0), handlers=[], inheritable_handlers=[], metadata=metadata
    )


def is_stream_handler(handler: object) -> bool:
    """Whether a callback handler shows what happens to whoever streams a graph."""
    return any(kind.__module__.startswith(STREAM_MODULES) for kind in type(handler).__mro__)
