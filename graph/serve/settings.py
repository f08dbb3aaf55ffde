"""The settings of the servers: address and key, whose answers to simulate, and which models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from graph.command_line.flag import OUTPUT, WHOM, Flag
from graph.method_settings import MethodSettings
from graph.model_settings import ModelSettings
from survey.survey_names import REAL, is_synthetic

if TYPE_CHECKING:
    from graph.settings import Settings
    from survey.respondents import Respondents

LISTEN = "where to listen"


class ListenSettings(BaseModel):
    """Where a server listens, and whether it asks for a key."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    host: Annotated[str, Flag(LISTEN)] = Field(
        default="127.0.0.1", description="address to listen at; the default is this machine alone"
    )
    port: Annotated[int, Flag(LISTEN)] = Field(default=2024, description="port to listen at")
    guard: Annotated[bool | None, Flag(LISTEN, unset="unless it listens to this machine")] = Field(
        default=None, description="ask for a key"
    )


class PersonSettings(MethodSettings, ModelSettings):
    """Whose answers are simulated, and the models and rules of the graph that answers."""

    data: Annotated[Path | None, Flag(WHOM, value="NAME|FILE", unset=REAL)] = Field(
        default=None, description="survey: gss2018, bfi, synthetic, or a file: csv, sav or dta"
    )


class PageSettings(PersonSettings, ListenSettings):
    """The settings of the page."""

    port: Annotated[int, Flag(LISTEN)] = Field(
        default=8080, description=ListenSettings.model_fields["port"].description
    )
    threads: Annotated[str | None, Flag(OUTPUT, value="FILE", unset="memory")] = Field(
        default=None, description="where conversations are kept: FILE or postgresql://..."
    )


def graph_settings_of(given: PersonSettings) -> "Settings":
    """The graphs' settings. Raises ModelError or PromptError, one line, for what cannot be used."""
    from graph.llm.addresses import embeddings_url
    from graph.llm.default_model import default_model
    from graph.llm.factory import check_models
    from graph.settings import Settings
    from prompts import check_templates

    if given.prompts:
        check_templates(given.prompts)
    url = given.embeddings_base_url or embeddings_url(given.embeddings, given.base_url)
    shared = (*ModelSettings.model_fields, *MethodSettings.model_fields)
    named = {name: getattr(given, name) for name in shared if name in given.model_fields_set}
    if "chat" not in named:
        named["chat"] = default_model()
    settings = Settings(**named | {"embeddings_base_url": url})
    check_models(settings)  # told now, not at the first question
    return settings


def people_of(given: PersonSettings) -> "Respondents | None":
    """The people of the survey; None where the synthetic sample serves.

    Raises DataError or OSError, one line.
    """
    from survey.open_survey import open_survey

    data = REAL if given.data is None else given.data
    return None if is_synthetic(data) else open_survey(data)
