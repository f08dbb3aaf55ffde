"""What one run of a graph may choose; Studio shows it as a form, each field at its nodes."""

from typing import Annotated, Any

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langgraph.runtime import Runtime
from pydantic import ConfigDict, Field

from graph.method_settings import MethodSettings
from graph.model_settings import ModelSettings, Text
from graph.studio_form import prompt_field
from graph.variants import Integrate
from prompts import PREDICT

Chat = Annotated[str | BaseChatModel, Text]
Vectors = Annotated[str | Embeddings, Text]
_inherited: dict[str, Any] = {**ModelSettings.model_fields, **MethodSettings.model_fields}
"""Fields that stay as they are but for their type: graphs take LangChain objects as well."""


class Settings(MethodSettings, ModelSettings):
    """Models, prompts and rules of one run. Models are given by name or as LangChain objects."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    chat: Chat = _inherited["chat"]  # type: ignore[assignment]  # wider than a name
    coordinator: Chat | None = _inherited["coordinator"]  # type: ignore[assignment]
    embeddings: Vectors = _inherited["embeddings"]  # type: ignore[assignment]
    integrate: Integrate | None = Field(  # type: ignore[assignment]
        default=None,
        description="when the coordinator is asked; empty: as the graph was built",
        json_schema_extra=MethodSettings.model_fields["integrate"].json_schema_extra,
    )
    story_prompt: Annotated[str | None, Text] = prompt_field("story")
    cognitive_prompt: Annotated[str | None, Text] = prompt_field("cognitive")
    affective_prompt: Annotated[str | None, Text] = prompt_field("affective")
    behavioral_prompt: Annotated[str | None, Text] = prompt_field("behavioral")
    coordinator_prompt: Annotated[str | None, Text] = prompt_field("coordinator")
    full_info_prompt: Annotated[str | None, Text] = prompt_field("full_info")
    rag_prompt: Annotated[str | None, Text] = prompt_field("rag")

    def own_text(self, name: str) -> str | None:
        """The user's own text for the template `name` ("predict/story"); None without one."""
        use, _, call = name.partition("/")
        return getattr(self, f"{call}_prompt", None) if use == PREDICT else None


def settings_of(runtime: Runtime[Settings]) -> Settings:
    """The settings of a run; the defaults where it was given none."""
    return runtime.context or Settings()
