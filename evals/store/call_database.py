"""Rows of a call store in SQLite: replies, what unusable replies cost, vectors, cut prompts."""

import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.messages import AIMessage

from evals.store.call_tables import (
    CALL_STORE_FORMAT,
    CALLS_TABLE,
    EMBEDDED_TABLE,
    SUSPECTS_TABLE,
    UNKEPT_TABLE,
    VECTORS_TABLE,
    load_reply,
    read_token_counts,
)
from evals.store.sqlite_files import open_store, read_store
from graph.llm.context_window import CutPrompts, cut_among, is_suspicious
from graph.llm.finish_reasons import finish_reason
from graph.llm.reply_check import reasoning_of
from graph.llm.usage import ESTIMATED, clean_text
from graph.llm.vectors import Vectors, is_usable

USAGE_COUNTS = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens", "estimated")


class CallDatabase:
    """Reads and writes the file of one call store, and reads other stores beside it.

    `run` names who pays for what is written, so that one store serves several runs. Raises
    StoreError, one line, when the file cannot be used.
    """

    def __init__(self, path: Path, run: str = "") -> None:
        self.run = run
        self._db = open_store(path, CALL_STORE_FORMAT)
        self._others: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Close all files; what was written stays."""
        for db in (self._db, *self._others):
            db.close()

    def leave_wal_mode(self) -> None:
        """Let other machines read the file while nothing is written here.

        SQLite's WAL mode works among the processes of one machine only.
        """
        with suppress(sqlite3.OperationalError):  # another run on this machine writes to it
            self._db.execute("PRAGMA journal_mode=DELETE")

    def read_also(self, path: Path) -> None:
        """Answer from another store as well, and never write to it.

        Raises sqlite3.Error when that file cannot be read.
        """
        db = read_store(path, CALL_STORE_FORMAT)
        try:
            db.execute("SELECT 1 FROM calls, vectors LIMIT 1")
        except sqlite3.Error:
            db.close()
            raise
        self._others.append(db)

    @property
    def has_replies(self) -> bool:
        """Whether this run has paid for a reply before."""
        row = self._db.execute("SELECT 1 FROM calls WHERE run = ?", (self.run,)).fetchone()
        return row is not None

    def find_reply(self, key: str) -> AIMessage | None:
        """The reply of the first file that has one which passes the check; None where none has."""
        for db in (self._db, *self._others):
            message = load_reply(db, key)
            if message:
                return message
        return None

    def write_reply(
        self, key: str, template: str, message: AIMessage, seconds: float | None
    ) -> None:
        """Write a reply under its cache key, with what it cost and who served it."""
        served = message.response_metadata
        prompt_tokens, cached_tokens, completion_tokens = read_token_counts(message)
        row = (
            key,
            template,
            self.run,
            clean_text(str(message.text)),
            prompt_tokens,
            completion_tokens,
            cached_tokens,
            finish_reason(message) or None,
            served.get("model_name"),
            served.get("system_fingerprint"),
            seconds,
            time.time(),
            served.get(ESTIMATED),
            clean_text(reasoning_of(message)) or None,
        )
        self._db.execute(CALLS_TABLE.insert("INSERT OR REPLACE"), row)

    def write_unkept(self, template: str, error_code: str, message: AIMessage) -> None:
        """Write what a reply cost that is not kept."""
        counts = read_token_counts(message)
        row = (self.run, template, error_code, *counts, message.response_metadata.get(ESTIMATED))
        self._db.execute(UNKEPT_TABLE.insert(), row)

    def forget(self, message: AIMessage, error_code: str) -> None:
        """Delete a reply that turned out to be of no use; what it cost stays counted."""
        key = message.response_metadata.get("key")
        self._db.execute("BEGIN")
        self._db.execute(
            f"INSERT INTO unkept ({UNKEPT_TABLE.names}) SELECT run, prompt, ?, "
            "prompt_tokens, cached_tokens, completion_tokens, estimated FROM calls WHERE key = ?",
            (error_code, key),
        )
        self._db.execute("DELETE FROM calls WHERE key = ?", (key,))
        self._db.execute("COMMIT")

    def find_vectors(self, keys: Iterable[str]) -> dict[str, Vectors]:
        """The vectors under these keys that can be used; older versions wrote them unchecked."""
        found = {}
        for key in keys:
            content = self._find_vector(key)
            if content is None or len(content) % 4:
                continue
            vector = np.frombuffer(content, dtype=np.float32)
            if is_usable(vector):
                found[key] = vector
        return found

    def _find_vector(self, key: str) -> bytes | None:
        """The bytes of a vector in the first file that has one."""
        for db in (self._db, *self._others):
            row = db.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
            if row:
                content: bytes = row[0]
                return content
        return None

    def write_vectors(self, vectors: Mapping[str, Vectors], tokens: int) -> None:
        """Write vectors and the tokens that they were paid by: all or none."""
        rows = [(key, self.run, vector.tobytes()) for key, vector in vectors.items()]
        self._db.execute("BEGIN")
        self._db.executemany(VECTORS_TABLE.insert("INSERT OR REPLACE"), rows)
        self._db.execute(EMBEDDED_TABLE.insert(), (self.run, len(rows), tokens))
        self._db.execute("COMMIT")

    def embedding_usage(self) -> tuple[int, int]:
        """How many texts this run paid to embed, and about how many tokens they have."""
        texts, tokens = self._db.execute(
            "SELECT SUM(texts), SUM(tokens) FROM embedded WHERE run = ?", (self.run,)
        ).fetchone()
        return texts or 0, tokens or 0

    def note_suspect(self, key: str, characters: int, message: AIMessage) -> None:
        """Remember a prompt that the server seems to have cut, as its count of tokens tells."""
        tokens = message.usage_metadata["input_tokens"] if message.usage_metadata else 0
        if is_suspicious(characters, tokens):
            row = (self.run, key, characters, tokens)
            self._db.execute(SUSPECTS_TABLE.insert("INSERT OR IGNORE"), row)

    def cut_prompts(self) -> CutPrompts | None:
        """The prompts of this run that the server cut; None where none is known."""
        suspects = self._db.execute(
            "SELECT characters, tokens FROM suspects WHERE run = ?", (self.run,)
        )
        return cut_among(suspects)

    def usage(self) -> dict[str, dict[str, int]]:
        """What this run paid for, by template: USAGE_COUNTS of its calls.

        Tokens are those that the server reported. Where it reported none they are estimated, for
        `estimated` of the calls. Replies that were not kept are included.
        """
        columns = "run, prompt, prompt_tokens, cached_tokens, completion_tokens, estimated"
        rows = self._db.execute(
            "SELECT prompt, COUNT(*), SUM(prompt_tokens), SUM(cached_tokens), "
            "SUM(completion_tokens), SUM(estimated) "
            f"FROM (SELECT {columns} FROM calls UNION ALL SELECT {columns} FROM unkept) "
            "WHERE run = ? GROUP BY prompt ORDER BY prompt",
            (self.run,),
        )
        paid: dict[str, dict[str, int]] = {}
        for template, *numbers in rows:
            counts: list[Any] = [number or 0 for number in numbers]
            paid[template] = dict(zip(USAGE_COUNTS, counts, strict=True))
        return paid
