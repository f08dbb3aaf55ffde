"""A LangChain chat model over a GGUF file in this process."""

import asyncio
import secrets
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult

from graph.llm.errors import CallFailedError, FaultError
from graph.llm.local.answer_form import answer_grammar
from graph.llm.local.completion import (
    REPEAT_PENALTY,
    Completion,
    Sampling,
    StoppedError,
    Wanted,
)
from graph.llm.local.session import Session, open_session
from graph.llm.local.share import share_of
from graph.llm.local.weights import public_name, weights_of

ROLES: Mapping[str, str] = {"human": "user", "ai": "assistant", "system": "system"}
PARAMETERS = (
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "seed",
    "repeat_penalty",
    "grammar",
    "stop",
    "logprobs",
    "top_logprobs",
)
LIMIT = 1024
"""Tokens of the longest reply where a call gives no limit."""


class UnknownParameterError(FaultError):
    """A request parameter that a local model does not know."""

    kind, fatal = "parameter", True


class LocalTimeoutError(FaultError):
    """A reply that takes longer than the time limit."""

    kind = "timeout"


class LocalChatModel(BaseChatModel):
    """A chat model in this process: `smollm2`, or a GGUF file as `gguf:PATH`.

    `window`: tokens of prompt and reply together (default: what the model was trained with, at most
    8,192). `threads`: of the processor, for one reply (default: all that the process may use but
    one, shared by the replies that are written at once). `parallel`: replies written at once
    (default: two of smollm2, one of others); further calls wait for their turn. `timeout` bounds
    the seconds that one reply takes, not those in which it waits. Replies carry usage, finish
    reason and, if asked, log-probabilities. The first call loads the file and raises ModelError
    where it cannot be used.
    """

    model: str
    temperature: float | None = 0
    window: int | None = None
    threads: int | None = None
    parallel: int | None = None
    timeout: float = 120

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def limited_as(self) -> str:
        """The name by which default limits of replies are chosen."""
        return public_name(self.model)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        stopped = threading.Event()
        session = self._session()
        call = partial(self._reply, session, messages, stop, kwargs, stopped)
        try:
            return session.worker.submit(call).result()
        except BaseException:  # such as Ctrl-C: nobody waits for the reply any more
            session.stop(stopped)
            raise

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        stopped = threading.Event()
        loop = asyncio.get_running_loop()
        session = await asyncio.to_thread(self._session)
        call = partial(self._reply, session, messages, stop, kwargs, stopped)
        try:
            return await loop.run_in_executor(session.worker, call)
        except asyncio.CancelledError:
            session.stop(stopped)  # the worker ends this call before it begins the next
            raise

    def prompt_tokens(self, text: str) -> int:
        """How many tokens a prompt is, in the model's chat template. Raises ModelError."""
        return len(self._session().tokens_of([{"role": "user", "content": text}]))

    def _session(self) -> Session:
        share = share_of(self.model, self.window, self.threads, self.parallel)
        return open_session(weights_of(self.model), share)

    def _reply(
        self,
        session: Session,
        messages: Sequence[BaseMessage],
        stop: Sequence[str] | None,
        arguments: Mapping[str, Any],
        stopped: threading.Event,
    ) -> ChatResult:
        """Answer one call, in the worker's thread."""
        form = answer_grammar(str(messages[-1].text)) if messages else ""
        wanted, name = self._wanted(stop, {"grammar": form, **arguments}), public_name(self.model)
        prompt = session.tokens_of(
            [{"role": ROLES[message.type], "content": str(message.text)} for message in messages]
        )
        if len(prompt) >= session.window:
            raise CallFailedError(
                "context_length",
                f"the prompt has {len(prompt):,} tokens, the context window of {name} "
                f"{session.window:,}: give less of the profile, or a model with a larger window",
            )
        late = threading.Timer(self.timeout, session.stop, (stopped,))
        late.daemon = True
        late.start()
        try:
            completion = session.complete(prompt, wanted, stopped)
        except StoppedError:
            raise LocalTimeoutError(
                f"{name} did not end its reply within {self.timeout:g} s: raise timeout, or lower "
                "max_tokens"
            ) from None
        finally:
            late.cancel()
        return _result(name, len(prompt), completion)

    def _wanted(self, stop: Sequence[str] | None, arguments: Mapping[str, Any]) -> Wanted:
        """What a call asks for. Raises UnknownParameterError."""
        given = {**arguments, **arguments.get("extra_body", {})}
        given.pop("extra_body", None)
        if unknown := sorted(given.keys() - set(PARAMETERS)):
            known = ", ".join(PARAMETERS)
            raise UnknownParameterError(
                f"a local model does not know {unknown[0]}; it knows {known}"
            )
        temperature = given.get("temperature", self.temperature)
        told = given.get("top_logprobs", 0) if given.get("logprobs") else None
        texts = given.get("stop", stop) or ()
        return Wanted(
            most=given.get("max_tokens") or given.get("max_completion_tokens") or LIMIT,
            sampling=Sampling(
                temperature=1 if temperature is None else temperature,
                top_p=given.get("top_p", 1),
                repeat_penalty=given.get("repeat_penalty", REPEAT_PENALTY),
                seed=given.get("seed", secrets.randbits(32)),
            ),
            stop=(texts,) if isinstance(texts, str) else tuple(texts),
            alternatives=told,
            grammar=given["grammar"],
        )


def _result(name: str, prompt: int, completion: Completion) -> ChatResult:
    """A completion as LangChain carries it."""
    metadata: dict[str, Any] = {"model_name": name, "finish_reason": completion.finish_reason}
    if completion.logprobs:
        metadata["logprobs"] = {"content": completion.logprobs}
    usage = UsageMetadata(
        input_tokens=prompt,
        output_tokens=completion.tokens,
        total_tokens=prompt + completion.tokens,
    )
    message = AIMessage(completion.text, response_metadata=metadata, usage_metadata=usage)
    return ChatResult(generations=[ChatGeneration(message=message)])
