"""Reads the ledger and the call store of a run without writing anything."""

import sqlite3
from pathlib import Path
from typing import Self

from evals.harness.experiment import Experiment
from evals.harness.ledger import KEY, LEDGER_FORMAT
from evals.harness.models import chat_identity, model_identity
from evals.harness.plan import Key
from evals.store.cache_key import cache_key
from evals.store.cached_chat import name_for_limits
from evals.store.call_tables import CALL_STORE_FORMAT, load_reply
from evals.store.sqlite_files import read_store
from evals.store.store_format import StoreFormat
from graph.request_parameters import call_arguments


def open_read_only(path: Path, kind: StoreFormat) -> sqlite3.Connection | None:
    """Open a store so that nothing at all is written; None where there is no such file.

    Raises StoreError, one line, when the file cannot be used.
    """
    if not path.is_file() or not path.stat().st_size:
        return None
    return read_store(path, kind, still=True)


def done_keys(path: Path, retry_failed: bool = False) -> set[Key]:
    """Return the keys in a ledger that need not be asked again; none where there is no ledger."""
    db = open_read_only(path, LEDGER_FORMAT)
    if db is None:
        return set()
    query = f"SELECT {', '.join(KEY)} FROM rows"
    if retry_failed:
        query += " WHERE error = ''"
    try:
        return set(db.execute(query))
    finally:
        db.close()


class StoredCalls:
    """A call store that is read without writing; it is empty where there is no such file."""

    def __init__(self, path: Path, experiment: Experiment) -> None:
        self._db = open_read_only(path, CALL_STORE_FORMAT)
        self._chat = chat_identity(experiment) | {"draw": 0, "stop": None}
        self._experiment, self._limited_as = experiment, name_for_limits(self._chat)
        self._embeddings = model_identity(*experiment.embeddings_at) | {"kind": "embedding"}

    def __bool__(self) -> bool:
        return self._db is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        if self._db:
            self._db.close()

    def reply(self, template: str, prompt: str) -> str | None:
        """The usable reply to a prompt made with this template; None where there is none."""
        asked = self._chat | call_arguments(
            self._experiment, template, len(prompt), self._limited_as
        )
        if self._db is None:
            return None
        message = load_reply(self._db, cache_key(asked, [["human", prompt]]))
        return str(message.text) if message else None

    def embedded(self, text: str) -> bool:
        """Whether the vector of a text is there."""
        if self._db is None:
            return False
        key = cache_key(self._embeddings, text)
        row = self._db.execute("SELECT 1 FROM vectors WHERE key = ?", (key,)).fetchone()
        return row is not None
