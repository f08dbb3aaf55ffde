"""Which methods a run scores, which people it draws, and which answers it holds out."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from evals.harness.method_names import LLM_GRAPHS, Graph
from graph.command_line.flag import WHAT, WHOM, Flag
from survey.survey_names import REAL


class SelectionSettings(BaseModel):
    """Methods, survey file, people and items of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    graph: Annotated[tuple[Graph, ...], Flag(WHAT)] = Field(
        default=LLM_GRAPHS, min_length=1, description="what to score, repeatable: {choices}"
    )
    data: Annotated[Path | None, Flag(WHOM, value="NAME|FILE", unset=REAL)] = Field(
        default=None, description="survey: gss2018, bfi, synthetic, or a file: csv, sav or dta"
    )
    respondents: Annotated[int, Flag(WHOM)] = Field(
        default=10, ge=1, description="how many people to draw"
    )
    seed: Annotated[int, Flag(WHOM)] = Field(
        default=42, description="seed of the draw and of the folds"
    )
    folds: Annotated[tuple[int, ...], Flag(WHAT)] = Field(
        default=(1,), min_length=1, description="folds of items to hold out, such as 1,2,5"
    )
    profile_size: Annotated[int | None, Flag(WHAT, unset="all")] = Field(
        default=None, ge=0, description="show only the first N known items of the fold"
    )
    subset: Annotated[Literal["nested", "redrawn"], Flag(WHAT, offered=False)] = Field(
        default="nested",
        description="items of a smaller profile: the first of the fold, or drawn anew for each "
        "person as published",
    )
