"""ChatOpenAI without detours: the same request and the same result for about half of the work
between them.

On its way a call is checked against the openai package's types, its reply is made into objects and
taken apart again in another thread. Over a run's thousands of calls that costs more than anything
else; here the body goes out as it is and comes back as JSON.
"""

import logging
import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import openai
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

from graph.llm.addresses import redact_address
from graph.llm.langchain_internals import (
    read_completion,
    request_payload,
    uses_responses_api,
)
from graph.llm.reply_check import REASONING, REFUSAL, check_body
from graph.llm.transport import CarefulClient, NoReplyError, post, within
from graph.llm.usage import tidy_completion
from graph.request_parameters import LENGTH, OTHER_LENGTH

log = logging.getLogger(__name__)
PATH = "/chat/completions"
OPENAI_HOST = "api.openai.com"
UNKNOWN = re.compile(
    r"unsupported|not supported|unrecogni[sz]ed|unknown|unexpected|not permitted|forbidden|not "
    r"allowed",
    re.IGNORECASE,
)
"""What servers say of a parameter that they do not know."""


class LeanChatOpenAI(ChatOpenAI):
    """A ChatOpenAI for plain text calls; anything else (responses API, structured output) goes the
    usual way.

    A whole call takes no longer than `timeout`. Raises graph.llm.errors.FaultError besides what
    ChatOpenAI raises.
    """

    _noted: set[str] = PrivateAttr(default_factory=set)
    _refused: str = PrivateAttr(default="")
    """The spelling of the limit on a reply that the server refused."""

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        body = request_payload(self, messages, stop, **kwargs)
        seconds: Any = self.request_timeout
        if "response_format" in body or uses_responses_api(self, body):
            async with within(seconds):
                return await super()._agenerate(
                    messages, stop=stop, run_manager=run_manager, **kwargs
                )
        sent = self._spelling
        try:
            reply = await self._post(self._spelt(body), seconds)
        except openai.APIStatusError as error:
            if OTHER_LENGTH not in body or not _refuses(error, sent):
                raise
            self._refused = sent
            reply = await self._post(self._spelt(body), seconds)
        return self.read_body(reply)

    async def _post(self, body: dict[str, Any], seconds: float | None) -> dict[str, Any]:
        """Send a body, and return the JSON object that came back."""
        under = self.http_async_client
        sender = under if isinstance(under, CarefulClient) else None
        return await post(self.root_async_client, PATH, body, seconds, sender)

    def read_body(self, response: Any) -> ChatResult:
        """The result in the JSON of a reply, and the thoughts beside it. Odd metadata is left out,
        and named once.

        Raises CallFailedError for an error in disguise, and where there are no choices.
        """
        try:
            plain, odd = tidy_completion(response) if isinstance(response, dict) else (response, [])
        except RecursionError:
            raise NoReplyError("the server sent a reply that is too deeply nested") from None
        if new := [name for name in odd if name not in self._noted]:
            self._noted.update(new)
            place = redact_address(str(self.openai_api_base))
            log.warning("%s: odd metadata in replies, which is left out: %s", place, ", ".join(new))
        check_body(plain)
        result = read_completion(self, plain)
        for choice, generation in zip(plain["choices"], result.generations, strict=True):
            beside = {name: choice["message"].get(name) for name in (*REASONING, REFUSAL)}
            generation.message.additional_kwargs |= {
                name: said for name, said in beside.items() if said
            }
        return result

    @property
    def limited_as(self) -> str:
        """The name by which the default limits on replies know this model."""
        return self.model_name

    def body(
        self, messages: list[BaseMessage], stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """The body of the request, as it goes out."""
        return self._spelt(request_payload(self, messages, stop, **kwargs))

    def _spelt(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The payload with the user's own parameters in it, and the limit on the reply as this
        server spells it.
        """
        body = {name: value for name, value in payload.items() if name != "extra_body"}
        if OTHER_LENGTH in body:
            body[self._spelling] = body.pop(OTHER_LENGTH)
        return body | (payload.get("extra_body") or {})

    @property
    def _spelling(self) -> str:
        """How this server calls the limit on a reply.

        OpenAI's own reasoning models know `max_completion_tokens` alone, many local servers
        `max_tokens` alone.
        """
        if self._refused:
            return LENGTH if self._refused == OTHER_LENGTH else OTHER_LENGTH
        return OTHER_LENGTH if _is_openai(self.openai_api_base) else LENGTH


@cache
def _is_openai(address: str | None) -> bool:
    """Whether an address is that of OpenAI itself, as it is where none is given."""
    return (urlsplit(str(address or "")).hostname or OPENAI_HOST) == OPENAI_HOST


def _refuses(error: openai.APIStatusError, name: str) -> bool:
    """Whether a server does not know a parameter by this name; a value that it does not like is
    another matter.
    """
    return (
        error.status_code in (400, 422) and name in str(error) and bool(UNKNOWN.search(str(error)))
    )
