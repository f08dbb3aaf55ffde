"""One experiment, typed: the flags of `evals.run`, the file of `--config` and `config.json`."""

from collections.abc import Collection
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from evals.harness import checks
from evals.harness.method_names import FROM_PROFILE, LLM_GRAPHS
from evals.harness.run_settings import NOT_IDENTITY, RunSettings
from evals.harness.selection_settings import NARROWING, SelectionSettings
from graph.command_line.flag import HOW, MODEL, WHAT, Flag
from graph.llm.addresses import (
    coordinator_url,
    embeddings_url,
    is_local_model,
    is_openai_compatible,
)
from graph.llm.local.share import default_at_once
from graph.llm.local.weights import public_name
from graph.method_settings import MethodSettings
from graph.model_settings import ModelSettings
from graph.request_parameters import FROM_JSON, deciding_parameters
from graph.variants import Part
from survey.survey_names import is_packaged, is_psychtools

PAPER: dict[str, Any] = {
    "respondents": 100,
    "seed": 42,
    "folds": (1, 2, 3, 4, 5),
    "graph": LLM_GRAPHS,
    "protocol": "published",
}
"""What `--paper` sets where nothing else is said."""
REQUESTED = {"max_tokens", "request", "request_by_node"}
"""Settings whose part in a run's identity `deciding_parameters` works out."""
COORDINATOR = ("coordinator", "coordinator_base_url")
"""The settings of a coordinator with a model of its own."""
ADA = "text-embedding-ada-002"
Embeddings = Annotated[str | None, Flag(MODEL, unset=f"offline, or {ADA}")]


class Experiment(RunSettings, SelectionSettings, MethodSettings, ModelSettings):
    """One run of `evals.run`; its fields change answers unless they are in `NOT_IDENTITY`."""

    model_config = ConfigDict(serialize_by_alias=True)

    embeddings: Embeddings = Field(  # type: ignore[assignment]  # may be left to the chat model
        default=None, description=ModelSettings.model_fields["embeddings"].description
    )
    without: Annotated[tuple[Part, ...], Flag(HOW)] = Field(
        default=(), description="leave a part of valuesim out; repeatable, makes one variant"
    )
    control: Annotated[Literal["shuffled", "blank"] | None, Flag(HOW, offered=False)] = Field(
        default=None, description="tell the graphs another person's profile, or none"
    )
    votes: Annotated[int, Flag(HOW, offered=False)] = Field(
        default=1, ge=1, description="ask so many times, and take what most replies say"
    )
    paper: Annotated[bool, Flag(WHAT)] = Field(
        default=False,
        description="the paper's setting: 100 respondents, 5 folds, published protocol",
    )

    weights: Annotated[dict[str, str], FROM_JSON, Flag(MODEL, offered=False)] = Field(
        default={},
        description="fingerprints of the local models of a run that is read, by name; where a file "
        "is there, its own counts",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse settings that contradict each other."""
        checks.check_experiment(self)
        return self

    @property
    def is_paper(self) -> bool:
        """Whether all but the model is as in the paper, so that its figures may stand beside."""
        return self.as_in_paper and self.graph == LLM_GRAPHS and self.variant("valuesim") == "full"

    @property
    def as_in_paper(self) -> bool:
        """Whether people, questions and ways of asking are the paper's, whatever the variants."""
        if is_packaged(self.data) or is_psychtools(self.data):
            return False
        for name, value in PAPER.items():
            if name != "graph" and getattr(self, name) != value:
                return False
        asked = (self.temperature, self.top_k, self.threshold, self.prompts, self.order)
        if self.narrowing or asked != (0, 3, None, None, "paper"):
            return False
        return not deciding_parameters(self, self.model_name)

    @property
    def model_name(self) -> str:
        """The chat model as rows and tables name it: a file without its path."""
        return public_name(self.chat)

    @property
    def slots(self) -> int:
        """How many requests may be out at once; a model in this process writes few replies so."""
        if not is_local_model(self.chat):
            return self.concurrency
        return self.local_parallel or default_at_once(self.chat)

    @property
    def uses_model(self) -> bool:
        """Whether any graph among the methods asks a chat model."""
        return any(graph in LLM_GRAPHS for graph in self.graph)

    @property
    def asks_coordinator(self) -> bool:
        """Whether any question goes to a coordinator."""
        return has_coordinator(self.graph, self.without, self.integrate)

    @property
    def chat_models(self) -> list[str]:
        """The chat models that are asked, by name: none, one, or the coordinator's as well."""
        if not self.uses_model:
            return []
        own = self.coordinator if self.asks_coordinator else None
        return [self.chat] + ([own] if own else [])

    @property
    def offline(self) -> bool:
        """Whether the stand-in answers in place of a language model."""
        return "offline" in self.chat_models

    @property
    def coordinator_at(self) -> tuple[str, str | None] | None:
        """Name and address of the coordinator's own model; None where it has none."""
        if not (self.coordinator and self.asks_coordinator):
            return None
        url = self.coordinator_base_url or coordinator_url(
            self.coordinator, self.chat, self.base_url
        )
        return self.coordinator, url

    @cached_property
    def embeddings_at(self) -> tuple[str, str | None]:
        """Name and address of the embeddings that rag uses.

        Those of `openai:NAME` are asked at the address of the chat model where they have none of
        their own. Where none is named: offline for the offline model, else ada-002 there, so that
        no answer is sent to a server that was not named; of other providers none are known.
        """
        if self.embeddings is not None:
            url = self.embeddings_base_url or embeddings_url(self.embeddings, self.base_url)
            return self.embeddings, url
        if self.chat == "offline" or not (
            is_openai_compatible(self.chat) or self.embeddings_base_url
        ):
            return "offline", None
        url = self.embeddings_base_url or self.base_url
        provider = self.chat.partition(":")[0]
        if url or provider not in {"ollama", "vllm"}:
            provider = "openai"
        return f"{provider}:{ADA}", url

    def variant(self, graph: str) -> str:
        """What was changed in a graph, as its rows say; `full` where nothing was."""
        parts: list[str] = []
        if graph == "valuesim":
            parts += [f"no_{part}" for part in sorted(self.without)]
            parts += [self.integrate] if self.integrate != "on_disagreement" else []
            parts += (
                [f"coordinator_{_plain(public_name(self.coordinator))}"] if self.coordinator else []
            )
        if graph in FROM_PROFILE and self.profile_size is not None:
            parts.append(f"profile_{self.profile_size}")
        if graph in LLM_GRAPHS:
            parts += [self.control] if self.control else []
            parts += [f"vote{self.votes}"] if self.votes > 1 else []
        return "+".join(parts) or "full"

    def settings(self) -> dict[str, Any]:
        """The settings that change answers, as plain JSON."""
        plain: dict[str, Any] = self.model_dump(mode="json", exclude=NOT_IDENTITY | REQUESTED)
        plain["model"] = self.model_name
        if self.coordinator:
            plain["coordinator"] = public_name(self.coordinator)
        for name in (*COORDINATOR, *NARROWING):
            if plain[name] in (None, []):  # such runs are known by the settings they always had
                del plain[name]
        return plain | deciding_parameters(self, self.model_name)


def has_coordinator(graph: Collection[str], without: Collection[str], integrate: str) -> bool:
    """Whether valuesim is run with a coordinator that is a model."""
    return "valuesim" in graph and "cab" not in without and integrate != "average"


def _plain(name: str) -> str:
    """A model's name without what a directory's name may not hold."""
    return "".join(sign if sign.isalnum() or sign in "-._" else "-" for sign in name)
