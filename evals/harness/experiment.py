"""One experiment, typed: the flags of `evals.run`, the file of `--config` and `config.json` at
once.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evals.early import INTERRUPTED as INTERRUPTED
from evals.formats import FORMAT
from graph.llm.addresses import compatible, embeddings_url, validate_address
from graph.request_parameters import AUTO, MaxTokens, Request, RequestByNode, deciding_parameters
from graph.variants import Integrate, Order, Part, check_parts
from survey.folds import FOLDS, SIZES
from survey.profile import Protocol

Graph = Literal[
    "valuesim",
    "full_info",
    "rag",
    "chance",
    "mode",
    "country_mode",
    "demographics",
    "new_topic",
    "ridge",
    "boosted",
]

LLM_GRAPHS: tuple[Graph, ...] = ("valuesim", "full_info", "rag")
STANDING: tuple[Graph, ...] = ("chance", "mode", "country_mode", "new_topic", "ridge")
"""The references that stand in every table."""
REFERENCES: tuple[Graph, ...] = (*STANDING, "demographics", "boosted")
"""The methods that ask no model."""
FROM_PROFILE: tuple[Graph, ...] = (*LLM_GRAPHS, "demographics", "new_topic", "ridge", "boosted")
"""The methods that look at the profile."""
PAPER = {
    "respondents": 100,
    "seed": 42,
    "folds": (1, 2, 3, 4, 5),
    "graph": LLM_GRAPHS,
    "protocol": "published",
}
"""What `--paper` sets where nothing else is said."""

HOW = {
    "batch",
    "out",
    "calls",
    "cluster",
    "concurrency",
    "rpm",
    "tpm",
    "timeout",
    "retry_failed",
    "dry_run",
    "trace",
    "max_cost",
    "prices",
    "paper",
}
"""Settings that change how a run goes, not what is answered; they are not part of its identity."""


COMPLETE, BAD_INPUT, FAILED_CALLS = 0, 2, 3
"""The codes with which every command ends."""


class ExperimentError(ValueError):
    """Settings that cannot be run; one line."""


class RunEndedError(Exception):
    """A command that came to an end early, one line, with its code; what was answered is kept."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


NO_FLAG = {"flag": False}
"""Marks settings for studies and config files, which have no flag of their own."""


