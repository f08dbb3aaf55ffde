"""How true backstories are to the facts they tell: `python -m evals.audit`."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import interrupts
from evals.audits.settings import OF_STORIES, SHARED, AuditSettings, audit_flags
from evals.harness.config_file import make_experiment, read_config
from evals.harness.errors import ExperimentError, RunEndedError
from evals.harness.exit_codes import BAD_INPUT, COMPLETE, FAILED_CALLS, INTERRUPTED
from evals.harness.experiment import Experiment
from evals.harness.identity import run_folder_name
from evals.runner.command import add_environment, run_command
from evals.store.store_format import StoreError
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
        told = merge_settings(kind, read_config(config), given)
        around = environment_settings(kind)
        for name in _fixed(around | told):
            around.pop(name, None)
        audit, others = _split(around | told)
        return _audit(make_experiment(audit, AuditSettings), others)

    return run_command(prog, "interrupted before anything was audited", work)


def _split(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of the audit itself, and those of the experiment whose stories it is about."""
    audit: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in given.items():
        (audit if name in AuditSettings.model_fields else others)[name] = value
    return audit, others


def _fixed(given: Mapping[str, Any]) -> tuple[str, ...]:
    """The settings that the source of the stories fixes."""
    if given.get("run"):
        return OF_STORIES
    return ("respondents",) if given.get("stories") else ()


def experiment_of(audit: AuditSettings, given: dict[str, Any]) -> Experiment:
    """The experiment whose stories are audited. Raises ExperimentError, one line."""
    if unknown := sorted(given.keys() - set(SHARED)):
        name = setting_name(Experiment, unknown[0])
        raise ExperimentError(f"{name}: an audit has no such setting")
    source = "--stories" if audit.stories else "--run" if audit.run else ""
    if told := [name for name in _fixed(audit.model_dump()) if name in given]:
        flag = option_string(Experiment, told[0])
        raise ExperimentError(f"{flag}: {source} says which stories there are; leave it out")
    if audit.run:
        from evals.audits.story_source import read_run_experiment

        return read_run_experiment(audit.run, given)
    experiment: Experiment = make_experiment(add_environment(given | {"graph": ("valuesim",)}))
    if audit.stories and len(experiment.folds) > 1:
        raise ExperimentError("--folds: stories from a file are told from one fold; name it alone")
    return experiment


def _audit(audit: AuditSettings, given: dict[str, Any]) -> int:
    """Read, check, audit, write."""
    from rich.console import Console

    from evals.audits import result_files, story_source
    from evals.harness.run_directory import open_run_directory
    from evals.runner.preflight import preflight

    experiment = experiment_of(audit, given)
    console = Console(stderr=True, highlight=False)
    if audit.asks:
        preflight(experiment)
    stories = story_source.read_story_source(audit, experiment)
    if stories.verifier:
        preflight(stories.verifier)
    stories.costs  # noqa: B018  # a price that is missing is told before work starts
    stories.introduce(console)
    decides = stories.decides
    folder = experiment.out or run_folder_name("audit", decides)
    with open_run_directory(folder, experiment, decides, stories.provenance):
        try:
            found = interrupts.run_interruptible(lambda: _audited(stories, folder, console))
            failed = result_files.write_audit(found, stories, folder)
            interrupts.raise_if_interrupted()
        except KeyboardInterrupt:
            raise RunEndedError(
                f"interrupted; the same command goes on where {folder} ends", INTERRUPTED
            ) from None
        except StoreError:
            raise
        except sqlite3.Error as error:
            raise ExperimentError(
                f"--out {folder}: its call store cannot be used ({error})"
            ) from None
        return FAILED_CALLS if failed else COMPLETE


async def _audited(stories: "StorySource", folder: Path, console: Any) -> Any:
    """Audit every story. Raises Ended when going on makes no sense; what was answered is kept."""
    from evals.audits.story_audit import audit_all
    from graph.llm.errors import RunAbortedError

    try:
        return await audit_all(stories, folder, console)
    except RunAbortedError as stop:
        raise RunEndedError(
            f"stopped: {stop}; what was answered is kept in {folder}", BAD_INPUT
        ) from None


if __name__ == "__main__":
    raise SystemExit(main())
