"""The identity of a scoring: what its figures depend on."""

from hashlib import file_digest
from pathlib import Path
from typing import Any

from evals.scoring.predictions import split_name
from evals.scoring.settings import ScoreSettings
from survey.open_survey import open_survey
from survey.survey_names import is_named


def scoring_identity(settings: ScoreSettings) -> dict[str, Any]:
    """Return the settings that change figures, with the hash of each file in place of its path.

    Raises DataError or OSError where something cannot be read.
    """
    files = {"truth": settings.truth, "items": settings.items, "folds": settings.folds}
    identity: dict[str, Any] = {name: _content_hash(path) for name, path in files.items() if path}
    predictions = []
    for name, path in map(split_name, settings.predictions):
        words = [name, path.name, _file_hash(path)]
        predictions.append(" ".join(filter(None, words)))
    identity["predictions"] = predictions
    identity["rule"] = settings.rule
    identity["references"] = not settings.no_references
    return identity


def _content_hash(path: Path) -> str:
    """Return the SHA-256 of what a survey or a file holds. Raises DataError or OSError."""
    return open_survey(path).sha256 if is_named(path) else _file_hash(path)


def _file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content. Raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
