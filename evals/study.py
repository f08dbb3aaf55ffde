"""Runs a list of experiments over one call store, and shows them in one table.

`python -m evals.study ablations` runs the study of ablations.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evals.harness.config_file import make_experiment, read_config, refuse_two_choices
from evals.harness.errors import ExperimentError
from evals.harness.exit_codes import COMPLETE, FAILED_CALLS
from evals.harness.experiment import PAPER
from evals.runner.command import add_what_is_not_named, run_command
from evals.studies.experiments import STUDIES
from evals.studies.settings import StudySettings
from graph.command_line.arguments import parse_flags
from graph.command_line.environment import environment_settings
from graph.command_line.validate import merge_settings

if TYPE_CHECKING:
    from rich.console import Console

    from evals.costs.timed_call import TimedCall
    from evals.studies.study_plan import StudyPlan

ABOUT = "Run the experiments of a study over one call store, and show them in one table."
EXAMPLES = ("ablations --respondents 3", "scale --models openai:gpt-4o-mini,ollama:llama3.1:8b")
UNLISTED = ("without", "integrate")
"""Flags of a run that most studies set themselves."""


def main(arguments: Sequence[str] | None = None, prog: str = "evals.study") -> int:
    """Run a study; the exit codes are those of `evals.run`."""

    def work() -> int:
        words = {name: study.about for name, study in STUDIES.items()}
        given, config = parse_flags(
            StudySettings, prog, ABOUT, arguments, words, EXAMPLES, UNLISTED
        )
        refuse_two_choices(given)
        name = given.pop("choice")
        return _study(name, _settings(name, given, read_config(config)))

    return run_command(prog, "interrupted; the same command goes on", work)


def _settings(name: str, given: dict[str, Any], config: dict[str, Any]) -> StudySettings:
    """Return the settings that all experiments of a study share.

    Raises ExperimentError for a setting that the study sets itself.
    """
    study = STUDIES[name]
    for own in sorted(study.sets & (given.keys() | config.keys())):
        raise ExperimentError(f"--{own.replace('_', '-')}: the study {name} sets it itself")
    environment = environment_settings(StudySettings)
    for own in study.sets:
        environment.pop(own, None)
    given = merge_settings(StudySettings, config, environment, given)
    paper = PAPER if given.get("paper") else {}
    settings = paper | study.usual(paper | given) | given
    return make_experiment(add_what_is_not_named(settings), StudySettings)


def _study(name: str, base: StudySettings) -> int:
    """Plan, run, write and print a study; with `--dry-run` print its estimates alone."""
    from rich.console import Console

    from evals.runner.confirm import confirm_runs
    from evals.runner.header import print_header, warn_of_long_prompts
    from evals.studies.console import print_study
    from evals.studies.result_files import write_study
    from evals.studies.run_study import run_study
    from evals.studies.study_plan import plan_study

    console = Console(stderr=True, highlight=False)
    study = plan_study(name, base)
    print_header(console, study.plan_of(study.experiments[-1]))
    warn_of_long_prompts(console, study.model_plans(), "profile_size" not in STUDIES[name].sets)
    if base.dry_run:
        _print_estimates(study, console)
        return COMPLETE
    confirm_runs(console, base, list(study.model_plans()))
    results = run_study(study, console)
    console.print("making tables of the study", style="dim")
    tables, findings = write_study(results, study.folder)
    print_study(results, tables, findings, study.folder)
    return FAILED_CALLS if results.failed else COMPLETE


def _print_estimates(study: "StudyPlan", console: "Console") -> None:
    """Print what each experiment that asks a model would still ask and cost."""
    from evals.runner.estimate import print_run_estimate

    timed: dict[str, TimedCall | None] = {}
    for plan in study.model_plans():
        console.print(f"{plan.experiment.out}:", soft_wrap=True)
        model = plan.experiment.chat
        timed[model] = print_run_estimate(plan, console, timed.get(model))


if __name__ == "__main__":
    raise SystemExit(main())
