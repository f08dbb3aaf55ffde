"""What an audit is told: its own settings, and those that it shares with an experiment."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.llm.addresses import validate_address

OF_STORIES = (
    "respondents",
    "seed",
    "folds",
    "model",
    "base_url",
    "temperature",
    "max_tokens",
    "request",
    "request_by_node",
    "prompts",
)
"""Settings of an experiment that decide which stories there are."""
SHARED = (
    "data",
    *OF_STORIES,
    "concurrency",
    "timeout",
    "rpm",
    "tpm",
    "max_cost",
    "prices",
    "calls",
    "trace",
    "out",
)
"""Settings of an experiment that an audit has too."""


class AuditSettings(BaseModel):
    """What is audited, and how: the settings that an audit has beside those of an experiment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stories: Annotated[
        Path | None, Field(description="audit these stories: json, respondent -> text")
    ] = None
    run: Annotated[
        Path | None, Field(description="audit the stories of this run, from its directory")
    ] = None
    recall: Annotated[
        bool, Field(description="also ask the model which answers a story states, a call a fact")
    ] = False
    verify: Annotated[
        str | None,
        Field(description="model that judges what the rules are unsure of, a call a story"),
    ] = None
    verify_base_url: Annotated[
        str | None, Field(description="address of that model (default: --base-url)")
    ] = None
    repair: Annotated[
        bool, Field(description="have the model put in what is missing, and audit again")
    ] = False

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        """Refuse two sources at once."""
        if self.stories and self.run:
            raise ValueError("--stories and --run name two sources of stories: give one")
        if self.verify_base_url and not self.verify:
            raise ValueError(
                "--verify-base-url is the address of a verifier: name it with --verify"
            )
        if self.verify_base_url:
            validate_address(self.verify_base_url, "--verify-base-url", "OPENAI_API_KEY")
        return self

    @property
    def asks(self) -> bool:
        """Whether the model of the stories is asked: to tell them, to read them, or to mend
        them.
        """
        return self.recall or self.repair or not (self.stories or self.run)
