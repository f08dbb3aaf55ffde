"""What one run of a graph may choose; Studio shows it as a form."""

from typing import Annotated

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from graph.variants import Integrate, Order
from survey.profile import Protocol

Text = WithJsonSchema({"type": "string"})


class Settings(BaseModel):
    """Models, prompts and rules of one run. `chat` and `embeddings` take a name or a LangChain object."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    chat: Annotated[str | BaseChatModel, Text] = Field(
        default="offline",
        description="offline, openai:NAME, ollama:NAME, vllm:NAME, or any init_chat_model name",
    )
    base_url: str | None = Field(default=None, description="address of an OpenAI-compatible server for the chat model")
    temperature: float | None = Field(
        default=0, ge=0, description="sampling temperature; none for models that refuse one"
    )
    coordinator: Annotated[str | BaseChatModel | None, Text] = Field(
        default=None, description="another chat model for the coordinator; empty: the same"
    )
    embeddings: Annotated[str | Embeddings, Text] = Field(
        default="offline", description="what RAG searches with: offline, openai:NAME, ollama:NAME, vllm:NAME"
    )
    embeddings_base_url: str | None = Field(
        default=None, description="address of an OpenAI-compatible embeddings server"
    )
    prompts: str | None = Field(default=None, description="directory of own prompt templates")
    integrate: Integrate | None = Field(default=None, description="when the coordinator speaks; empty: as built")
    protocol: Protocol = Field(
        default="fair", description="fair: one profile and reader for all; published: as released"
    )
    order: Order = Field(default="paper", description="cacheable: the long shared text first in every prompt")
    top_k: int = Field(default=3, ge=1, description="how many known answers RAG keeps")
    threshold: float | None = Field(default=None, ge=-1, le=1, description="least cosine similarity that RAG keeps")


def settings_of(runtime: Runtime[Settings]) -> Settings:
    """The settings of a run; the defaults where it was given none."""
    return runtime.context or Settings()
