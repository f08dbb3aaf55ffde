"""Which models answer, and what their requests carry: settings of graphs and commands alike."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from graph.command_line.flag import HOW, LIMITS, MODEL, Flag
from graph.request_parameters import AUTO, MaxTokens, Request, RequestByNode
from graph.studio_form import CALLERS, shown_at

Text = WithJsonSchema({"type": "string"})
"""Shows a field of several types as a text in forms."""


def _none_if_empty(given: object) -> object:
    """A field of a form that was left empty is not set."""
    return None if given == "" else given


Folder = Annotated[
    Annotated[Path, WithJsonSchema({"type": "string"})] | None, BeforeValidator(_none_if_empty)
]


class ModelSettings(BaseModel):
    """Models by name, and how they are asked; nothing heavy is loaded for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    chat: Annotated[str, Text, Flag(MODEL, shown="smollm2")] = Field(
        default="offline",
        validation_alias=AliasChoices("chat", "model"),
        serialization_alias="model",
        description="language model that answers: smollm2 (small and weak, in this "
        "process), gguf:PATH, openai:NAME, ollama:NAME, vllm:NAME, another init_chat_model name, "
        "or offline (a stand-in without a model)",
        json_schema_extra=shown_at(*CALLERS),
    )
    base_url: Annotated[
        str | None, Flag(MODEL, value="URL", unset="the provider's, or OPENAI_BASE_URL")
    ] = Field(
        default=None,
        description="address of an OpenAI-compatible server for the chat model",
        json_schema_extra=shown_at(*CALLERS),
    )
    temperature: Annotated[float | None, Flag(MODEL)] = Field(
        default=0.0,
        ge=0,
        description="sampling temperature; none for models that refuse one",
        json_schema_extra=shown_at(*CALLERS),
    )
    max_tokens: Annotated[MaxTokens, Flag(LIMITS)] = Field(
        default=AUTO,
        description="longest reply in tokens; auto: by kind of call; none: no limit is sent",
        json_schema_extra=shown_at(*CALLERS),
    )
    request: Annotated[Request, Flag(MODEL, listed=False)] = Field(
        default={},
        description='more parameters of every chat request, such as {"reasoning_effort": "low"}',
        json_schema_extra=shown_at(*CALLERS),
    )
    request_by_node: Annotated[RequestByNode, Flag(MODEL, offered=False)] = Field(
        default={},
        description='parameters of single nodes, such as {"story": {"max_tokens": 3000}}',
        json_schema_extra=shown_at(*CALLERS),
    )
    timeout: Annotated[float, Flag(LIMITS, listed=False)] = Field(
        default=120,
        gt=0,
        description="seconds for one request",
        json_schema_extra=shown_at("retrieve", *CALLERS),
    )
    local_window: Annotated[
        int | None, Flag(LIMITS, offered=False, unset="as trained, at most 8192")
    ] = Field(
        default=None,
        ge=64,
        description="tokens of prompt and reply together, for a model in this process",
        json_schema_extra=shown_at(*CALLERS),
    )
    local_threads: Annotated[
        int | None, Flag(LIMITS, offered=False, unset="all processors but one")
    ] = Field(
        default=None,
        ge=1,
        description="threads that compute one reply of a model in this process",
        json_schema_extra=shown_at(*CALLERS),
    )
    local_parallel: Annotated[
        int | None, Flag(LIMITS, offered=False, unset="2 for smollm2, 1 for others")
    ] = Field(
        default=None,
        ge=1,
        description="replies that a model in this process writes at once",
        json_schema_extra=shown_at(*CALLERS),
    )
    coordinator: Annotated[str | None, Text, Flag(MODEL, listed=False, unset="the chat model")] = (
        Field(
            default=None,
            description="another language model for the coordinator alone, such as a stronger one",
            json_schema_extra=shown_at("coordinator", "decide"),
        )
    )
    coordinator_base_url: Annotated[
        str | None,
        Flag(MODEL, listed=False, value="URL", unset="--base-url, if of the same provider"),
    ] = Field(
        default=None,
        description="address of an OpenAI-compatible server for the coordinator's model",
        json_schema_extra=shown_at("coordinator", "decide"),
    )
    embeddings: Annotated[str, Text, Flag(MODEL)] = Field(
        default="offline",
        description="what RAG searches with: offline, openai:NAME, ollama:NAME, vllm:NAME",
        json_schema_extra=shown_at("retrieve"),
    )
    embeddings_base_url: Annotated[
        str | None, Flag(MODEL, listed=False, value="URL", unset="--base-url, if openai:NAME")
    ] = Field(
        default=None,
        description="address of an OpenAI-compatible embeddings server",
        json_schema_extra=shown_at("retrieve"),
    )
    prompts: Annotated[
        Folder, Flag(HOW, listed=False, value="DIR", unset="those of the package")
    ] = Field(
        default=None,
        description="directory of own prompt templates",
        json_schema_extra=shown_at(*CALLERS),
    )
