"""Where the stories of an audit come from: told now, read from a file, or kept by a run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.outputs import ChatResult
from rich.console import Console

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
from evals.render.console import print_offline_note
from evals.runner.preflight import make_plan, read_people
from evals.store.cached_chat import CachedChatModel
from evals.store.call_store import CallStore
from graph.command_line.flag import field_names
from graph.nodes.story import tell_story
from graph.settings import Settings
from survey.codebook import wvs7
from survey.respondents import Respondents

VERIFY = "audit/verify"
"""The template that the verifier is asked with."""


class StoryNotKeptError(Exception):
    """A story that the call store of its run does not hold."""


class StoredRepliesOnly(BaseChatModel):
    """In the place of a model of which nothing is asked any more."""

    @property
    def _llm_type(self) -> str:
        return "kept"

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise StoryNotKeptError("the story is not in the call store of the run")


@dataclass(frozen=True)
class StorySource:
    """The stories of an audit: of whom (`plan`), and `texts` by respondent where they come from a
    file.

    `made_from` is what `config.json` says of the file or run that they come from.
    """

    audit: AuditSettings
    plan: Plan
    texts: Mapping[int, str] = field(default_factory=dict)
    made_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def offline(self) -> bool:
        """Whether the stand-in told or read any of the stories."""
        theirs = self.plan.experiment.offline and not (self.audit.stories and not self.audit.asks)
        return theirs or self.audit.verify == "offline"

    @property
    def verifier(self) -> Experiment | None:
        """The experiment whose model verifies; None where none does."""
        own = {
            "chat": self.audit.verify,
            "base_url": self.audit.verify_base_url or self.plan.experiment.base_url,
        }
        return self.plan.experiment.model_copy(update=own) if self.audit.verify else None

    @property
    def costs(self) -> Tariff:
        """What its models cost. Raises ExperimentError as `tariff` does."""
        return tariff_of(
            self.plan.experiment, {VERIFY: self.audit.verify} if self.audit.verify else {}
        )

    @property
    def decides(self) -> dict[str, Any]:
        """What decides the outcome: settings, data, prompts, and the stories themselves."""
        experiment, audit = self.plan.experiment, self.audit
        folder = str(experiment.prompts) if experiment.prompts else None
        asked = "\n\0".join(
            prompts.template(name, folder) for name in prompts.template_names("audit")
        )
        own = {
            "recall": audit.recall,
            "verify": chat_identity(self.verifier) if self.verifier else None,
            "repair": audit.repair,
            "prompts": sha256(asked.encode()).hexdigest()[:16],
        }
        found = experiment_identity(
            experiment, self.plan.survey.sha256, prompts.templates_hash(experiment.prompts)
        )
        return found | {"audit": own | dict(self.made_from)}

    @property
    def provenance(self) -> dict[str, Any]:
        """On which data, as `config.json` says."""
        survey = self.plan.survey
        return {"data": survey.source, "rows": len(survey), "notes": list(survey.notes)}

    def introduce(self, console: Console) -> None:
        """Say on whose stories, and what the reader noticed."""
        where = self.audit.stories or self.audit.run or f"told by {self.plan.experiment.chat}"
        survey = self.plan.survey
        people = f"{len(self.plan.drawn)} people of {len(survey):,} in {survey.source}"
        console.print(f"{people}; stories: {where}.", soft_wrap=True, markup=False)
        for note in survey.notes:
            console.print(note, style="dim", soft_wrap=True, markup=False)
        print_offline_note(console, self.offline)

    def open(self, store: CallStore) -> None:
        """Let the call store answer from that of the run, where there is one. Raises
        sqlite3.Error.
        """
        if self.audit.run:
            store.read_also(call_store_path(self.audit.run))

    async def story(self, person: Person, settings: Settings, store: CallStore) -> str:
        """The story of a person. Raises `graph.llm.errors.CallFailedError` where there is none."""
        if self.audit.stories:
            return self.texts[person.respondent]
        if self.audit.run:
            kept = CachedChatModel(
                inner=StoredRepliesOnly(), store=store, identity=chat_identity(self.plan.experiment)
            )
            settings = graph_rules(self.plan.experiment).model_copy(update={"chat": kept})
        return (await tell_story(person.profile, settings)).get("backstory", "")


def read_story_source(audit: AuditSettings, experiment: Experiment) -> StorySource:
    """Read what the audit is about. Raises ExperimentError, one line."""
    survey = read_people(experiment, wvs7())
    if audit.stories:
        texts = read_stories(audit.stories, survey)
        plan = make_plan(experiment.model_copy(update={"respondents": 1}), survey, wvs7())
        content = sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()
        return StorySource(audit, replace(plan, drawn=tuple(texts)), texts, {"stories": content})
    plan = make_plan(experiment, survey, wvs7())
    if not audit.run:
        return StorySource(audit, plan)
    made_from = _decided(audit.run)
    if made_from.get("data") != survey.sha256:
        raise ExperimentError(
            f"--run {audit.run}: it was made on other data than {survey.source}; name its --data"
        )
    return StorySource(audit, plan, {}, {"run": settings_hash(made_from)[:16]})


def read_stories(path: Path, survey: Respondents) -> dict[int, str]:
    """Stories by respondent, the 1-based row number in the survey file. Raises ExperimentError, one
    line.
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
    """The experiment of a run, with what may be said otherwise of an audit. Raises ExperimentError,
    one line.
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
    kept = (
        "data",
        *OF_STORIES,
        "graph",
        "without",
        "order",
        "protocol",
        "profile_size",
        "subset",
        "control",
    )
    return make_experiment(
        {name: config[name] for name in kept if name in config}
        | {"graph": ("valuesim",)}
        | dict(given)
    )


def call_store_path(run: Path) -> Path:
    """The call store of a run."""
    shared = read_config(run / CONFIG).get("calls")
    return Path(shared) if shared else run / CALLS


def _decided(run: Path) -> dict[str, Any]:
    """What decided the answers of a run. Raises ExperimentError, one line."""
    try:
        return dict(json.loads((run / CONFIG).read_text(encoding="utf-8"))["provenance"]["decides"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ExperimentError(f"--run {run}: its {CONFIG} cannot be read") from None
