"""Replay: models that reply from a run's call store, and send nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from pydantic import Field

from evals.harness import models
from evals.harness.call_notes import CallNotes
from evals.harness.experiment import Experiment
from evals.store.cached_chat import CachedChatModel
from evals.store.cached_embeddings import CachedEmbeddings
from evals.store.call_store import CallStore
from graph.llm.errors import PendingReplyError
from graph.settings import Settings


class SilentChatModel(BaseChatModel):
    """A model in place of the run's own; it has no reply to anything."""

    @property
    def _llm_type(self) -> str:
        return "silent"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        raise PendingReplyError("nothing is asked in a replay")

    def body(self, messages: list[BaseMessage], **kwargs: Any) -> dict[str, Any]:
        """An empty request body; nothing is sent."""
        return {}


class RecordingChatModel(CachedChatModel):
    """Replies from a call store, and writes down what it was asked.

    `prompts`: the text of each prompt that has a reply, by its key in the call store.
    """

    prompts: dict[str, str] = Field(default_factory=dict)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        notes = CallNotes()
        with notes.listening():
            result = await super()._agenerate(messages, stop, run_manager, **kwargs)
        for _, _, key in notes.calls:
            self.prompts[key] = "\n\n".join(str(message.text) for message in messages)
        return result


class SilentEmbeddings(Embeddings):
    """Embeddings in place of the run's own; they have no vector of anything."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Raise PendingReplyError."""
        raise PendingReplyError("nothing is embedded in a replay")

    def embed_query(self, text: str) -> list[float]:
        """Raise PendingReplyError."""
        raise PendingReplyError("nothing is embedded in a replay")

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Raise PendingReplyError."""
        return self.embed_documents(texts)


class DroppedRequests:
    """Drops the requests that the call store cannot answer; who waits gets PendingReplyError."""

    def put(self, key: str, template: str, body: Mapping[str, Any]) -> None:
        """Drop a request."""


def open_stored_calls(calls: Path) -> CallStore:
    """Open a run's call store for reading. Raises sqlite3.Error when it cannot be read."""
    store = CallStore(Path(":memory:"))
    store.read_also(calls)
    store.deferred = DroppedRequests()
    return store


def replay_settings(experiment: Experiment, store: CallStore, prompts: dict[str, str]) -> Settings:
    """The graphs' settings of a run, with models that reply from the store alone.

    They raise PendingReplyError for what it does not hold, and add the prompts of the replies that
    they give to `prompts`, by key.
    """
    chat = RecordingChatModel(
        inner=SilentChatModel(), store=store, identity=models.chat_identity(experiment)
    ).model_copy(update={"prompts": prompts})  # this very dict: pydantic would make another
    found: dict[str, Any] = {"chat": chat}
    if experiment.coordinator_at:
        identity = models.coordinator_identity(experiment)
        found["coordinator"] = chat.model_copy(update={"identity": identity})
    found["embeddings"] = CachedEmbeddings(
        SilentEmbeddings(), store, models.model_identity(*experiment.embeddings_at)
    )
    return models.graph_rules(experiment).model_copy(update=found)
