"""How every command begins and ends: settings from the environment, an exit code, error lines."""

import os
from collections.abc import Callable
from typing import Any

from evals.harness.errors import RunEndedError
from evals.harness.exit_codes import BAD_INPUT, INTERRUPTED
from evals.interrupts import handle_interrupts, raise_if_interrupted
from evals.store.store_format import StoreError
from graph.command_line.flag import SettingsError
from graph.command_line.parser import refuse
from survey.archive import DataError
from survey.codebook_files import CodebookError
from survey.survey_names import REAL, SYNTHETIC


def add_environment(given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the address of `OPENAI_BASE_URL` where no flag names one."""
    if str(given.get("chat", "")).startswith("openai:") and not given.get("base_url"):
        return given | {"base_url": os.environ.get("OPENAI_BASE_URL") or None}
    return given


def add_people(given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the people whom a run asks where nothing names any.

    Those are real people; of the paper's setting people in the format of its survey.
    """
    if "data" in given:
        return given
    return given | {"data": SYNTHETIC if given.get("paper") else REAL}


def run_command(name: str, interrupted: str, work: Callable[[], int]) -> int:
    """Do the work of a command and return its exit code.

    What ends the work early is told in one line on standard error; after Ctrl-C that line is
    `interrupted`.
    """
    with handle_interrupts(name, lambda: interrupted):
        try:
            code = work()
            raise_if_interrupted()
            return code
        except RunEndedError as ended:
            return refuse(name, str(ended), ended.code)
        except (SettingsError, DataError, CodebookError, StoreError, OSError) as error:
            return refuse(name, str(error), BAD_INPUT)
        except KeyboardInterrupt:
            return refuse(name, interrupted, INTERRUPTED)
