"""A chat model around another one: it asks only what the call store does not hold."""

import time
from collections.abc import Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict

from evals.store.cache_key import cache_key
from evals.store.call_store import CallStore
from evals.store.refusals import PROBE_PROMPT, Probe
from graph.llm.addresses import is_local_model, is_openai_compatible
from graph.llm.caching import CachingChatModel
from graph.llm.errors import PendingReplyError
from graph.llm.finish_reasons import mark_cut
from graph.llm.langchain_internals import generate_once
from graph.llm.usage import with_usage
from graph.request_parameters import LENGTH, OTHER_LENGTH

used_calls: ContextVar[list[tuple[str, int, str]] | None] = ContextVar("used_calls", default=None)
"""Where models note the calls whose replies they return in the present task; None: nowhere."""


class CachedChatModel(CachingChatModel):
    """Replies from the call store, or asks the `inner` model and keeps its reply.

    `identity` is everything that decides a reply besides the messages: provider, base URL, model,
    sampling parameters. `draw` tells repeated draws of one prompt apart. Template, draw and cache
    key of each reply are added to `used_calls`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel
    store: CallStore
    identity: Mapping[str, Any]
    draw: int = 0

    @property
    def _llm_type(self) -> str:
        return "stored"

    @property
    def limited_as(self) -> str | None:
        """The name by which the default limits on replies know the model; None for other clients.

        The graphs read it to set the limit of a request.
        """
        return name_for_limits(self.identity)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError("the call store is asynchronous: use ainvoke")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        said = [[message.type, message.content] for message in messages]
        characters = sum(len(str(text)) for _, text in said)
        key = cache_key({**self.identity, "draw": self.draw, "stop": stop, **kwargs}, said)
        template = ((run_manager.metadata if run_manager else None) or {}).get("prompt", "")
        message = self.store.get_reply(key)
        if message is None:
            if self.store.deferred:
                self.store.deferred.put(key, template, self._body(messages, stop, **kwargs))
                raise PendingReplyError(key)

            async def send() -> AIMessage:
                return await self._ask(key, template, messages, stop, run_manager, **kwargs)

            message = await self.store.single_flight(
                key, characters, send, template, self._probe_for(kwargs)
            )
        self.store.note_suspect(key, characters, message)
        used = used_calls.get()
        if used is not None:
            used.append((template, self.draw, key))
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _ask(
        self,
        key: str,
        template: str,
        messages: list[BaseMessage],
        stop: list[str] | None,
        run_manager: AsyncCallbackManagerForLLMRun | None,
        **kwargs: Any,
    ) -> AIMessage:
        """Ask the inner model once, and keep its reply under this key before it is used."""
        started = time.perf_counter()
        result = await generate_once(self.inner, messages, stop, run_manager, **kwargs)
        fresh = mark_cut(message_of_result(result), kwargs.get(LENGTH))
        if self.identity.get("provider") != "offline":  # the stand-in has no tokens
            fresh = with_usage(fresh, _count_bytes(messages))
        self.store.keep(key, template, fresh, time.perf_counter() - started)
        return fresh

    def _body(
        self, messages: list[BaseMessage], stop: list[str] | None, **kwargs: Any
    ) -> dict[str, Any]:
        """The body of the request that the inner model would send."""
        inner: Any = self.inner  # a client of ours, which BaseChatModel does not describe
        body: dict[str, Any] = inner.body(messages, stop=stop, **kwargs)
        return body

    def _probe_for(self, parameters: Mapping[str, Any]) -> Probe:
        """The probe that goes with calls of these parameters.

        The name of its service leaves out the limit on a reply's length, which depends on the
        prompt.
        """
        lengths = (LENGTH, OTHER_LENGTH)
        common = {name: value for name, value in parameters.items() if name not in lengths}
        service = cache_key({**self.identity, **common}, PROBE_PROMPT)
        return Probe(service, partial(self.probe, **parameters))

    async def probe(self, **kwargs: Any) -> None:
        """Ask the model a tiny prompt, with these parameters; its cost is charged.

        Raises the error with which the server answers.
        """
        result = await generate_once(self.inner, [HumanMessage(PROBE_PROMPT)], **kwargs)
        message = with_usage(message_of_result(result), len(PROBE_PROMPT))
        self.store.charge_unkept("probe", "probe", message)

    def forget(self, message: AIMessage, kind: str) -> None:
        """Ask again for a reply that turned out to be of no use, the next time it is wanted.

        `kind` is the error code under which the reply counts as failed.
        """
        self.store.forget(message, kind)

    def read_body(self, body: dict[str, Any], limit: int | None) -> AIMessage:
        """The reply in the body of a response to a request that allowed `limit` tokens.

        Raises CallFailedError for an error in disguise, and KeyError, TypeError, ValueError or
        AttributeError for a body that holds no reply.
        """
        inner: Any = self.inner
        result: ChatResult = inner.read_body(body)
        return mark_cut(message_of_result(result), limit)


def name_for_limits(identity: Mapping[str, Any]) -> str | None:
    """The name by which the default limits on replies know the model of this identity.

    None for a client of another kind, which may know no such limit. It is made from
    the identity alone, so that a replay finds the replies of its run.
    """
    provider = f"{identity.get('provider')}:"
    served = is_openai_compatible(provider) or is_local_model(provider)
    return str(identity.get("model")) if served else None


def message_of_result(result: ChatResult) -> AIMessage:
    """The one message of a result, with all that the server told about it in its metadata.

    Raises TypeError for a message that is no AIMessage.
    """
    [generation] = result.generations
    message = generation.message
    if not isinstance(message, AIMessage):
        raise TypeError(f"the model replied with a {type(message).__name__}")
    # LangChain joins them only later.
    told = (result.llm_output or {}) | (generation.generation_info or {})
    message.response_metadata = told | message.response_metadata
    return message


def _count_bytes(messages: list[BaseMessage]) -> int:
    """The size of the messages' content in bytes."""
    return sum(len(str(message.content).encode(errors="replace")) for message in messages)
