"""The source of an audit's stories: told now, read from a file, or taken from a finished run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.outputs import ChatResult

import prompts
from baselines.method import Person
from evals.audits.settings import OF_STORIES, AuditSettings
from evals.costs.prices import Tariff, tariff_of
from evals.formats import CALLS, CONFIG
from evals.harness.config_file import make_experiment, read_config
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.harness.identity import experiment_identity, settings_hash
from evals.harness.models import chat_identity, graph_rules
from evals.harness.plan import Plan
from evals.runner.preflight import make_plan, read_people
from evals.store.cached_chat import CachedChatModel
from evals.store.call_store import CallStore
from graph.command_line.flag import field_names
from graph.nodes.story import tell_story
from graph.settings import Settings
from survey.respondents import Respondents

VERIFY = "audit/verify"
"""The template that the verifier is asked with."""
OF_RUN = (
    "data",
    *OF_STORIES,
    "graph",
    "without",
    "order",
    "protocol",
    "profile_size",
    "subset",
    "control",
    "local_window",
    "local_threads",
    "local_parallel",
    "weights",
)
"""Settings of a run that an audit of its stories takes over."""


class StoryNotKeptError(Exception):
    """The call store of the audited run lacks a story."""


class StoredRepliesOnly(BaseChatModel):
    """A chat model that refuses every call, so that only stored replies are used."""

    @property
    def _llm_type(self) -> str:
        return "kept"

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise StoryNotKeptError("the story is not in the call store of the run")


@dataclass(frozen=True)
class StorySource:
    """The stories of an audit, and where they come from.

    `plan`: whose stories are audited. `texts`: the stories by respondent, where they come from a
    file. `made_from`: the hash of that file or of the run, as `config.json` keeps it.
    """

    audit: AuditSettings
    plan: Plan
    texts: Mapping[int, str] = field(default_factory=dict)
    made_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def offline(self) -> bool:
        """Whether the offline stand-in told, read or verified any of the stories."""
        asks_model = self.audit.asks or not self.audit.stories
        stand_in_asked = self.plan.experiment.offline and asks_model
        return stand_in_asked or self.audit.verify == "offline"

    @property
    def verifier(self) -> Experiment | None:
        """The experiment with the verifier as its model; None where no model verifies."""
        own = {
            "chat": self.audit.verify,
            "base_url": self.audit.verify_base_url or self.plan.experiment.base_url,
        }
        return self.plan.experiment.model_copy(update=own) if self.audit.verify else None

    @property
    def costs(self) -> Tariff:
        """The prices of the models that are asked. Raises ExperimentError as `tariff_of` does."""
        others = {VERIFY: self.audit.verify} if self.audit.verify else {}
        return tariff_of(self.plan.experiment, others)

    @property
    def identity(self) -> dict[str, Any]:
        """What results depend on: settings, hashes of data and prompts, and the story source."""
        experiment, audit = self.plan.experiment, self.audit
        folder = str(experiment.prompts) if experiment.prompts else None
        templates = [prompts.template(name, folder) for name in prompts.template_names("audit")]
        own = {
            "recall": audit.recall,
            "verify": chat_identity(self.verifier) if self.verifier else None,
            "repair": audit.repair,
            "prompts": sha256("\n\0".join(templates).encode()).hexdigest()[:16],
        }
        data, templates_hash = self.plan.survey.sha256, prompts.templates_hash(experiment.prompts)
        found = experiment_identity(experiment, data, templates_hash)
        return found | {"audit": own | dict(self.made_from)}

    @property
    def provenance(self) -> dict[str, Any]:
        """The data behind the audit, as `config.json` keeps it: file, rows and reader's notes."""
        survey = self.plan.survey
        return {"data": survey.source, "rows": len(survey), "notes": list(survey.notes)}

    @property
    def origin(self) -> object:
        """Where the stories come from: a file, the directory of a run, or the model that tells."""
        return self.audit.stories or self.audit.run or f"told by {self.plan.experiment.chat}"

    def attach_run_store(self, store: CallStore) -> None:
        """Let the call store also read that of the audited run, if any. Raises sqlite3.Error."""
        if self.audit.run:
            store.read_also(call_store_path(self.audit.run))

    async def story(self, person: Person, settings: Settings, store: CallStore) -> str:
        """Return the story of a person: from the file, the run's call store or the model.

        Raises `graph.llm.errors.CallFailedError` where the call that tells it finally fails.
        """
        if self.audit.stories:
            return self.texts[person.respondent]
        if self.audit.run:
            kept = CachedChatModel(
                inner=StoredRepliesOnly(), store=store, identity=chat_identity(self.plan.experiment)
            )
            settings = graph_rules(self.plan.experiment).model_copy(update={"chat": kept})
        return (await tell_story(person.profile, settings)).get("backstory", "")


