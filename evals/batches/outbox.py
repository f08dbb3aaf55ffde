"""Requests on their way through a Batch API, in SQLite: what is wanted, what is out, what
failed.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from evals.store.sqlite_files import open_store
from evals.store.store_format import StoreFormat, TableSchema
from graph.llm.errors import CallFailedError, error_text, may_pass
from graph.request_parameters import LENGTH, OTHER_LENGTH

OUTBOX = StoreFormat(
    "list of batches",
    0x56534254,  # VSBT
    (
        TableSchema(
            "batches",
            {"number": "INTEGER PRIMARY KEY", "file": "TEXT", "id": "TEXT", "ended": "TEXT"},
        ),
        TableSchema(
            "requests",
            {
                "key": "TEXT PRIMARY KEY",
                "prompt": "TEXT",
                "body": "TEXT",
                "batch": "INTEGER",
                "failures": "INTEGER DEFAULT 0",
                "kind": "TEXT",
                "why": "TEXT",
            },
        ),
    ),
    "move it away: batches that are out are then left, and what they asked is asked again",
    pragmas=("PRAGMA auto_vacuum = FULL",),
    indexes=("CREATE INDEX IF NOT EXISTS requests_of ON requests (batch)",),
)
WANTED = 0
"""In place of a batch's number: to be submitted. NULL stands for a request that was out and brought
no reply.
"""

TRIES = 3
ENDPOINT: Final = "/v1/chat/completions"
LINE = '{{"custom_id":"{}","method":"POST","url":"' + ENDPOINT + '","body":{}}}\n'


class Outbox:
    """The requests of one run that go out in batches; every step is on disk before the next is
    taken.

    Raises StoreError, one line, when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._db = open_store(path, OUTBOX, wal=False)

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._db.close()

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Take requests while the block lasts; all of them, or none when it is left by an
        exception.

        Requests that were wanted before and never uploaded are wanted no more: they may have been
        answered since.
        """
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM batches WHERE file IS NULL")
            self._db.execute(
                "UPDATE requests SET batch = NULL WHERE batch NOT IN (SELECT number FROM batches)"
            )
            yield

    def put(self, key: str, prompt: str, body: Mapping[str, Any]) -> None:
        """Take a request, unless it is out already. Raises CallFailed when it has failed for
        good.
        """
        row = self._db.execute(
            "SELECT batch, failures, kind, why FROM requests WHERE key = ?", (key,)
        ).fetchone()
        batch, failures, kind, why = row or (None, 0, "", "")
        if failures >= TRIES:
            raise CallFailedError(kind, why)
        if batch is None:
            self._db.execute(
                "INSERT INTO requests (key, prompt, body, batch) VALUES (?,?,?,?) "
                "ON CONFLICT DO UPDATE SET body = excluded.body, batch = excluded.batch",
                (key, prompt, json.dumps(body), WANTED),
            )

    def forget_failed(self) -> None:
        """Ask again what has failed for good."""
        self._db.execute("DELETE FROM requests WHERE failures >= ?", (TRIES,))

    def waiting(self) -> bool:
        """Whether any request is wanted or out."""
        return (
            self._db.execute("SELECT 1 FROM requests WHERE batch IS NOT NULL").fetchone()
            is not None
        )

    def out(self) -> dict[int, str]:
        """The batches that are under way: number and id."""
        return dict(
            self._db.execute(
                "SELECT number, id FROM batches WHERE id IS NOT NULL AND ended IS NULL"
            )
        )

    def uploads(self) -> int:
        """How many batches were uploaded and have not ended."""
        [[count]] = self._db.execute(
            "SELECT COUNT(*) FROM batches WHERE file IS NOT NULL AND ended IS NULL"
        )
        return int(count)

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Template and characters of each request that is out."""
        yield from self._db.execute(
            "SELECT prompt, LENGTH(body) FROM requests WHERE batch > ?", (WANTED,)
        )

    def fill(self, requests: int, size: int, afford: Callable[[str, int], bool]) -> int | None:
        """Put wanted requests into a new batch: at most so many, and about so many bytes; None
        where there are none.

        It ends before the first one that one cannot `afford`, by template and characters. A batch
        that was uploaded, and perhaps submitted, by a process that was killed goes first.
        """
        left = self._db.execute(
            "SELECT number FROM batches WHERE id IS NULL AND ended IS NULL"
        ).fetchone()
        if left:
            return int(left[0])
        keys: list[tuple[str]] = []
        wanted = (
            "SELECT key, prompt, LENGTH(body) FROM requests WHERE batch = ? ORDER BY rowid LIMIT ?"
        )
        for key, prompt, length in self._db.execute(wanted, (WANTED, requests)):
            size -= len(LINE) + len(key) + length
            if size < 0 or not afford(prompt, length):
                break
            keys.append((key,))
        if not keys:
            return None
        with self._db:
            self._db.execute("BEGIN")
            number = self._db.execute("INSERT INTO batches DEFAULT VALUES").lastrowid
            self._db.executemany(f"UPDATE requests SET batch = {number} WHERE key = ?", keys)
        return number

    def write(self, number: int, part: Path) -> None:
        """Write the input of a batch into a file."""
        rows = self._db.execute(
            "SELECT key, body FROM requests WHERE batch = ? ORDER BY rowid", (number,)
        )
        with part.open("w", encoding="ascii") as lines:
            lines.writelines(LINE.format(key, body) for key, body in rows)

    def file(self, number: int) -> str | None:
        """The uploaded input file of a batch; None where it was not uploaded yet."""
        found: str | None = self._db.execute(
            "SELECT file FROM batches WHERE number = ?", (number,)
        ).fetchone()[0]
        return found

    def uploaded(self, number: int, file: str) -> None:
        """Keep which file holds a batch's input."""
        self._db.execute("UPDATE batches SET file = ? WHERE number = ?", (file, number))

    def submitted(self, number: int, batch: str) -> None:
        """Keep under which id a batch is under way."""
        self._db.execute("UPDATE batches SET id = ? WHERE number = ?", (batch, number))

    def prompts(self, number: int) -> dict[str, str]:
        """The requests of a batch: key and template."""
        return dict(self._db.execute("SELECT key, prompt FROM requests WHERE batch = ?", (number,)))

    def size(self, key: str) -> int:
        """About how many bytes a request that is out has; 0 for none."""
        row = self._db.execute("SELECT LENGTH(body) FROM requests WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else 0

    def limit(self, key: str) -> int | None:
        """How many tokens a request that is out allows for its reply; None where it sets no
        limit.
        """
        row = self._db.execute("SELECT body FROM requests WHERE key = ?", (key,)).fetchone()
        body = json.loads(row[0]) if row else {}
        limit: int | None = body.get(LENGTH, body.get(OTHER_LENGTH))
        return limit

    def put_back(self, number: int, ended: str) -> None:
        """End a batch that never began; its requests are wanted again."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("UPDATE requests SET batch = ? WHERE batch = ?", (WANTED, number))
            self._db.execute("UPDATE batches SET ended = ? WHERE number = ?", (ended, number))

    def end(
        self,
        number: int,
        ended: str,
        answered: Collection[str],
        failed: Mapping[str, CallFailedError],
    ) -> None:
        """End a batch. What was answered is forgotten here; what failed is counted, the last time
        included.
        """
        counted = [
            (1 if may_pass(failure) else TRIES, failure.kind, error_text(failure), key)
            for key, failure in failed.items()
        ]
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM requests WHERE key = ?", [(key,) for key in answered])
            self._db.execute(
                "UPDATE requests SET batch = NULL, body = '' WHERE batch = ?", (number,)
            )
            self._db.executemany(
                "UPDATE requests SET failures = failures + ?, kind = ?, why = ? WHERE key = ?",
                counted,
            )
            self._db.execute("UPDATE batches SET ended = ? WHERE number = ?", (ended, number))


def batches_under_way(path: Path) -> int:
    """How many batches a run has out, or may have; none where it never sent any."""
    if not path.exists():
        return 0
    outbox = Outbox(path)
    try:
        return outbox.uploads()
    finally:
        outbox.close()
