"""Experiments from files: `--config FILE`, and the `config.json` of an earlier run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from evals.formats import FORMAT
from evals.harness.errors import ExperimentError
from evals.harness.experiment import PAPER, Experiment
from graph.command_line.config_file import read_settings_file
from graph.command_line.flag import SettingsError
from graph.command_line.validate import make_settings

Kind = TypeVar("Kind", bound=BaseModel)


def read_config(path: Path | None) -> dict[str, Any]:
    """The settings in a JSON, TOML or YAML file, such as a run's `config.json`; none without one.

    Raises ExperimentError naming the file.
    """
    if path is None:
        return {}
    try:
        found = read_settings_file(path)
    except SettingsError as error:
        raise ExperimentError(str(error)) from None
    if "provenance" not in found:
        return found
    provenance = found.pop("provenance")
    check_format(path, provenance)
    found = {"max_tokens": None} | found  # runs from before there were limits sent none
    weights = _decides(provenance).get("weights")
    return found | {"weights": weights} if weights else found


def _decides(provenance: Any) -> Mapping[str, Any]:
    """What decided the answers of the run, as its `config.json` says."""
    decides = provenance.get("decides") if isinstance(provenance, Mapping) else None
    return decides if isinstance(decides, Mapping) else {}


def refuse_two_choices(given: Mapping[str, Any]) -> None:
    """Raise ExperimentError where one command line both lists the people and counts them."""
    if "rows" in given and "respondents" in given:
        raise ExperimentError("--rows says who is asked, so leave --respondents out")


def check_format(path: Path, provenance: Any) -> None:
    """Raise ExperimentError, one line, for a `config.json` of a format that is not known here."""
    form = provenance.get("format", FORMAT) if isinstance(provenance, Mapping) else FORMAT
    if form not in range(FORMAT + 1):
        raise ExperimentError(
            f"{path}: a run of format {form}, newer than this program's {FORMAT}; use the version "
            f"that wrote it, or another directory"
        )


def make_experiment(
    given: Mapping[str, Any],
    kind: type[Kind] = Experiment,  # type: ignore[assignment]
) -> Kind:
    """Validate settings. Raises ExperimentError, one line that names the flag."""
    if given.get("paper"):
        given = PAPER | dict(given)
    try:
        return make_settings(kind, given)
    except SettingsError as error:
        raise ExperimentError(str(error)) from None
