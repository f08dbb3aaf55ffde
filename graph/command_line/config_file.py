"""Settings in a file of `--config`: JSON, TOML or YAML."""

import json
from pathlib import Path
from typing import Any

from graph.command_line.flag import SettingsError


def read_settings_file(path: Path) -> dict[str, Any]:
    """The settings in a file, by the names that stand there. Raises SettingsError, one line."""
    try:
        found = _parse(path.read_text(encoding="utf-8-sig"), path.suffix)
    except OSError as error:
        raise SettingsError(f"--config {path}: {error.strerror}") from None
    except Exception as error:  # each format's parser raises its own kinds
        raise SettingsError(f"--config {path}: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise SettingsError(
            f'--config {path}: settings by name are wanted, such as {{"respondents": 100}}'
        )
    return {str(name): value for name, value in found.items()}


def _parse(text: str, suffix: str) -> Any:
    """Parse a text in the format that the suffix of its file names."""
    if suffix == ".toml":
        import tomllib

        return tomllib.loads(text)
    if suffix in {".yaml", ".yml"}:
        import yaml

        return yaml.safe_load(text)
    return json.loads(text)
