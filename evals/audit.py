"""Compares backstories with the answers that they are told from: `python -m evals.audit`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evals.audits.settings import OF_PEOPLE, OF_STORIES, SHARED, AuditSettings, audit_flags
from evals.harness.config_file import make_experiment, read_config, refuse_two_choices
from evals.harness.errors import ExperimentError
from evals.harness.exit_codes import COMPLETE, FAILED_CALLS
from evals.harness.experiment import Experiment
from evals.harness.identity import run_folder_name
from evals.runner.command import add_what_is_not_named, run_command
from graph.command_line.arguments import parse_flags
from graph.command_line.environment import environment_settings
from graph.command_line.flag import option_string, setting_name
from graph.command_line.validate import merge_settings

if TYPE_CHECKING:
    from evals.audits.story_source import StorySource

EXAMPLES = ("--respondents 3", "--run runs/mine --recall")
ABOUT = (
    "See what stories keep of the facts they are told from, what they alter, leave out and invent."
)


def main(arguments: Sequence[str] | None = None, prog: str = "evals.audit") -> int:
    """Audit stories; 0 complete, 2 bad input or settings, 3 finished with failed calls, 130
    interrupted.
    """

    def work() -> int:
        kind = audit_flags()
        given, config = parse_flags(kind, prog, ABOUT, arguments, examples=EXAMPLES)
        refuse_two_choices(given)
        given = merge_settings(kind, read_config(config), given)
        environment = environment_settings(kind)
        for name in _fixed_settings(environment | given):
            environment.pop(name, None)
        if given.get("run"):
            environment.pop("data", None)  # the run says whom it asked
        audit, others = _split(environment | given)
        return _audit(make_experiment(audit, AuditSettings), others)

    return run_command(prog, "interrupted before anything was audited", work)


def _split(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split settings into those of the audit itself and those of its experiment."""
    audit: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in given.items():
        (audit if name in AuditSettings.model_fields else others)[name] = value
    return audit, others


def _fixed_settings(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the settings of an experiment that the source of the stories fixes."""
    if given.get("run"):
        return OF_STORIES
    return OF_PEOPLE if given.get("stories") else ()


def experiment_of(audit: AuditSettings, given: dict[str, Any]) -> Experiment:
    """Return the experiment whose stories are audited. Raises ExperimentError, one line."""
    _refuse_settings_without_use(audit, given)
    if audit.run:
        from evals.audits.story_source import read_run_experiment

        return read_run_experiment(audit.run, given)
    experiment: Experiment = make_experiment(
        add_what_is_not_named(given | {"graph": ("valuesim",)})
    )
    if audit.stories and len(experiment.folds) > 1:
        raise ExperimentError("--folds: stories from a file are told from one fold; name it alone")
    return experiment


def _refuse_settings_without_use(audit: AuditSettings, given: dict[str, Any]) -> None:
    """Raise ExperimentError for a setting that no audit has, or that the story source fixes."""
    unknown = sorted(given.keys() - set(SHARED))
    if unknown:
        name = setting_name(Experiment, unknown[0])
        raise ExperimentError(f"{name}: an audit has no such setting")
    source = "--stories" if audit.stories else "--run"
    for name in _fixed_settings(audit.model_dump()):
        if name in given:
            flag = option_string(Experiment, name)
            raise ExperimentError(f"{flag}: {source} says which stories there are; leave it out")


def _audit(audit: AuditSettings, given: dict[str, Any]) -> int:
    """Check the models, read the stories, audit them and write the results."""
    from rich.console import Console

    from evals.audits.header import print_audit_header
    from evals.audits.run_audit import run_audit
    from evals.audits.spending import confirm_audit, print_audit_estimate
    from evals.harness.run_directory import open_run_directory

    experiment = experiment_of(audit, given)
    console = Console(stderr=True, highlight=False)
    source = _open_source(audit, experiment)
    print_audit_header(console, source)
    identity = source.identity
    folder = experiment.out or run_folder_name("audit", identity)
    if experiment.dry_run:
        print_audit_estimate(source, folder)
        return COMPLETE
    confirm_audit(console, source, folder)
    with open_run_directory(folder, experiment, identity, source.provenance):
        failed = run_audit(source, folder, console)
    return FAILED_CALLS if failed else COMPLETE


def _open_source(audit: AuditSettings, experiment: Experiment) -> "StorySource":
    """Read where the stories come from, and check all models that the audit asks.

    Raises ExperimentError where a model cannot be asked or `--max-cost` lacks its price.
    """
    from evals.audits.story_source import read_story_source
    from evals.runner.preflight import preflight

    if audit.asks:
        preflight(experiment)
    source = read_story_source(audit, experiment)
    if source.verifier:
        preflight(source.verifier)
    source.costs  # noqa: B018  # raises where a price is missing
    return source


if __name__ == "__main__":
    raise SystemExit(main())
