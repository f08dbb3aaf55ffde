"""Plans a study: checks its models, reads its people and lists its experiments."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

import prompts
from evals.harness.asked_items import with_folds_of_items
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.harness.identity import experiment_identity, run_folder_name
from evals.harness.plan import Plan
from evals.runner.preflight import make_plan, preflight, read_people
from evals.studies.experiments import study_experiments
from evals.studies.settings import StudySettings
from survey.respondents import Respondents

MODEL_SETTINGS = ("model", "models", "base_url", "embeddings", "embeddings_base_url")


@dataclass(frozen=True)
class StudyPlan:
    """The experiments of a study in their order, whom they ask, and the directory of its files."""

    name: str
    base: StudySettings
    survey: Respondents
    experiments: tuple[Experiment, ...]
    folder: Path

    def plan_of(self, experiment: Experiment) -> Plan:
        """Return the plan of one experiment of the study."""
        return make_plan(experiment, self.survey)

    def model_plans(self) -> Iterator[Plan]:
        """Yield the plan of each experiment that asks a model."""
        for experiment in self.experiments:
            if experiment.uses_model:
                yield self.plan_of(experiment)


def plan_study(name: str, base: StudySettings) -> StudyPlan:
    """Check that every model can be asked, read the people and list the experiments.

    Raises ExperimentError or DataError, one line.
    """
    base = with_folds_of_items(base)
    models = base.models or (base.chat,)
    for model in models:
        preflight(base.model_copy(update={"chat": model}))
    survey = read_people(base)
    folder = base.out or _default_study_folder(name, base, survey)
    experiments = _list_experiments(name, base, models, folder)
    return StudyPlan(name, base, survey, experiments, folder)


def _list_experiments(
    name: str, base: StudySettings, models: tuple[str, ...], folder: Path
) -> tuple[Experiment, ...]:
    """List the experiments of a study. Raises ExperimentError for settings that contradict."""
    try:
        return tuple(study_experiments(name, base, models, folder))
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ExperimentError(reason) from None


def _default_study_folder(name: str, base: StudySettings, survey: Respondents) -> Path:
    """Return the directory of a study where `--out` names none.

    It does not depend on the models: those of the same study share one directory.
    """
    settings = experiment_identity(base, survey.sha256, prompts.templates_hash(base.prompts))
    for setting in MODEL_SETTINGS:
        settings.pop(setting, None)
    return run_folder_name(f"study-{name}", settings)
