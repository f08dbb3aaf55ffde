"""How every command begins and ends: settings from the environment, an exit code, error lines."""

import os
from collections.abc import Callable
from typing import Any

from evals.harness.errors import RunEndedError
from evals.harness.exit_codes import BAD_INPUT, INTERRUPTED
from evals.harness.method_names import LLM_GRAPHS
from evals.interrupts import handle_interrupts, raise_if_interrupted
from evals.store.store_format import StoreError
from graph.command_line.flag import SettingsError
from graph.command_line.parser import refuse
from graph.llm.addresses import ModelError
from graph.llm.default_model import STAND_IN, default_model
from survey.archive import DataError
from survey.codebook_files import CodebookError
from survey.survey_names import REAL, SYNTHETIC

PAPER_MODEL = "openai:gpt-3.5-turbo"


def add_what_is_not_named(given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the model, its address and the people, where nothing names them.

    Raises SettingsError, one line, where there is no model to ask.
    """
    return _add_people(_add_address(_add_model(given)))


def _add_address(given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the address of `OPENAI_BASE_URL` where no flag names one."""
    if str(given.get("chat", "")).startswith("openai:") and not given.get("base_url"):
        return given | {"base_url": os.environ.get("OPENAI_BASE_URL") or None}
    return given


def _add_people(given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the people whom a run asks where nothing names any.

    Those are real people; of the paper's setting people in the format of its survey.
    """
    if "data" in given:
        return given
    return given | {"data": SYNTHETIC if given.get("paper") else REAL}


def _add_model(given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with the model that is asked where nothing names one.

    That is a small real one; the paper's setting wants its model named. Raises SettingsError, one
    line.
    """
    if "chat" in given or not set(given.get("graph", LLM_GRAPHS)) & set(LLM_GRAPHS):
        return given
    if given.get("paper"):
        raise SettingsError(f"--paper wants its model: --model {PAPER_MODEL}, or {STAND_IN}")
    try:
        return given | {"chat": default_model()}
    except ModelError as error:
        raise SettingsError(str(error)) from None


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
