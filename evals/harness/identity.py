"""The identity of a run: a hash of the settings that change answers, and its directory's name."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from evals.harness.experiment import Experiment


def experiment_identity(experiment: Experiment, data: str, prompts: str) -> dict[str, Any]:
    """Return the settings that change answers, with hashes of the survey file and the prompts,
    and the weights of models in this process. Raises ModelError where these are not there.
    """
    from evals.harness.models import weights_of_experiment  # heavy, and not wanted by --help

    found = experiment.settings() | {"data": data, "prompts": prompts}
    weights = weights_of_experiment(experiment)
    return found | {"weights": weights} if weights else found


def default_folder(experiment: Experiment, decides: dict[str, Any]) -> Path:
    """Return the directory of a run without `--out`; the same command continues there."""
    return run_folder_name("-".join(experiment.graph), decides)


def run_folder_name(name: str, settings: Mapping[str, Any]) -> Path:
    """Return a directory under `runs`, named by `name` and a hash of these settings."""
    return Path("runs", f"{name}-{settings_hash(settings)[:10]}")


def settings_hash(settings: Mapping[str, Any]) -> str:
    """Return a hash of settings that does not depend on their order."""
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
