"""One run, one directory: what is written there, and when it may be taken up again."""

import csv
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout
from pydantic import BaseModel

from baselines.method import Row
from evals.harness.experiment import FORMAT, ExperimentError, check_format, settings_hash

CONFIG, LEDGER, CALLS, BATCHES = "config.json", "ledger.sqlite", "calls.sqlite", "batches.sqlite"
LOCK, PART = "lock", ".part"
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
def open_folder(
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


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file whole or not at all."""
    _whole(path, lambda file: file.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n"))


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a csv file whole or not at all."""

    def fill(file: IO[str]) -> None:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

    _whole(path, fill)


def _whole(path: Path, fill: Callable[[IO[str]], object]) -> None:
    """Fill a file beside the place and move it there."""
    part = path.with_name(path.name + PART)
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            fill(file)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


LEDGER_ONLY = {"cause", "message"}
"""Fields of a row that stand in no csv file."""

PREDICTION_COLUMNS = tuple(field.name for field in fields(Row) if field.name not in LEDGER_ONLY)


def prediction_line(row: Row) -> list[Any]:
    """A row as a line of `predictions.csv`: None is empty, probabilities are JSON."""
    values = {name: getattr(row, name) for name in PREDICTION_COLUMNS}
    shares = {
        str(code): share for code, share in sorted(row.probabilities.items())
    }  # every digit: scored again alike
    values["probabilities"] = json.dumps(shares) if shares else ""
    return ["" if value is None else value for value in values.values()]
