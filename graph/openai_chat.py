"""ChatOpenAI without detours: the same request and the same result for about half of the work between them.

On its way a call is checked against the openai package's types, its reply is made into objects and taken apart again
in another thread. Over a run's thousands of calls that costs more than anything else; here the body goes out as it is
and comes back as JSON.
"""

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI


class LeanChatOpenAI(ChatOpenAI):
    """A ChatOpenAI for plain text calls; anything else (responses API, structured output) goes the usual way."""

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        body = self._get_request_payload(messages, stop=stop, **kwargs)
        if "response_format" in body or self._use_responses_api(body):
            return await super()._agenerate(messages, stop=stop, run_manager=run_manager, **kwargs)
        extra = body.pop("extra_body", None) or {}
        reply: Any = await self.root_async_client.post("/chat/completions", cast_to=object, body=body | extra)
        return self._create_chat_result(reply)
