"""By what a run is known: a hash of the settings that change answers, and its directory's name."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from evals.harness.experiment import Experiment


def experiment_identity(experiment: Experiment, data: str, prompts: str) -> dict[str, Any]:
    """What decides the answers: the settings, with hashes of the survey file and the prompts."""
    return experiment.settings() | {"data": data, "prompts": prompts}


def default_folder(experiment: Experiment, decides: dict[str, Any]) -> Path:
    """Where a run goes when nothing is said, so that the same command takes it up again."""
    return run_folder_name("-".join(experiment.graph), decides)


def run_folder_name(name: str, decides: Mapping[str, Any]) -> Path:
    """A directory under `runs` for what these settings decide."""
    return Path("runs", f"{name}-{settings_hash(decides)[:10]}")


def settings_hash(decides: Mapping[str, Any]) -> str:
    """A hash of settings, in whatever order they stand."""
    return sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
