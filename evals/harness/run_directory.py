"""One run, one directory: making it, taking it up again and holding it for one process."""

import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import BaseModel

from evals.formats import CONFIG, FORMAT, LOCK, PART, write_json
from evals.harness.config_file import check_format
from evals.harness.errors import ExperimentError
from evals.harness.identity import settings_hash

PACKAGES = (
    "langgraph",
    "langchain-core",
    "langchain-openai",
    "langchain-community",
    "faiss-cpu",
    "openai",
    "pandas",
    "numpy",
    "pydantic",
)
ONCE = {"out", "retry_failed", "yes", "dry_run"}
"""Settings of one command line, which do not hold for a run taken up again."""


@contextmanager
def open_run_directory(
    directory: Path,
    experiment: BaseModel,
    decides: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> Iterator[None]:
    """Make or take up the directory of a run, and hold it for this process while the block lasts.

    `decides` are the settings that decide the answers. Raises ExperimentError, one line, when the
    directory holds another run (naming what differs) or something else, or is in use; OSError when
    it cannot be written.
    """
    _check_content(directory, decides)
    directory.mkdir(parents=True, exist_ok=True)
    with _lock(directory):
        for rest in directory.glob("*" + PART):  # of a process that was killed while it wrote
            rest.unlink()
        if not (directory / CONFIG).is_file():
            _write_config(directory, experiment, decides, provenance)
        yield


def _check_content(directory: Path, decides: Mapping[str, Any]) -> None:
    """Raise ExperimentError where the directory holds something else than this run."""
    if directory.exists() and not directory.is_dir():
        raise ExperimentError(f"--out {directory}: not a directory")
    if (directory / CONFIG).is_file():
        check_same_settings(directory, decides)
        return
    if not directory.is_dir():
        return
    for path in directory.iterdir():
        if path.name != LOCK and path.suffix != PART:
            raise ExperimentError(
                f"--out {directory}: holds other files and no {CONFIG}; name an empty or a new "
                f"directory"
            )


def _write_config(
    directory: Path,
    experiment: BaseModel,
    decides: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> None:
    """Write `config.json`: all settings, what they decide, and what the run is made with."""
    settings = experiment.model_dump(mode="json", exclude=ONCE)
    known = dict(provenance)
    known |= {"decides": dict(decides), "format": FORMAT, "versions": package_versions()}
    write_json(directory / CONFIG, settings | {"provenance": known})


@contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """Hold a directory for this process alone.

    Raises ExperimentError, one line, when another process has it.
    """
    lock = FileLock(directory / LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ExperimentError(f"--out {directory}: another process is running there") from None
    try:
        yield
    finally:
        lock.release()


def check_same_settings(directory: Path, decides: Mapping[str, Any]) -> None:
    """Raise ExperimentError, naming what differs, when a run of other settings is there."""
    try:
        provenance = json.loads((directory / CONFIG).read_text(encoding="utf-8"))["provenance"]
        check_format(directory / CONFIG, provenance)
        there = dict(provenance["decides"])
    except ExperimentError:
        raise
    except (ValueError, KeyError, TypeError):
        raise ExperimentError(
            f"--out {directory}: its {CONFIG} cannot be read; name another directory"
        ) from None
    ours = json.loads(json.dumps(decides))
    differences = []
    for name in sorted({*there, *ours}):
        if there.get(name) != ours.get(name):
            values = f"{_shorten(there.get(name))} there, {_shorten(ours.get(name))} now"
            differences.append(f"{name} ({values})")
    if differences:
        raise ExperimentError(
            f"--out {directory}: holds a run with other settings: {', '.join(differences)}; name "
            f"another directory"
        )


def _shorten(value: Any) -> str:
    """Return a setting as at most 40 characters."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 40 else text[:12] + "..."


def run_name(directory: Path) -> str:
    """Return the name by which a call store knows who paid for a call.

    It is a hash of the settings that decide the answers, wherever the directory lies.
    """
    decides = json.loads((directory / CONFIG).read_text(encoding="utf-8"))["provenance"]["decides"]
    return settings_hash(decides)[:16]


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a run depends on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