class Experiment(BaseModel):
    """One run of `evals.run`. A field is a flag unless marked `NO_FLAG`, and changes answers unless
    in `HOW`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    graph: Annotated[
        tuple[Graph, ...], Field(min_length=1, description="what to score, repeatable: {choices}")
    ] = LLM_GRAPHS
    data: Annotated[
        Path | None,
        Field(
            description="survey file: csv, sav or dta, also zipped (default: the synthetic sample)"
        ),
    ] = None
    respondents: Annotated[int, Field(ge=1, description="how many people to draw")] = 10
    seed: Annotated[int, Field(description="seed of the draw and of the folds")] = 42
    folds: Annotated[
        tuple[int, ...],
        Field(min_length=1, description="folds of items to hold out, such as 1,2,5"),
    ] = (1,)
    model: Annotated[
        str,
        Field(
            description="offline, openai:NAME, ollama:NAME, vllm:NAME or another init_chat_model "
            "name"
        ),
    ] = "offline"
    base_url: Annotated[
        str | None, Field(description="address of an OpenAI-compatible chat server")
    ] = None
    embeddings: Annotated[
        str | None,
        Field(description="embeddings for rag (default: offline, or text-embedding-ada-002)"),
    ] = None
    embeddings_base_url: Annotated[
        str | None, Field(description="address of an OpenAI-compatible embeddings server")
    ] = None
    temperature: Annotated[
        float | None, Field(ge=0, description="sampling temperature; none sends none")
    ] = 0.0
    max_tokens: Annotated[
        MaxTokens,
        Field(description="longest reply in tokens; none: no limit is sent; auto: by kind of call"),
    ] = AUTO
    request: Annotated[
        Request,
        Field(description="more parameters of every chat request, as a JSON object"),
    ] = {}
    request_by_node: Annotated[
        RequestByNode,
        Field(
            description="parameters of single nodes, which beat those of every request",
            json_schema_extra=NO_FLAG,
        ),
    ] = {}
    without: Annotated[
        tuple[Part, ...],
        Field(description="leave a part of valuesim out; repeatable, makes one variant"),
    ] = ()
    integrate: Annotated[Integrate, Field(description="when the coordinator speaks")] = (
        "on_disagreement"
    )
    protocol: Annotated[
        Protocol, Field(description="fair: one profile and reader for all; published: as released")
    ] = "fair"
    profile_size: Annotated[
        int | None, Field(ge=0, description="show only the first N known items of the fold")
    ] = None
    subset: Annotated[
        Literal["nested", "redrawn"],
        Field(
            description="items of a smaller profile: the first of the fold, or drawn anew for each "
            "person as published",
            json_schema_extra=NO_FLAG,
        ),
    ] = "nested"
    control: Annotated[
        Literal["shuffled", "blank"] | None,
        Field(
            description="tell the graphs another person's profile, or none",
            json_schema_extra=NO_FLAG,
        ),
    ] = None
    votes: Annotated[
        int,
        Field(
            ge=1,
            description="ask so many times, and take what most replies say",
            json_schema_extra=NO_FLAG,
        ),
    ] = 1
    top_k: Annotated[int, Field(ge=1, description="known answers that rag keeps")] = 3
    threshold: Annotated[
        float | None, Field(ge=-1, le=1, description="least cosine similarity that rag keeps")
    ] = None
    order: Annotated[
        Order, Field(description="cacheable: the long shared text first in every prompt")
    ] = "paper"
    prompts: Annotated[Path | None, Field(description="directory of own prompt templates")] = None
    concurrency: Annotated[int, Field(ge=1, description="most requests in flight")] = 16
    timeout: Annotated[float, Field(gt=0, description="seconds for one request")] = 120
    out: Annotated[
        Path | None, Field(description="directory of the run (default: runs/..., by settings)")
    ] = None
    retry_failed: Annotated[bool, Field(description="ask questions again whose call failed")] = (
        False
    )
    calls: Annotated[
        Path | None, Field(description="call store to share with other runs (default: in --out)")
    ] = None
    rpm: Annotated[float | None, Field(gt=0, description="most requests a minute")] = None
    tpm: Annotated[float | None, Field(gt=0, description="most prompt tokens a minute, about")] = (
        None
    )
    max_cost: Annotated[
        float | None, Field(gt=0, description="stop before more money than this is spent")
    ] = None
    prices: Annotated[Path | None, Field(description="own table of prices, csv")] = None
    batch: Annotated[
        bool,
        Field(
            description="ask through the provider's Batch API, in rounds; for openai:NAME models"
        ),
    ] = False
    cluster: Annotated[
        str | None, Field(description="ask from many machines: a Dask scheduler's address or file")
    ] = None
    dry_run: Annotated[
        bool, Field(description="estimate calls, tokens, money and time, and ask nothing")
    ] = False
    trace: Annotated[
        bool, Field(description="send traces where the environment says so (LANGSMITH_TRACING)")
    ] = False
    paper: Annotated[
        bool, Field(description="the paper's setting: 100 respondents, 5 folds, published protocol")
    ] = False

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        """Refuse settings that contradict each other."""
        check_parts(self.without)
        self._hold_servers()
        if (self.without or self.integrate != "on_disagreement") and "valuesim" not in self.graph:
            raise ValueError(
                "--without and --integrate change valuesim, which is not among --graph"
            )
        if "cab" in self.without and self.integrate != "on_disagreement":
            raise ValueError(f"--without cab has no coordinator: drop --integrate {self.integrate}")
        if self.batch and not self.model.startswith("openai:"):
            raise ValueError(
                f"--batch needs a model behind OpenAI's Batch API, openai:NAME, not {self.model}"
            )
        if self.batch and self.cluster:
            raise ValueError(
                "--batch and --cluster do not go together: batches are asked from one process"
            )
        if wrong := [fold for fold in self.folds if not 1 <= fold <= FOLDS]:
            raise ValueError(f"--folds {wrong[0]}: there are folds 1 to {FOLDS}")
        if self.subset == "redrawn" and self.profile_size not in SIZES:
            raise ValueError(f"subset redrawn: profile_size is one of {', '.join(map(str, SIZES))}")
        if self.votes > 1 and self.temperature == 0:
            raise ValueError(
                f"votes {self.votes} at temperature 0 are one reply again and again: set "
                f"--temperature 1"
            )
        for name in ("graph", "folds", "without"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"--{name}: one value stands twice")
        return self

    def _hold_servers(self) -> None:
        """Refuse addresses that hold secrets, and embeddings of which nobody said where they
        are.
        """
        if self.base_url:
            validate_address(self.base_url, "--base-url or OPENAI_BASE_URL", "OPENAI_API_KEY")
        if self.embeddings_base_url:
            validate_address(
                self.embeddings_base_url, "--embeddings-base-url", "OPENAI_EMBEDDINGS_API_KEY"
            )
        provider, named, _ = self.model.partition(":")
        elsewhere = named and self.model != "offline" and not compatible(self.model)
        if "rag" in self.graph and elsewhere and not (self.embeddings or self.embeddings_base_url):
            raise ValueError(
                f"rag needs embeddings, and none are known of {provider}: name them with "
                f"--embeddings "
                "(offline needs no key), or leave rag out of --graph"
            )

    @property
    def is_paper(self) -> bool:
        """Whether everything but the model is as in the paper, so that its figures may stand
        beside.
        """
        return self.as_in_paper and self.graph == LLM_GRAPHS and self.variant("valuesim") == "full"

    @property
    def as_in_paper(self) -> bool:
        """Whether the paper's people are asked the paper's questions in the paper's way, by
        whatever variants.
        """
        as_published = all(
            getattr(self, name) == value for name, value in PAPER.items() if name != "graph"
        )
        asked = (self.temperature, self.top_k, self.threshold, self.prompts, self.order)
        as_asked = asked == (0, 3, None, None, "paper")
        return as_published and as_asked and not deciding_parameters(self, self.model)

    @property
    def uses_model(self) -> bool:
        """Whether any graph among the methods asks a chat model."""
        return any(graph in LLM_GRAPHS for graph in self.graph)

    @property
    def offline(self) -> bool:
        """Whether the stand-in answers in place of a language model."""
        return self.uses_model and self.model == "offline"

    @cached_property
    def embeddings_at(self) -> tuple[str, str | None]:
        """Name and address of the embeddings that rag uses.

        Those of `openai:NAME` are asked at the address of the chat model where they have none of
        their own. Where none is named: offline for the offline model, else ada-002 there, so that
        no answer is sent to a server that was not named; of other providers none are known.
        """
        if self.embeddings is not None:
            return self.embeddings, self.embeddings_base_url or embeddings_url(
                self.embeddings, self.base_url
            )
        if self.model == "offline" or not (compatible(self.model) or self.embeddings_base_url):
            return "offline", None
        url = self.embeddings_base_url or self.base_url
        provider = self.model.partition(":")[0]
        return (
            "openai" if url or provider not in {"ollama", "vllm"} else provider
        ) + ":text-embedding-ada-002", url

    def variant(self, graph: str) -> str:
        """What was changed in a graph, as its rows say; `full` where nothing was."""
        parts = []
        if graph == "valuesim":
            parts += [f"no_{part}" for part in sorted(self.without)]
            parts += [self.integrate] if self.integrate != "on_disagreement" else []
        if graph in FROM_PROFILE and self.profile_size is not None:
            parts.append(f"profile_{self.profile_size}")
        if graph in LLM_GRAPHS:
            parts += [self.control] if self.control else []
            parts += [f"vote{self.votes}"] if self.votes > 1 else []
        return "+".join(parts) or "full"

    def settings(self) -> dict[str, Any]:
        """The settings that change answers, as plain JSON."""
        requested = {"max_tokens", "request", "request_by_node"}
        plain: dict[str, Any] = self.model_dump(mode="json", exclude=HOW | requested)
        return plain | deciding_parameters(self, self.model)


def experiment_identity(experiment: Experiment, data: str, prompts: str) -> dict[str, Any]:
    """What decides the answers: the settings, with the hash of survey file and prompts in place of
    their paths.
    """
    return experiment.settings() | {"data": data, "prompts": prompts}


def default_folder(experiment: Experiment, decides: dict[str, Any]) -> Path:
    """Where a run goes when nothing is said, so that the same command takes it up again."""
    return run_folder_name("-".join(experiment.graph), decides)


def run_folder_name(name: str, decides: Mapping[str, Any]) -> Path:
    """A directory under `runs` for what these settings decide."""
    return Path("runs", f"{name}-{settings_hash(decides)[:10]}")


def settings_hash(decides: Mapping[str, Any]) -> str:
    """A hash of settings, in whatever order they stand."""
    return sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def read_config(path: Path) -> dict[str, Any]:
    """The settings in a JSON, TOML or YAML file; a run's `config.json` is one.

    Raises ExperimentError naming the file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".toml":
            import tomllib

            found: Any = tomllib.loads(text)
        elif path.suffix in {".yaml", ".yml"}:
            import yaml

            found = yaml.safe_load(text)
        else:
            found = json.loads(text)
    except OSError as error:
        raise ExperimentError(f"--config {path}: {error.strerror}") from None
    except Exception as error:  # each format's parser raises its own kinds
        raise ExperimentError(f"--config {path}: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise ExperimentError(
            f'--config {path}: settings by name are wanted, such as {{"respondents": 100}}'
        )
    check_format(path, found.get("provenance"))
    return _sent_no_limit(found) | {
        str(name): value for name, value in found.items() if name != "provenance"
    }


