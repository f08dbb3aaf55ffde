"""Provenance: data, people, models, prompts, versions, cost, and how to repeat a run."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from evals.harness.describe_selection import describe_draw, describe_items
from evals.harness.experiment import Experiment
from evals.harness.run_directory import run_name
from evals.render.formatting import format_ridges
from evals.render.table import Table, records, run_columns, word_column
from evals.reports.sources import ReportSource, RunDirectory
from evals.store.call_tables import CALL_STORE_FORMAT
from evals.store.sqlite_files import read_store
from graph.llm.addresses import is_local_model, is_openai_compatible
from graph.llm.factory import address_of
from graph.llm.local.weights import public_name
from survey.survey_names import is_synthetic

SYNTHETIC = "none needed: synthetic people, who never lived"
SERVED = (
    "SELECT served_model, system_fingerprint, COUNT(*), MIN(at), MAX(at), SUM(prompt_tokens), "
    "SUM(completion_tokens) FROM calls WHERE run = ? GROUP BY served_model, system_fingerprint "
    "ORDER BY served_model, system_fingerprint"
)


def provenance_table(sources: Sequence[ReportSource]) -> Table:
    """One line for each run and fact."""
    facts: list[tuple[str, str, str]] = []
    for source in sources:
        for run in source.runs:
            facts += [(run.name, fact, text) for fact, text in _facts(run) if text]
    for source in sources:
        if source.ridges:
            facts.append((source.name, "λ of ridge and new topic", format_ridges(source.ridges)))
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
    """The facts of one run, in pairs of name and text, empty where it has none.

    Files are named without their directories.
    """
    experiment, known = run.experiment, run.provenance
    decides = known.get("decides", {})
    rows, sha256 = known.get("rows", 0), decides.get("data", "")
    yield "data", f"{known.get('data', '')}, {rows:,} rows, sha256 {sha256}"
    yield "notes on the data", " ".join(known.get("notes", ()))
    yield "left out", ", ".join(known.get("left_out", ()))
    yield "licence of the data", licence_of(run)
    yield "people", _people(experiment)
    yield "methods", ", ".join(experiment.graph)
    prompts = decides.get("prompts", "")
    yield "protocol", f"{experiment.protocol}; prompts {prompts}{_own_prompts(experiment)}"
    if experiment.uses_model:
        yield from _model_facts(experiment)
        yield from _call_facts(run)
    yield "cost", f"US$ {run.metrics['money']}" if "money" in run.metrics else ""
    versions = known.get("versions", {})
    yield "made with", ", ".join(f"{name} {version}" for name, version in versions.items())
    yield "to repeat it", f"python -m evals.run --config {run.name}/config.json"


def licence_of(run: RunDirectory) -> str:
    """What the rows that a run read may be used for."""
    if is_synthetic(run.experiment.data):
        return SYNTHETIC
    return run.codebook.facts.licence


def _people(experiment: Experiment) -> str:
    """Who was asked about what."""
    folds = ", ".join(map(str, experiment.folds))
    count = experiment.respondents if experiment.rows is None else len(experiment.rows)
    of_seed = "the same seed" if experiment.people_seed is None else f"seed {experiment.seed}"
    items = describe_items(experiment)
    alone = f"; asked only: {items}" if items else ""
    people = describe_draw(experiment, count)
    return f"{people}; held-out folds: {folds}, of {of_seed}{alone}"


def _own_prompts(experiment: Experiment) -> str:
    """Whether the prompts are the user's own."""
    return f" (own templates, {experiment.prompts.name})" if experiment.prompts else ""


def _model_facts(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """Which model was asked, at what address, and how it samples."""
    yield "model", _chat_name(experiment.chat, experiment.base_url)
    if experiment.coordinator_at:
        yield "coordinator", _chat_name(*experiment.coordinator_at)
    temperature = "none sent" if experiment.temperature is None else f"{experiment.temperature:g}"
    draws = f"; {experiment.votes} draws" if experiment.votes > 1 else ""
    yield "temperature", temperature + draws
    if "rag" in experiment.graph:
        name, url = experiment.embeddings_at
        yield (
            "embeddings",
            _name_at(name, address_of(name, url) if is_openai_compatible(name) else None),
        )


def _chat_name(model: str, url: str | None) -> str:
    """A chat model's name, with the address where it answers."""
    if is_local_model(model):
        return public_name(model)
    return _name_at(model, address_of(model, url) if is_openai_compatible(model) else url)


def _name_at(name: str, address: str | None) -> str:
    """A model's name, with its address where there is one."""
    return f"{name} at {_public_address(address)}" if address else name


def _public_address(url: str) -> str:
    """An address without user, password and query, which may hold keys."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _call_facts(run: RunDirectory) -> Iterator[tuple[str, str]]:
    """Which servers replied, when, and how many tokens this run paid for, by its call store."""
    if run.calls is None:
        yield "served by", "not known: its call store is not there"
        return
    try:
        lines = _served_lines(run, run.calls)
    except sqlite3.Error as error:
        yield "served by", f"not known: its call store cannot be read ({error})"
        return
    if not lines:
        yield "calls", "none: every reply was in a call store that other runs had paid for"
        return
    yield "served by", "; ".join(map(_server, lines))
    prompt = sum(line[5] or 0 for line in lines)
    completion = sum(line[6] or 0 for line in lines)
    tokens = f"{prompt:,} prompt and {completion:,} completion tokens"
    yield "tokens", f"{tokens}, as the server reported them"
    first, last = min(line[3] for line in lines), max(line[4] for line in lines)
    yield "when", " to ".join(dict.fromkeys((_day(first), _day(last))))


def _served_lines(run: RunDirectory, calls: Path) -> list[Any]:
    """What a call store holds of a run, by server. Raises sqlite3.Error."""
    database = read_store(calls, CALL_STORE_FORMAT)
    try:
        return database.execute(SERVED, (run_name(run.folder),)).fetchall()
    finally:
        database.close()


def _server(line: Any) -> str:
    """Who replied, and how often."""
    model, fingerprint, calls = line[:3]
    name = " ".join(filter(None, (model, fingerprint))) or "a server that does not say"
    return f"{name} ({calls:,} calls)"


def _day(at: float) -> str:
    """The day of a time in seconds, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
