"""A list of experiments over one call store, and one table of them all: `python -m evals.study
ablations`.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from evals.harness.config_file import make_experiment, read_config
from evals.harness.errors import ExperimentError, RunEndedError
from evals.harness.exit_codes import BAD_INPUT, COMPLETE, FAILED_CALLS
from evals.harness.experiment import PAPER, Experiment
from evals.harness.identity import experiment_identity, run_folder_name
from evals.runner.command import add_environment, run_command
from evals.studies.experiments import STUDIES, study_experiments
from graph.command_line.arguments import parse_flags
from graph.command_line.environment import environment_settings
from graph.command_line.flag import MODEL, Flag
from graph.command_line.validate import merge_settings

if TYPE_CHECKING:
    from survey.respondents import Respondents

ABOUT = "Run the experiments of a study over one call store, and show them in one table."


EXAMPLES = ("ablations --respondents 3", "scale --models openai:gpt-4o-mini,ollama:llama3.1:8b")
UNLISTED = ("without", "integrate")
"""Flags of a run that most studies set themselves."""


class StudySettings(Experiment):
    """The settings of a study: those of a run, and several models."""

    models: Annotated[tuple[str, ...], Flag(MODEL)] = Field(
        default=(), description="several models side by side, in place of --model"
    )


def main(arguments: Sequence[str] | None = None, prog: str = "evals.study") -> int:
    """Run a study; the exit codes are those of `evals.run`."""

    def work() -> int:
        words = {name: study.about for name, study in STUDIES.items()}
        given, config = parse_flags(
            StudySettings, prog, ABOUT, arguments, words, EXAMPLES, UNLISTED
        )
        name = given.pop("choice")
        return _study(name, _settings(name, given, read_config(config)))

    return run_command(prog, "interrupted; the same command goes on", work)


def _settings(name: str, given: dict[str, Any], config: dict[str, Any]) -> StudySettings:
    """The settings that all experiments of a study share. Raises ExperimentError for one that the
    study sets itself.
    """
    for own in sorted(STUDIES[name].sets & (given.keys() | config.keys())):
        raise ExperimentError(f"--{own.replace('_', '-')}: the study {name} sets it itself")
    around = environment_settings(StudySettings)
    around = {own: value for own, value in around.items() if own not in STUDIES[name].sets}
    given = merge_settings(StudySettings, config, around, given)
    paper = PAPER if given.get("paper") else {}
    settings = paper | STUDIES[name].usual(paper | given) | given
    return make_experiment(add_environment(settings), StudySettings)


def _study(name: str, base: StudySettings) -> int:
    """Check, ask and show."""
    from rich.console import Console

    from evals.runner.estimate import print_run_estimate
    from evals.runner.header import print_header, warn_of_long_prompts
    from evals.runner.preflight import make_plan, preflight, read_people
    from evals.runner.run import run_experiment
    from evals.studies.console import print_study
    from evals.studies.result_files import take_result, write_study
    from evals.studies.results import StudyResults
    from survey.codebook import wvs7

    console, models = Console(stderr=True, highlight=False), base.models or (base.chat,)
    for model in models:
        preflight(base.model_copy(update={"chat": model}))
    survey = read_people(base, wvs7())
    out = base.out or _default_folder(name, base, survey)
    todo = _steps(name, base, models, out)
    print_header(console, make_plan(todo[-1], survey, wvs7()))
    if base.dry_run:
        for experiment in (one for one in todo if one.uses_model):
            console.print(f"{experiment.out}:", soft_wrap=True)
            print_run_estimate(make_plan(experiment, survey, wvs7()))
        return COMPLETE
    for experiment in todo:
        warn_of_long_prompts(console, make_plan(experiment, survey, wvs7()))
    results = StudyResults(name, base)
    try:
        for number, experiment in enumerate(todo, 1):
            console.print(f"{number} of {len(todo)}: {experiment.out}", soft_wrap=True)
            plan = make_plan(_within(experiment, base.max_cost, results.spent), survey, wvs7())
            run_experiment(
                plan,
                console,
                partial(take_result, results, console, plan),
                references=not experiment.uses_model,
            )
    except RunEndedError as ended:
        if results:
            write_study(results, out, results.early or str(ended))
        raise
    worked_out, said = write_study(results, out)
    print_study(results, worked_out, said, out)
    return FAILED_CALLS if results.failed else COMPLETE


def _steps(name: str, base: StudySettings, models: tuple[str, ...], out: Path) -> list[Experiment]:
    """The experiments of a study. Raises ExperimentError for settings that do not go together."""
    try:
        return list(study_experiments(name, base, models, out))
    except ValidationError as error:
        raise ExperimentError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _within(experiment: Experiment, most: float | None, spent: float) -> Experiment:
    """The experiment with what is left to spend. Raises Ended where nothing is."""
    if most is None:
        return experiment
    if spent >= most:
        raise RunEndedError(
            f"stopped: --max-cost {most:g} is spent; the same command with more goes on", BAD_INPUT
        )
    return experiment.model_copy(update={"max_cost": most - spent})


def _default_folder(name: str, base: StudySettings, survey: "Respondents") -> "Path":
    """Where a study goes when nothing is said: models of the same study stand side by side
    there.
    """
    import prompts

    settings = experiment_identity(base, survey.sha256, prompts.templates_hash(base.prompts))
    for one in ("model", "models", "base_url", "embeddings", "embeddings_base_url"):
        settings.pop(one, None)
    return run_folder_name(f"study-{name}", settings)


if __name__ == "__main__":
    raise SystemExit(main())
