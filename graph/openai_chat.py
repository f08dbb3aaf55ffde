"""ChatOpenAI without detours: the same request and the same result for about half of the work between them.

On its way a call is checked against the openai package's types, its reply is made into objects and taken apart again
in another thread. Over a run's thousands of calls that costs more than anything else; here the body goes out as it is
and comes back as JSON.
"""

import logging
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

from graph.addresses import shown
from graph.metadata import tidy
from graph.transport import NoReplyError, post, within

log = logging.getLogger(__name__)


class LeanChatOpenAI(ChatOpenAI):
    """A ChatOpenAI for plain text calls; anything else (responses API, structured output) goes the usual way.

    A whole call takes no longer than `timeout`. Raises graph.faults.FaultError besides what ChatOpenAI raises.
    """

    _noted: set[str] = PrivateAttr(default_factory=set)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        body = self._get_request_payload(messages, stop=stop, **kwargs)
        seconds: Any = self.request_timeout
        if "response_format" in body or self._use_responses_api(body):
            async with within(seconds):
                return await super()._agenerate(messages, stop=stop, run_manager=run_manager, **kwargs)
        extra = body.pop("extra_body", None) or {}
        reply = await post(self.root_async_client, "/chat/completions", body | extra, seconds)
        return self._create_chat_result(reply)

    def _create_chat_result(self, response: Any, generation_info: dict[str, Any] | None = None) -> ChatResult:
        """The result in a reply, whose odd metadata is left out, and named once."""
        if not isinstance(response, dict):
            return super()._create_chat_result(response, generation_info)
        try:
            plain, odd = tidy(response)
        except RecursionError:
            raise NoReplyError("the server sent a reply that is too deeply nested") from None
        if new := [name for name in odd if name not in self._noted]:
            self._noted.update(new)
            place = shown(str(self.openai_api_base))
            log.warning("%s: odd metadata in replies, which is left out: %s", place, ", ".join(new))
        return super()._create_chat_result(plain, generation_info)
