"""Where the figures come from: data, people, models, prompts, versions, cost, and how to repeat a
run.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from evals.harness.experiment import Experiment
from evals.harness.run_directory import run_name
from evals.render.formatting import format_ridges
from evals.render.table import Table, records, run_columns, word_column
from evals.reports.sources import ReportSource, RunDirectory
from evals.store.call_tables import CALL_STORE_FORMAT
from evals.store.sqlite_files import read_store
from graph.llm.addresses import compatible
from graph.llm.factory import address_of

LICENCE = (
    "files of the World Values Survey may not be passed on, so neither may the rows of a run or "
    "single "
    "people's answers; aggregates may be published"
)
SYNTHETIC = "none needed: synthetic people, who never lived"
SERVED = (
    "SELECT served_model, system_fingerprint, COUNT(*), MIN(at), MAX(at), SUM(prompt_tokens), "
    "SUM(completion_tokens) "
    "FROM calls WHERE run = ? GROUP BY served_model, system_fingerprint ORDER BY served_model, "
    "system_fingerprint"
)


def provenance_table(sources: Sequence[ReportSource]) -> Table:
    """One line a run and fact."""
    facts = [
        (run.name, fact, told)
        for source in sources
        for run in source.runs
        for fact, told in _facts(run)
        if told
    ]
    facts += [
        (source.name, "λ of ridge and new topic", format_ridges(source.ridges))
        for source in sources
        if source.ridges
    ]
    frame = pd.DataFrame(facts, columns=["run", "what", "told"])
    return Table(
        name="provenance",
        title="Provenance",
        frame=frame,
        rows=records(frame),
        columns=[*run_columns(frame), word_column("what", "what"), word_column("", "told")],
        words=3,
    )


def _facts(run: RunDirectory) -> Iterator[tuple[str, str]]:
    """What is to be said of one run; names of files alone, never where they lie."""
    experiment, known = run.experiment, run.provenance
    decides = known.get("decides", {})
    yield (
        "data",
        f"{known.get('data', '')}, {known.get('rows', 0):,} rows, sha256 {decides.get('data', '')}",
    )
    yield "notes on the data", " ".join(known.get("notes", ()))
    yield "left out", ", ".join(known.get("left_out", ()))
    yield "licence of the data", SYNTHETIC if experiment.data is None else LICENCE
    folds = ", ".join(map(str, experiment.folds))
    yield (
        "people",
        f"{experiment.respondents} drawn with seed {experiment.seed}; held-out folds: {folds}, of "
        f"the same seed",
    )
    yield "methods", ", ".join(experiment.graph)
    yield (
        "protocol",
        f"{experiment.protocol}; prompts {decides.get('prompts', '')}" + _own(experiment),
    )
    yield from _model(experiment) if experiment.uses_model else ()
    yield from _served(run) if experiment.uses_model else ()
    yield "cost", f"US$ {run.metrics['money']}" if "money" in run.metrics else ""
    yield (
        "made with",
        ", ".join(f"{name} {version}" for name, version in known.get("versions", {}).items()),
    )
    yield "to repeat it", f"python -m evals.run --config {run.name}/config.json"


def _own(experiment: Experiment) -> str:
    """Whether the prompts are the user's own."""
    return f" (own templates, {experiment.prompts.name})" if experiment.prompts else ""


def _model(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """What was asked, where, and how it samples."""
    yield "model", _named(experiment.chat, experiment.base_url)
    if own := experiment.coordinator_at:
        yield "coordinator", _named(*own)
    temperature = "none sent" if experiment.temperature is None else f"{experiment.temperature:g}"
    yield (
        "temperature",
        temperature + (f"; {experiment.votes} draws" if experiment.votes > 1 else ""),
    )
    if "rag" in experiment.graph:
        name, url = experiment.embeddings_at
        yield (
            "embeddings",
            name + (f" at {_public(address_of(name, url))}" if compatible(name) else ""),
        )


def _named(model: str, url: str | None) -> str:
    """A chat model, and where it answers."""
    at = address_of(model, url) if compatible(model) else url
    return model + (f" at {_public(at)}" if at else "")


def _public(url: str) -> str:
    """An address without user, password and query, where keys may stand."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _served(run: RunDirectory) -> Iterator[tuple[str, str]]:
    """What the call store says of who replied, when, and how much was paid for by this run."""
    if run.calls is None:
        yield "served by", "not known: its call store is not there"
        return
    try:
        db = read_store(run.calls, CALL_STORE_FORMAT)
        try:
            lines = db.execute(SERVED, (run_name(run.folder),)).fetchall()
        finally:
            db.close()
    except sqlite3.Error as error:
        yield "served by", f"not known: its call store cannot be read ({error})"
        return
    if not lines:
        yield "calls", "none: every reply was in a call store that other runs had paid for"
        return
    served = (
        " ".join(filter(None, (line[0], line[1]))) or "a server that does not say" for line in lines
    )
    yield (
        "served by",
        "; ".join(f"{name} ({line[2]:,} calls)" for name, line in zip(served, lines, strict=True)),
    )
    told, heard = (sum(line[place] or 0 for line in lines) for place in (5, 6))
    yield "tokens", f"{told:,} prompt and {heard:,} completion tokens, as the server reported them"
    yield (
        "when",
        " to ".join(dict.fromkeys(_day(at) for at in (min(_at(lines, 3)), max(_at(lines, 4))))),
    )


def _at(lines: Sequence[Any], place: int) -> list[float]:
    """The times in one column."""
    return [line[place] for line in lines]


def _day(at: float) -> str:
    """A day, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
