"""ValueSim in Python: simulate a survey respondent, ask, talk, and score."""

import os
import sys

# `python -m valuesim`: files of the working directory hide no module, ours or Python's
if (
    sys.argv[:1] == ["-m"]
    and not sys.flags.safe_path
    and __path__ != [f"{sys.path[0]}{os.sep}{__name__}"]
):
    del sys.path[0]

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evals.harness.experiment import Experiment
    from graph.chat import build as build_chat
    from graph.conversation.settings import ChatSettings
    from graph.conversation.threads import open_threads
    from graph.persona.blocking import ask, run_sync
    from graph.persona.persona import Persona
    from graph.persona.sample import sample_respondents
    from graph.persona.tool import ask_person_tool
    from graph.settings import Settings
    from graph.valuesim import build
    from survey.codebook import wvs7
    from survey.open_survey import open_survey
    from survey.respondents import read_survey

__version__ = "0.1.0"
__all__ = [
    "ChatSettings",
    "Experiment",
    "Persona",
    "Settings",
    "__version__",
    "ask",
    "ask_person_tool",
    "build",
    "build_chat",
    "open_survey",
    "open_threads",
    "read_survey",
    "run_sync",
    "sample_respondents",
    "wvs7",
]

_DEFINED_IN = {
    "ChatSettings": "graph.conversation.settings:ChatSettings",
    "Experiment": "evals.harness.experiment:Experiment",
    "Persona": "graph.persona.persona:Persona",
    "Settings": "graph.settings:Settings",
    "ask": "graph.persona.blocking:ask",
    "ask_person_tool": "graph.persona.tool:ask_person_tool",
    "build": "graph.valuesim:build",
    "build_chat": "graph.chat:build",
    "open_survey": "survey.open_survey:open_survey",
    "open_threads": "graph.conversation.threads:open_threads",
    "read_survey": "survey.respondents:read_survey",
    "run_sync": "graph.persona.blocking:run_sync",
    "sample_respondents": "graph.persona.sample:sample_respondents",
    "wvs7": "survey.codebook:wvs7",
}
"""Where each public name is defined; its module is loaded when the name is first used."""


_PACKAGES = ("survey", "prompts", "graph", "baselines", "evals")
"""Packages of this project that stand beside this one."""


def _refuse_hidden_packages() -> None:
    """Raise ImportError, one line, where a file of the user's own hides a package of ours."""
    from pathlib import Path

    home = Path(__path__[0]).resolve().parent
    for name in _PACKAGES:
        spec = find_spec(name)
        if spec and spec.origin and Path(spec.origin).resolve() != home / name / "__init__.py":
            raise ImportError(
                f"{spec.origin} hides the package {name!r} of valuesim: rename it, or start Python "
                "with -P"
            )


def __dir__() -> list[str]:
    """List the public names, also those that are not loaded yet."""
    return sorted(__all__)


if not TYPE_CHECKING:  # type checkers read the imports above

    def __getattr__(name: str) -> Any:
        """Load a public name at its first use. Raises AttributeError for any other name."""
        if name not in _DEFINED_IN:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        _refuse_hidden_packages()
        module, _, defined = _DEFINED_IN[name].partition(":")
        value = getattr(import_module(module), defined)
        globals()[name] = value
        return value
