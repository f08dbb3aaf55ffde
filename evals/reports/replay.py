"""The models of a replay: they answer from a run's call store, and never ask."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult

from evals import models
from evals.experiment import Experiment
from graph.calls import CallStore, StoredChat, StoredEmbeddings
from graph.faults import Pending
from graph.settings import Settings


class Silent(BaseChatModel):
    """In place of a model: it has no reply to anything."""

    @property
    def _llm_type(self) -> str:
        return "silent"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        raise Pending("nothing is asked in a replay")

    def body(self, messages: list[BaseMessage], **kwargs: Any) -> dict[str, Any]:
        """An empty one: it goes nowhere."""
        return {}


class SilentEmbeddings(Embeddings):
    """In place of embeddings: no vector of anything."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse. Raises Pending."""
        raise Pending("nothing is embedded in a replay")

    def embed_query(self, text: str) -> list[float]:
        """Refuse. Raises Pending."""
        raise Pending("nothing is embedded in a replay")

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse. Raises Pending."""
        return self.embed_documents(texts)


class Nowhere:
    """Where requests go that the call store cannot answer: they are dropped, and `Pending` tells who waits."""

    def put(self, key: str, prompt: str, body: Mapping[str, Any]) -> None:
        """Drop a request."""


def stored(calls: Path) -> CallStore:
    """A run's call store, read and never written. Raises sqlite3.Error when it cannot be read."""
    store = CallStore(Path(":memory:"))
    store.look_in(calls)
    store.aside = Nowhere()
    return store


def settings(experiment: Experiment, store: CallStore) -> Settings:
    """The graphs' settings of a run, with models that reply from the store alone; a miss raises Pending."""
    chat = StoredChat(inner=Silent(), store=store, identity=models.chat_identity(experiment))
    embeddings = StoredEmbeddings(SilentEmbeddings(), store, models.identity_of(*experiment.embeddings_at))
    return models.rules(experiment).model_copy(update={"chat": chat, "embeddings": embeddings})
