"""How a run goes and where it is written; none of it changes what is answered."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from graph.command_line.flag import HOW, LIMITS, OUTPUT, Flag

Tables = Literal["short", "all"]
"""What a command prints at its end: 25 lines, or all tables."""


class RunSettings(BaseModel):
    """Limits, output and ways of asking, which are no part of a run's identity."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    concurrency: Annotated[int, Flag(LIMITS)] = Field(
        default=16, ge=1, description="most requests in flight"
    )
    out: Annotated[Path | None, Flag(OUTPUT, value="DIR", unset="runs/..., by settings")] = Field(
        default=None, description="directory of the run"
    )
    tables: Annotated[Tables, Flag(OUTPUT, listed=False)] = Field(
        default="short", description="what is printed at the end: 25 lines, or all tables"
    )
    show_answers: Annotated[int, Flag(OUTPUT, listed=False)] = Field(
        default=5, ge=0, description="how many answers are shown as the first of them come"
    )
    retry_failed: Annotated[bool, Flag(OUTPUT, listed=False)] = Field(
        default=False, description="ask questions again whose call failed"
    )
    calls: Annotated[Path | None, Flag(OUTPUT, listed=False, unset="in --out")] = Field(
        default=None, description="call store to share with other runs"
    )
    rpm: Annotated[float | None, Flag(LIMITS, listed=False)] = Field(
        default=None, gt=0, description="most requests a minute"
    )
    tpm: Annotated[float | None, Flag(LIMITS, listed=False)] = Field(
        default=None, gt=0, description="most prompt tokens a minute, about"
    )
    max_cost: Annotated[float | None, Flag(LIMITS)] = Field(
        default=None, gt=0, description="stop before more money than this is spent"
    )
    yes: Annotated[bool, Flag(LIMITS)] = Field(
        default=False, description="ask whatever it may cost, without a question before"
    )
    ask_above: Annotated[float | None, Flag(LIMITS, listed=False, unset="never")] = Field(
        default=5.0, ge=0, description="show the estimate, and wait for yes, above so many US$"
    )
    prices: Annotated[Path | None, Flag(LIMITS, listed=False, unset="those of the package")] = (
        Field(default=None, description="own table of prices, csv")
    )
    batch: Annotated[bool, Flag(HOW, listed=False)] = Field(
        default=False,
        description="ask through the provider's Batch API, in rounds; for openai:NAME models",
    )
    cluster: Annotated[str | None, Flag(HOW, listed=False)] = Field(
        default=None, description="ask from many machines: a Dask scheduler's address or file"
    )
    dry_run: Annotated[bool, Flag(OUTPUT)] = Field(
        default=False, description="estimate calls, tokens, money and time, and ask nothing"
    )
    answers: Annotated[bool, Flag(OUTPUT, offered=False)] = Field(
        default=True,
        description="write what was said: answers.csv, answers.parquet and stories.csv",
    )
    trace: Annotated[bool, Flag(OUTPUT, listed=False)] = Field(
        default=False, description="send traces where the environment says so (LANGSMITH_TRACING)"
    )


NOT_IDENTITY = {
    *RunSettings.model_fields,
    "timeout",
    "local_window",
    "local_threads",
    "local_parallel",
    "weights",
    "paper",
}
"""Settings that change how a run goes, not what is answered."""
