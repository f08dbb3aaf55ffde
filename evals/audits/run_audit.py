"""Runs an audit in its directory, and turns what ends it early into errors of one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from evals import interrupts
from evals.audits.result_files import write_audit
from evals.audits.story_audit import AuditResult, audit_all
from evals.audits.story_source import StorySource
from evals.harness.errors import ExperimentError, RunEndedError
from evals.harness.exit_codes import BAD_INPUT, INTERRUPTED
from evals.store.store_format import StoreError
from graph.llm.errors import RunAbortedError


def run_audit(source: StorySource, folder: Path, console: Console) -> int:
    """Audit all stories and write the results; return how many stories had a failed call.

    Raises RunEndedError when the audit ended early, and ExperimentError where its call store
    cannot be used.
    """
    with _explain_audit_endings(folder):
        result = interrupts.run_interruptible(lambda: _audit_stories(source, folder, console))
        failed = write_audit(result, source, folder)
        interrupts.raise_if_interrupted()
    return failed


@contextmanager
def _explain_audit_endings(folder: Path) -> Iterator[None]:
    """Turn an interrupt and a database that cannot be used into errors of one line."""
    try:
        yield
    except KeyboardInterrupt:
        raise RunEndedError(
            f"interrupted; the same command goes on where {folder} ends", INTERRUPTED
        ) from None
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise ExperimentError(f"--out {folder}: its call store cannot be used ({error})") from None


async def _audit_stories(source: StorySource, folder: Path, console: Console) -> AuditResult:
    """Audit every story. Raises RunEndedError when going on makes no sense; replies are kept."""
    try:
        return await audit_all(source, folder, console)
    except RunAbortedError as stop:
        raise RunEndedError(
            f"stopped: {stop}; what was answered is kept in {folder}", BAD_INPUT
        ) from None
