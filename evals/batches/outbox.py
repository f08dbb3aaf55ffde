"""The outbox: requests on their way through a Batch API, kept in SQLite at every step."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from evals.batches.outbox_tables import OUTBOX_FORMAT, WANTED
from evals.store.sqlite_files import open_store
from graph.llm.errors import CallFailedError, error_text, is_retryable
from graph.request_parameters import LENGTH, OTHER_LENGTH

TRIES = 3
"""A request that failed so often is not submitted again."""

ENDPOINT: Final = "/v1/chat/completions"
LINE = '{{"custom_id":"{}","method":"POST","url":"' + ENDPOINT + '","body":{}}}\n'
"""One request in the input file of a batch, by its cache key and its body."""


class Outbox:
    """The requests of one run that go out in batches; each step is on disk before the next one.

    Raises StoreError, one line, when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._db = open_store(path, OUTBOX_FORMAT, wal=False)

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write everything in this block or, where it raises, nothing of it."""
        with self._db:
            self._db.execute("BEGIN")
            yield

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Take requests in this block: all of them, or none where it raises.

        Drops requests of batches that were never uploaded, since they may have been answered in
        the meantime.
        """
        with self._transaction():
            self._db.execute("DELETE FROM batches WHERE file IS NULL")
            self._db.execute(
                "UPDATE requests SET batch = NULL WHERE batch NOT IN (SELECT number FROM batches)"
            )
            yield

    def put(self, key: str, template: str, body: Mapping[str, Any]) -> None:
        """Take a request, unless it is submitted already.

        Raises CallFailedError when it has failed for good.
        """
        row = self._db.execute(
            "SELECT batch, failures, kind, why FROM requests WHERE key = ?", (key,)
        ).fetchone()
        batch, failures, error_code, why = row or (None, 0, "", "")
        if failures >= TRIES:
            raise CallFailedError(error_code, why)
        if batch is None:
            self._db.execute(
                "INSERT INTO requests (key, prompt, body, batch) VALUES (?,?,?,?) "
                "ON CONFLICT DO UPDATE SET body = excluded.body, batch = excluded.batch",
                (key, template, json.dumps(body), WANTED),
            )

    def forget_failed(self) -> None:
        """Forget which requests have failed for good, so that they are submitted again."""
        self._db.execute("DELETE FROM requests WHERE failures >= ?", (TRIES,))

    def has_requests(self) -> bool:
        """Whether any request is submitted, or still to be."""
        query = "SELECT 1 FROM requests WHERE batch IS NOT NULL"
        return self._db.execute(query).fetchone() is not None

    def running_batches(self) -> dict[int, str]:
        """The provider's ids of the batches that are under way, by our number."""
        query = "SELECT number, id FROM batches WHERE id IS NOT NULL AND ended IS NULL"
        return dict(self._db.execute(query))

    def count_uploaded(self) -> int:
        """How many batches were uploaded and have not ended."""
        [[count]] = self._db.execute(
            "SELECT COUNT(*) FROM batches WHERE file IS NOT NULL AND ended IS NULL"
        )
        return int(count)

    def submitted_sizes(self) -> Iterator[tuple[str, int]]:
        """Template and characters of each request that is submitted."""
        yield from self._db.execute(
            "SELECT prompt, LENGTH(body) FROM requests WHERE batch > ?", (WANTED,)
        )

    def fill_batch(
        self, most_requests: int, most_bytes: int, afford: Callable[[str, int], bool]
    ) -> int | None:
        """Put wanted requests into a new batch and return its number; None where there are none.

        The batch has at most `most_requests` and about `most_bytes`. It ends before the first
        request, of a template and so many characters, that one cannot `afford`. A batch that a
        killed process has uploaded, and perhaps submitted, goes first.
        """
        left = self._db.execute(
            "SELECT number FROM batches WHERE id IS NULL AND ended IS NULL"
        ).fetchone()
        if left:
            return int(left[0])
        keys = self._select_wanted(most_requests, most_bytes, afford)
        if not keys:
            return None
        with self._transaction():
            number = self._db.execute("INSERT INTO batches DEFAULT VALUES").lastrowid
            self._db.executemany(f"UPDATE requests SET batch = {number} WHERE key = ?", keys)
        return number

    def _select_wanted(
        self, most_requests: int, most_bytes: int, afford: Callable[[str, int], bool]
    ) -> list[tuple[str]]:
        """The keys of the first wanted requests that fit into one batch."""
        keys: list[tuple[str]] = []
        wanted = self._db.execute(
            "SELECT key, prompt, LENGTH(body) FROM requests WHERE batch = ? ORDER BY rowid LIMIT ?",
            (WANTED, most_requests),
        )
        for key, template, length in wanted:
            most_bytes -= len(LINE) + len(key) + length
            if most_bytes < 0 or not afford(template, length):
                break
            keys.append((key,))
        return keys

    def write_batch(self, number: int, path: Path) -> None:
        """Write the requests of a batch into a file, one line of JSON each."""
        rows = self._db.execute(
            "SELECT key, body FROM requests WHERE batch = ? ORDER BY rowid", (number,)
        )
        with path.open("w", encoding="ascii") as file:
            file.writelines(LINE.format(key, body) for key, body in rows)

    def input_file(self, number: int) -> str | None:
        """The provider's id of a batch's input file; None where it is not uploaded yet."""
        found: str | None = self._db.execute(
            "SELECT file FROM batches WHERE number = ?", (number,)
        ).fetchone()[0]
        return found

    def note_upload(self, number: int, file: str) -> None:
        """Keep the provider's id of a batch's input file."""
        self._db.execute("UPDATE batches SET file = ? WHERE number = ?", (file, number))

    def note_submission(self, number: int, batch: str) -> None:
        """Keep the provider's id of a batch."""
        self._db.execute("UPDATE batches SET id = ? WHERE number = ?", (batch, number))

    def templates(self, number: int) -> dict[str, str]:
        """The templates of a batch's requests, by cache key."""
        return dict(self._db.execute("SELECT key, prompt FROM requests WHERE batch = ?", (number,)))

    def request_size(self, key: str) -> int:
        """About how many bytes a submitted request has; 0 where there is none."""
        row = self._db.execute("SELECT LENGTH(body) FROM requests WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else 0

    def reply_limit(self, key: str) -> int | None:
        """How many tokens a submitted request allows for its reply; None where it sets no limit."""
        row = self._db.execute("SELECT body FROM requests WHERE key = ?", (key,)).fetchone()
        body = json.loads(row[0]) if row else {}
        limit: int | None = body.get(LENGTH, body.get(OTHER_LENGTH))
        return limit

    def requeue(self, number: int, ended: str) -> None:
        """End a batch that never began, with this status; its requests are wanted again."""
        with self._transaction():
            self._db.execute("UPDATE requests SET batch = ? WHERE batch = ?", (WANTED, number))
            self._db.execute("UPDATE batches SET ended = ? WHERE number = ?", (ended, number))

    def finish(
        self,
        number: int,
        ended: str,
        answered: Collection[str],
        failed: Mapping[str, CallFailedError],
    ) -> None:
        """End a batch with this status: forget what is answered, count what failed, by cache key.

        A failure that cannot pass counts as the last one.
        """
        counted = [
            (1 if is_retryable(failure) else TRIES, failure.kind, error_text(failure), key)
            for key, failure in failed.items()
        ]
        with self._transaction():
            self._db.executemany("DELETE FROM requests WHERE key = ?", [(key,) for key in answered])
            self._db.execute(
                "UPDATE requests SET batch = NULL, body = '' WHERE batch = ?", (number,)
            )
            self._db.executemany(
                "UPDATE requests SET failures = failures + ?, kind = ?, why = ? WHERE key = ?",
                counted,
            )
            self._db.execute("UPDATE batches SET ended = ? WHERE number = ?", (ended, number))


def count_batches_under_way(path: Path) -> int:
    """How many batches a run has out, or may have; 0 where it never sent any."""
    if not path.exists():
        return 0
    outbox = Outbox(path)
    try:
        return outbox.count_uploaded()
    finally:
        outbox.close()
