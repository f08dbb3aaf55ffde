"""The settings of `evals.audit`: its own, and those that it shares with an experiment."""

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from evals.harness.experiment import Experiment
from graph.command_line.flag import Flag
from graph.llm.addresses import validate_address

WHAT, HOW = "what to audit", "how to audit"
OF_PEOPLE = ("respondents", "where", "rows", "balance", "people_seed")
"""Settings of an experiment that decide whose stories there are."""
OF_STORIES = (
    *OF_PEOPLE,
    "seed",
    "folds",
    "chat",
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
    "local_window",
    "local_threads",
    "local_parallel",
    "weights",
    "rpm",
    "tpm",
    "max_cost",
    "yes",
    "ask_above",
    "prices",
    "calls",
    "trace",
    "dry_run",
    "out",
)
"""Settings of an experiment that an audit has too."""


class AuditSettings(BaseModel):
    """What is audited, and how: the settings that an audit has beside those of an experiment."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    stories: Annotated[Path | None, Flag(WHAT, unset="they are told now")] = Field(
        default=None, description="audit these stories: json, respondent -> text"
    )
    run: Annotated[Path | None, Flag(WHAT, value="DIR", unset="they are told now")] = Field(
        default=None, description="audit the stories of this run, from its directory"
    )
    recall: Annotated[bool, Flag(HOW)] = Field(
        default=False,
        description="also ask the model which answers a story states, a call a fact",
    )
    verify: Annotated[str | None, Flag(HOW)] = Field(
        default=None,
        description="model that judges what the rules are unsure of, a call a story",
    )
    verify_base_url: Annotated[str | None, Flag(HOW, value="URL", unset="--base-url")] = Field(
        default=None, description="address of that model"
    )
    repair: Annotated[bool, Flag(HOW)] = Field(
        default=False, description="have the model put in what is missing, and audit again"
    )

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


def audit_flags() -> type[BaseModel]:
    """All settings of an audit as one model, for the command line."""
    shared: dict[str, Any] = {
        name: (field.annotation, field) for name, field in Experiment.model_fields.items()
    }
    return create_model("Flags", __base__=AuditSettings, **{name: shared[name] for name in SHARED})
