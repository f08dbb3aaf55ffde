"""The settings of `evals.score`, each of which is a flag."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from evals.harness.run_settings import Tables
from graph.command_line.flag import OUTPUT, Flag

WHAT, HOW = "what to score", "how to score"


class ScoreSettings(BaseModel):
    """What is scored, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    truth: Annotated[Path | None, Flag(WHAT, unset="none; it must be given")] = Field(
        default=None,
        description="what people answered: a survey by name or file, or a wide or tidy csv",
    )
    predictions: Annotated[tuple[Path, ...], Flag(WHAT)] = Field(
        default=(),
        description="what a method predicts: FILE or NAME=FILE, wide or tidy csv; repeatable",
    )
    items: Annotated[Path | None, Flag(WHAT, unset="those of the survey")] = Field(
        default=None, description="own table of items"
    )
    folds: Annotated[Path | None, Flag(WHAT, unset="folds.json beside the predictions")] = Field(
        default=None, description="held-out and known items, json"
    )
    rule: Annotated[Literal["strict", "published", "paper_tables"], Flag(HOW)] = Field(
        default="strict", description="how a prediction is scored"
    )
    no_references: Annotated[bool, Flag(HOW)] = Field(
        default=False, description="place no references beside"
    )
    tables: Annotated[Tables, Flag(OUTPUT, listed=False)] = Field(
        default="short", description="what is printed at the end: 25 lines, or all tables"
    )
    out: Annotated[Path | None, Flag(OUTPUT, value="DIR", unset="runs/score-..., by inputs")] = (
        Field(default=None, description="directory to write to")
    )
