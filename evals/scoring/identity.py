"""The identity of a scoring: what its figures depend on."""

from hashlib import file_digest
from pathlib import Path
from typing import Any

from evals.scoring.predictions import split_name
from evals.scoring.settings import ScoreSettings


def scoring_identity(settings: ScoreSettings) -> dict[str, Any]:
    """Return the settings that change figures, with the hash of each file in place of its path.

    Raises OSError where a file cannot be read.
    """
    files = {"truth": settings.truth, "items": settings.items, "folds": settings.folds}
    identity: dict[str, Any] = {name: _file_hash(path) for name, path in files.items() if path}
    predictions = []
    for name, path in map(split_name, settings.predictions):
        words = [name, path.name, _file_hash(path)]
        predictions.append(" ".join(filter(None, words)))
    identity["predictions"] = predictions
    identity["rule"] = settings.rule
    identity["references"] = not settings.no_references
    return identity


def _file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content. Raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
