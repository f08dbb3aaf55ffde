"""What one run of a graph may choose; Studio shows it as a form, each field at the nodes that read
it.
"""

from typing import Annotated, Any

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from graph.request_parameters import AUTO, MaxTokens, Request, RequestByNode
from graph.variants import PERSPECTIVES, Integrate, Order
from prompts import PREDICT, template
from survey.profile import Protocol

Text = WithJsonSchema({"type": "string"})

READERS = [*PERSPECTIVES, "direct", "full_info", "rag"]
CHAT = ["decide", "speak", "check", "correct"]
CALLERS = ["story", *READERS, "coordinator", *CHAT]
"""Nodes that ask the chat model; READERS are those that answer from what is known; CHAT are those
of the chat graph, whose `decide` runs all of ValueSim.
"""


def shown_at(*nodes: str) -> dict[str, Any]:
    """What ties a field to the nodes that read it, in the words of Studio."""
    return {"langgraph_nodes": [*nodes]}


def prompt_field(call: str, use: str = PREDICT) -> Any:
    """A field for a text of one's own in place of the template of this call, which the form shows
    to begin with.
    """
    nodes = (
        shown_at(call, "decide")
        if use == PREDICT and call in (*PERSPECTIVES, "coordinator")
        else shown_at(call)
    )
    shown = {**nodes, "langgraph_type": "prompt", "default": template(f"{use}/{call}", None)}
    return Field(
        default=None,
        description=f"the prompt of {call}; must use the same {{names}}",
        json_schema_extra=shown,
    )


class Settings(BaseModel):
    """Models, prompts and rules of one run. `chat` and `embeddings` take a name or a LangChain
    object.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    chat: Annotated[str | BaseChatModel, Text] = Field(
        default="offline",
        description="offline, openai:NAME, ollama:NAME, vllm:NAME, or any init_chat_model name",
        json_schema_extra=shown_at(*CALLERS),
    )
    base_url: str | None = Field(
        default=None,
        description="address of an OpenAI-compatible server for the chat model",
        json_schema_extra=shown_at(*CALLERS),
    )
    temperature: float | None = Field(
        default=0,
        ge=0,
        description="sampling temperature; none for models that refuse one",
        json_schema_extra=shown_at(*CALLERS),
    )
    max_tokens: MaxTokens = Field(
        default=AUTO,
        description="longest reply in tokens; auto: by kind of call; none: no limit is sent",
        json_schema_extra=shown_at(*CALLERS),
    )
    request: Request = Field(
        default={},
        description='more parameters of every chat request, such as {"reasoning_effort": "low"}',
        json_schema_extra=shown_at(*CALLERS),
    )
    request_by_node: RequestByNode = Field(
        default={},
        description='parameters of single nodes, such as {"story": {"max_tokens": 3000}}',
        json_schema_extra=shown_at(*CALLERS),
    )
    timeout: float = Field(
        default=120,
        gt=0,
        description="seconds for one request",
        json_schema_extra=shown_at("retrieve", *CALLERS),
    )
    coordinator: Annotated[str | BaseChatModel | None, Text] = Field(
        default=None,
        description="another chat model for the coordinator; empty: the same",
        json_schema_extra=shown_at("coordinator", "decide"),
    )
    embeddings: Annotated[str | Embeddings, Text] = Field(
        default="offline",
        description="what RAG searches with: offline, openai:NAME, ollama:NAME, vllm:NAME",
        json_schema_extra=shown_at("retrieve"),
    )
    embeddings_base_url: str | None = Field(
        default=None,
        description="address of an OpenAI-compatible embeddings server",
        json_schema_extra=shown_at("retrieve"),
    )
    prompts: str | None = Field(
        default=None,
        description="directory of own prompt templates",
        json_schema_extra=shown_at(*CALLERS),
    )
    integrate: Integrate | None = Field(
        default=None,
        description="when the coordinator speaks; empty: as built",
        json_schema_extra=shown_at("coordinator", "average", "decide"),
    )
    protocol: Protocol = Field(
        default="fair",
        description="fair: one profile and reader for all; published: as released",
        json_schema_extra=shown_at("retrieve", *READERS, "decide"),
    )
    order: Order = Field(
        default="paper",
        description="cacheable: the long shared text first in every prompt",
        json_schema_extra=shown_at(*CALLERS),
    )
    top_k: int = Field(
        default=3,
        ge=1,
        description="how many known answers RAG keeps",
        json_schema_extra=shown_at("retrieve"),
    )
    threshold: float | None = Field(
        default=None,
        ge=-1,
        le=1,
        description="least cosine similarity that RAG keeps",
        json_schema_extra=shown_at("retrieve"),
    )
    story_prompt: Annotated[str | None, Text] = prompt_field("story")
    cognitive_prompt: Annotated[str | None, Text] = prompt_field("cognitive")
    affective_prompt: Annotated[str | None, Text] = prompt_field("affective")
    behavioral_prompt: Annotated[str | None, Text] = prompt_field("behavioral")
    coordinator_prompt: Annotated[str | None, Text] = prompt_field("coordinator")
    full_info_prompt: Annotated[str | None, Text] = prompt_field("full_info")
    rag_prompt: Annotated[str | None, Text] = prompt_field("rag")

    def own_text(self, name: str) -> str | None:
        """The text of the run's own for the template `name` ("predict/story"); none where the
        shipped one serves.
        """
        use, _, call = name.partition("/")
        return getattr(self, f"{call}_prompt", None) if use == PREDICT else None


def settings_of(runtime: Runtime[Settings]) -> Settings:
    """The settings of a run; the defaults where it was given none."""
    return runtime.context or Settings()
