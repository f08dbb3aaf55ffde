"""How a method asks and decides: settings of graphs and commands alike."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from graph.command_line.flag import HOW, Flag
from graph.studio_form import CALLERS, READERS, shown_at
from graph.variants import Integrate, Order
from survey.profile import Protocol


class MethodSettings(BaseModel):
    """Rules of ValueSim and of the baselines."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    integrate: Annotated[Integrate, Flag(HOW)] = Field(
        default="on_disagreement",
        description="when the coordinator is asked; average: never, the mean of the perspectives",
        json_schema_extra=shown_at("coordinator", "average", "decide"),
    )
    protocol: Annotated[Protocol, Flag(HOW)] = Field(
        default="fair",
        description="fair: one profile and reader for all; published: as released",
        json_schema_extra=shown_at("retrieve", *READERS, "decide"),
    )
    order: Annotated[Order, Flag(HOW, listed=False)] = Field(
        default="paper",
        description="cacheable: the long shared text first in every prompt; question_last: as "
        "written, but the question behind that text",
        json_schema_extra=shown_at(*CALLERS),
    )
    top_k: Annotated[int, Flag(HOW, listed=False)] = Field(
        default=3,
        ge=1,
        description="how many known answers RAG keeps",
        json_schema_extra=shown_at("retrieve"),
    )
    threshold: Annotated[float | None, Flag(HOW, listed=False)] = Field(
        default=None,
        ge=-1,
        le=1,
        description="least cosine similarity that RAG keeps",
        json_schema_extra=shown_at("retrieve"),
    )