def _sent_no_limit(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a run's `config.json` leaves unsaid where it was written before replies had limits."""
    return {"max_tokens": None} if "provenance" in config else {}


def check_format(path: Path, provenance: Any) -> None:
    """Raise ExperimentError, one line, where a run's `config.json` is of a format that this program
    does not know.
    """
    form = provenance.get("format", FORMAT) if isinstance(provenance, Mapping) else FORMAT
    if form not in range(FORMAT + 1):
        raise ExperimentError(
            f"{path}: a run of format {form}, newer than this program's {FORMAT}; use the version "
            f"that wrote it, "
            "or another directory"
        )


Kind = TypeVar("Kind", bound=BaseModel)


def make_experiment(given: dict[str, Any], kind: type[Kind] = Experiment) -> Kind:  # type: ignore[assignment]
    """Validate settings. Raises ExperimentError, one line that names the flag."""
    if given.get("paper"):
        given = PAPER | given
    try:
        return kind(**given)
    except ValidationError as error:
        first = error.errors()[0]
        flag = "--" + str(first["loc"][0]).replace("_", "-") if first["loc"] else ""
        message = first["msg"].removeprefix("Value error, ")
        said = f" {first['input']!r}" if flag and first["type"] != "extra_forbidden" else ""
        raise ExperimentError(f"{flag}{said}: {message}" if flag else message) from None
