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
from evals.harness.experiment import ExperimentError, check_format, settings_hash

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


@contextmanager
def open_run_directory(
    folder: Path, experiment: BaseModel, decides: Mapping[str, Any], provenance: Mapping[str, Any]
) -> Iterator[None]:
    """Make or take up the directory of a run, and hold it for this process while the block lasts.

    Raises ExperimentError, one line, when it holds another run (naming what differs), something
    else, or is in use; OSError when it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ExperimentError(f"--out {folder}: not a directory")
    config = folder / CONFIG
    if config.is_file():
        check_same_settings(folder, decides)
    elif folder.is_dir() and any(
        path.name != LOCK and path.suffix != PART for path in folder.iterdir()
    ):
        raise ExperimentError(
            f"--out {folder}: holds other files and no {CONFIG}; name an empty or a new directory"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with _held(folder):
        for rest in folder.glob("*" + PART):  # of a process that was killed while it wrote
            rest.unlink()
        if not config.is_file():
            settings = experiment.model_dump(mode="json", exclude={"out", "retry_failed"})
            known = dict(provenance) | {
                "decides": dict(decides),
                "format": FORMAT,
                "versions": package_versions(),
            }
            write_json(config, settings | {"provenance": known})
        yield


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a directory for this process alone. Raises ExperimentError, one line, when another one
    has it.
    """
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ExperimentError(f"--out {folder}: another process is running there") from None
    try:
        yield
    finally:
        lock.release()


def check_same_settings(folder: Path, decides: Mapping[str, Any]) -> None:
    """Raise ExperimentError, naming what differs, when the directory holds a run of other
    settings.
    """
    try:
        provenance = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["provenance"]
        check_format(folder / CONFIG, provenance)
        there = dict(provenance["decides"])
    except ExperimentError:
        raise
    except (ValueError, KeyError, TypeError):
        raise ExperimentError(
            f"--out {folder}: its {CONFIG} cannot be read; name another directory"
        ) from None
    ours = json.loads(json.dumps(decides))
    differ = [name for name in sorted({*there, *ours}) if there.get(name) != ours.get(name)]
    if differ:
        told = ", ".join(
            f"{name} ({_short(there.get(name))} there, {_short(ours.get(name))} now)"
            for name in differ
        )
        raise ExperimentError(
            f"--out {folder}: holds a run with other settings: {told}; name another directory"
        )


def _short(value: Any) -> str:
    """A setting on a line."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 40 else text[:12] + "..."


def run_name(folder: Path) -> str:
    """By what a call store knows who paid: the settings that decide the answers, wherever the
    directory lies.
    """
    decides = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["provenance"]["decides"]
    return settings_hash(decides)[:16]


def package_versions() -> dict[str, str]:
    """What a run was made with."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
