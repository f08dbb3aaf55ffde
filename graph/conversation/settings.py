"""What one run of the chat graph may choose: whom one talks with, beside what every graph may."""

from typing import Annotated

from langgraph.runtime import Runtime
from pydantic import Field

from graph.model_settings import Text
from graph.settings import Settings
from graph.studio_form import prompt_field, shown_at

USE = "chat"


class ChatSettings(Settings):
    """Who speaks, where the thread has no profile: the person of a text, else a respondent of the
    synthetic sample.
    """

    about: str | None = Field(
        default=None,
        description="a text about the person, such as a biography; for a thread without a profile",
        json_schema_extra=shown_at("hear", "story", "decide", "check"),
    )
    respondent: int = Field(
        default=1,
        ge=1,
        description="the row of the synthetic sample who speaks, where there is neither profile "
        "nor text",
        json_schema_extra=shown_at("hear", "story", "decide", "check"),
    )
    speak_prompt: Annotated[str | None, Text] = prompt_field("speak", USE)
    correct_prompt: Annotated[str | None, Text] = prompt_field("correct", USE)

    def own_text(self, name: str) -> str | None:
        """The text of the run's own for the template `name`; none where the shipped one serves."""
        own = {f"{USE}/speak": self.speak_prompt, f"{USE}/correct": self.correct_prompt}
        return own[name] if name in own else super().own_text(name)


def chat_settings_of(runtime: Runtime[ChatSettings]) -> ChatSettings:
    """The settings of a run; the defaults where it was given none."""
    return runtime.context or ChatSettings()