def read_story_source(audit: AuditSettings, experiment: Experiment) -> StorySource:
    """Read survey, plan and stories as the settings name them. Raises ExperimentError, one line."""
    survey = read_people(experiment)
    if audit.stories:
        texts = read_stories(audit.stories, survey)
        plan = make_plan(experiment.model_copy(update={"respondents": 1}), survey)
        content = sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()
        return StorySource(audit, replace(plan, drawn=tuple(texts)), texts, {"stories": content})
    plan = make_plan(experiment, survey)
    if not audit.run:
        return StorySource(audit, plan)
    made_from = _read_run_identity(audit.run)
    if made_from.get("data") != survey.sha256:
        raise ExperimentError(
            f"--run {audit.run}: it was made on other data than {survey.source}; name its --data"
        )
    return StorySource(audit, plan, {}, {"run": settings_hash(made_from)[:16]})


def read_stories(path: Path, survey: Respondents) -> dict[int, str]:
    """Read stories by respondent, the row number in the survey file from 1.

    Raises ExperimentError, one line.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ExperimentError(f"--stories {path}: {error.strerror}") from None
    except ValueError as error:
        raise ExperimentError(f"--stories {path}: {error}") from None
    if not isinstance(found, dict) or not found:
        raise ExperimentError(
            f'--stories {path}: texts by respondent are wanted, such as {{"12": "You were born '
            f'..."}}'
        )
    for name, text in found.items():
        if not (name.isdecimal() and 1 <= int(name) <= len(survey)):
            raise ExperimentError(
                f"--stories {path}: {name!r} is no row of {survey.source}, which has {len(survey)}"
            )
        if not isinstance(text, str) or not text.strip():
            raise ExperimentError(f"--stories {path}: the story of respondent {name} is no text")
    return {int(name): text for name, text in found.items()}


def read_run_experiment(run: Path, given: Mapping[str, Any]) -> Experiment:
    """Read the experiment of a run; `given` settings of the audit replace its own.

    Raises ExperimentError, one line.
    """
    if not (run / CONFIG).is_file():
        raise ExperimentError(f"--run {run}: no {CONFIG} there; name the directory of a run")
    if not call_store_path(run).is_file():
        raise ExperimentError(f"--run {run}: its call store {call_store_path(run)} is not there")
    config = {
        name: value
        for name, value in field_names(Experiment, read_config(run / CONFIG)).items()
        if name in Experiment.model_fields
    }
    if "valuesim" not in config.get("graph", ()) or "story" in config.get("without", ()):
        raise ExperimentError(f"--run {run}: that run told no stories")
    settings = {name: config[name] for name in OF_RUN if name in config}
    return make_experiment(settings | {"graph": ("valuesim",)} | dict(given))


def call_store_path(run: Path) -> Path:
    """Return the path of the call store that a run used."""
    shared = read_config(run / CONFIG).get("calls")
    return Path(shared) if shared else run / CALLS


def _read_run_identity(run: Path) -> dict[str, Any]:
    """Read what the answers of a run depend on. Raises ExperimentError, one line."""
    try:
        return dict(json.loads((run / CONFIG).read_text(encoding="utf-8"))["provenance"]["decides"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ExperimentError(f"--run {run}: its {CONFIG} cannot be read") from None
