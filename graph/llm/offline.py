"""The stand-in that answers without key or network: fixed rules over the prompt's own words, no
language model.

It exists so that every graph, command and page can be tried and tested at no cost. What it answers
says nothing about people or about models, and everything made with it says so. Its rules are in
`graph.llm.offline_rules`.
"""

from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from graph.llm.offline_rules import answering, auditing, talking
from graph.llm.offline_rules.words import vector_of

NOTICE = (
    "made with the offline stand-in, which is no language model: "
    "these figures test the software and say nothing about people"
)
RULES = {**answering.RULES, **auditing.RULES, **talking.RULES}


class OfflineChatModel(BaseChatModel):
    """Deterministic chat model: one rule for each template, chosen by the name in the call's
    metadata.
    """

    @property
    def _llm_type(self) -> str:
        return "offline"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        name = (getattr(run_manager, "metadata", None) or {}).get("prompt", "")
        message = AIMessage(
            _answer(name, messages),
            response_metadata={"model_name": "offline", "finish_reason": "stop"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, stop, run_manager)  # it never waits, so it needs no thread


def _answer(name: str, messages: list[BaseMessage]) -> str:
    """What the rule of a template answers."""
    first, last = str(messages[0].text), str(messages[-1].text)
    if name in talking.CONVERSATIONS:
        return talking.CONVERSATIONS[name](first, last)
    return RULES.get(name, answering.most_similar)(last, name)


class OfflineEmbeddings(Embeddings):
    """Bags of words hashed to unit vectors of 256 numbers: texts that share rare words are
    close.
    """

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of these texts, in their order."""
        return [vector_of(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one text."""
        return vector_of(text)

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `embed_documents`; it never waits."""
        return self.embed_documents(texts)
