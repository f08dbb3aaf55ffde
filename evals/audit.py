"""How true backstories are to the facts they tell: `python -m evals.audit`."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, create_model

from evals import interrupts
from evals.audits.settings import OF_STORIES, SHARED, Audit
from evals.command import command
from evals.experiment import (
    BAD_INPUT,
    COMPLETE,
    FAILED_CALLS,
    INTERRUPTED,
    Ended,
    Experiment,
    ExperimentError,
    folder_named,
    from_config,
    make,
)
from evals.flags import parse
from evals.run import with_environment
from graph.stores import StoreError

if TYPE_CHECKING:
    from evals.audits.source import Source

ABOUT = "See what stories keep of the facts they are told from, what they alter, leave out and invent."


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit stories; 0 complete, 2 bad input or settings, 3 finished with failed calls, 130 interrupted."""

    def work() -> int:
        given, config = parse(_flags(), "evals.audit", ABOUT, arguments)
        given = ({} if config is None else from_config(config)) | given
        audit = make({name: value for name, value in given.items() if name in Audit.model_fields}, Audit)
        return _audit(audit, {name: value for name, value in given.items() if name not in Audit.model_fields})

    return command("evals.audit", "interrupted before anything was audited", work)


def _flags() -> type[BaseModel]:
    """All settings as one model, for the command line."""
    shared: dict[str, Any] = {name: (field.annotation, field) for name, field in Experiment.model_fields.items()}
    return create_model("Flags", __base__=Audit, **{name: shared[name] for name in SHARED})


def experiment_of(audit: Audit, given: dict[str, Any]) -> Experiment:
    """The experiment whose stories are audited. Raises ExperimentError, one line."""
    if unknown := sorted(given.keys() - set(SHARED)):
        raise ExperimentError(f"{unknown[0]}: an audit has no such setting")
    source = "--stories" if audit.stories else "--run" if audit.run else ""
    fixed = OF_STORIES if audit.run else ("respondents",) if audit.stories else ()
    if told := [name for name in fixed if name in given]:
        raise ExperimentError(f"--{told[0].replace('_', '-')}: {source} says which stories there are; leave it out")
    if audit.run:
        from evals.audits.source import experiment_of_run

        return experiment_of_run(audit.run, given)
    experiment: Experiment = make(with_environment(given | {"graph": ("valuesim",)}))
    if audit.stories and len(experiment.folds) > 1:
        raise ExperimentError("--folds: stories from a file are told from one fold; name it alone")
    return experiment


def _audit(audit: Audit, given: dict[str, Any]) -> int:
    """Read, check, audit, write."""
    from rich.console import Console

    from evals import folder as files
    from evals.audits import outcome, source
    from evals.conduct import ready

    experiment = experiment_of(audit, given)
    console = Console(stderr=True, highlight=False)
    if audit.asks:
        ready(experiment)
    stories = source.source_of(audit, experiment)
    if stories.verifier:
        ready(stories.verifier)
    stories.costs  # noqa: B018  # a price that is missing is told before work starts
    stories.introduce(console)
    decides = stories.decides
    folder = experiment.out or folder_named("audit", decides)
    with files.open_folder(folder, experiment, decides, stories.provenance):
        try:
            found = interrupts.run(lambda: _audited(stories, folder, console))
            failed = outcome.finish(found, stories, folder)
            interrupts.hold()
        except KeyboardInterrupt:
            raise Ended(f"interrupted; the same command goes on where {folder} ends", INTERRUPTED) from None
        except StoreError:
            raise
        except sqlite3.Error as error:
            raise ExperimentError(f"--out {folder}: its call store cannot be used ({error})") from None
        return FAILED_CALLS if failed else COMPLETE


async def _audited(stories: "Source", folder: Path, console: Any) -> Any:
    """Audit every story. Raises Ended when going on makes no sense; what was answered is kept."""
    from evals.audits.audited import audit_all
    from graph.faults import Stop

    try:
        return await audit_all(stories, folder, console)
    except Stop as stop:
        raise Ended(f"stopped: {stop}; what was answered is kept in {folder}", BAD_INPUT) from None


if __name__ == "__main__":
    raise SystemExit(main())
