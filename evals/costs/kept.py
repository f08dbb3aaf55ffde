"""What a run left behind, looked at without writing anything."""

import sqlite3
from pathlib import Path
from typing import Any, Self

from evals.experiment import Experiment
from evals.ledger import KEY, LEDGER, Done
from evals.models import chat_identity, identity_of
from graph.calls import STORE, digest, kept_reply, limited_as
from graph.request import arguments
from graph.stores import Kind, read_store


def unchanged(path: Path, kind: Kind) -> sqlite3.Connection | None:
    """Open a store to look at it alone, so that nothing at all is written; None where there is none.

    Raises StoreError, one line, when the file cannot be used.
    """
    if not path.is_file() or not path.stat().st_size:
        return None
    return read_store(path, kind, still=True)


def done_in(path: Path, retry_failed: bool = False) -> set[Done]:
    """The keys that need not be asked again, without writing anything; none where there is no ledger."""
    db = unchanged(path, LEDGER)
    if db is None:
        return set()
    try:
        return set(db.execute(f"SELECT {', '.join(KEY)} FROM rows" + (" WHERE error = ''" if retry_failed else "")))
    finally:
        db.close()


class Kept:
    """What a call store holds, looked at without writing; nothing where there is no such file."""

    def __init__(self, path: Path, experiment: Experiment) -> None:
        self._db = unchanged(path, STORE)
        self._chat = chat_identity(experiment) | {"draw": 0, "stop": None}
        self._choice, self._limited_as = experiment, limited_as(self._chat)
        self._embeddings = identity_of(*experiment.embeddings_at) | {"kind": "embedding"}

    def __bool__(self) -> bool:
        return self._db is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        if self._db:
            self._db.close()

    def reply(self, template: str, prompt: str) -> str | None:
        """The reply to a prompt made with a template; one that does not pass the gate is none."""
        asked = self._chat | arguments(self._choice, template, len(prompt), self._limited_as)
        message = kept_reply(self._db, digest(asked, [["human", prompt]])) if self._db else None
        return str(message.text) if message else None

    def embedded(self, text: str) -> bool:
        """Whether the vector of a text is there."""
        return self._row("SELECT 1 FROM vectors WHERE key = ?", digest(self._embeddings, text)) is not None

    def _row(self, query: str, *values: str) -> Any:
        """The first row that a query finds."""
        return self._db.execute(query, values).fetchone() if self._db else None
