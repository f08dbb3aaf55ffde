"""The ledger: the rows of one run in SQLite, written as answers come in."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from baselines.method import Row
from evals.harness.plan import Key
from evals.store.sqlite_files import open_store
from evals.store.store_format import StoreFormat, TableSchema

COLUMNS = tuple(field.name for field in fields(Row))
KEY = ("graph", "variant", "respondent", "fold", "item", "draw")
ROWS = TableSchema(
    "rows", {field.name: "DEFAULT ''" if field.type is str else "" for field in fields(Row)}, KEY
)
LEDGER_FORMAT = StoreFormat(
    "ledger",
    0x56534C47,  # VSLG
    (ROWS,),
    "move it away: the same command writes it anew, and asks nothing that the call store holds",
)
ORDER = "graph, variant, model, protocol, respondent, fold, item, draw"

PLACES = ",".join("?" * len(COLUMNS))
INSERT = f"INSERT INTO rows ({ROWS.names}) VALUES ({PLACES}) ON CONFLICT DO NOTHING"


class Ledger:
    """The rows of one run. Raises StoreError, one line, when the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._db = open_store(path, LEDGER_FORMAT)

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._db.close()

    def write(self, row: Row) -> None:
        """Keep a row; the first one written for a key stays."""
        self._db.execute(INSERT, _values(row))

    def write_many(self, rows: Iterable[Row]) -> None:
        """Keep rows, all or none."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany(INSERT, map(_values, rows))

    def done(self) -> set[Key]:
        """Return the keys of all rows: what need not be asked again."""
        return set(self._db.execute(f"SELECT {', '.join(KEY)} FROM rows"))

    def count(self, graphs: Collection[str], failed: bool = True) -> int:
        """Count the rows of these methods, with or without those of failed calls."""
        where = f"graph IN ({','.join('?' * len(graphs))})"
        if not failed:
            where += " AND error = ''"
        [[count]] = self._db.execute(f"SELECT COUNT(*) FROM rows WHERE {where}", tuple(graphs))
        return int(count)

    def done_of(self, graph: str, variant: str, respondent: int, fold: int) -> set[Key]:
        """Return the keys of the rows of one method and one respondent in one fold."""
        asked = (graph, variant, respondent, fold)
        where = "graph = ? AND variant = ? AND respondent = ? AND fold = ?"
        return set(self._db.execute(f"SELECT {', '.join(KEY)} FROM rows WHERE {where}", asked))

    def forget_failed(self) -> int:
        """Delete the rows of failed calls, so that they are asked again; return their number."""
        return self._db.execute("DELETE FROM rows WHERE error != ''").rowcount

    def rows(self) -> Iterator[Row]:
        """Yield all rows, in the order of `predictions.csv`, without their calls.

        Whoever holds all rows of a large run has no room for the calls.
        """
        return self._select(tuple(name for name in COLUMNS if name != "calls"))

    def rows_with_calls(self, graphs: Collection[str]) -> Iterator[Row]:
        """Yield the rows of these graphs, in the same order, with their calls."""
        return self._select(COLUMNS, graphs)

    def _select(self, columns: Sequence[str], graphs: Collection[str] = ()) -> Iterator[Row]:
        """Yield these columns of all rows, or of the rows of these graphs."""
        where = f"WHERE graph IN ({','.join('?' * len(graphs))})" if graphs else ""
        statement = f"SELECT {', '.join(columns)} FROM rows {where} ORDER BY {ORDER}"
        for values in self._db.execute(statement, tuple(graphs)):
            yield _row(dict(zip(columns, values, strict=True)))


def _values(row: Row) -> list[Any]:
    """Return a row as SQLite keeps it, probabilities and calls as JSON."""
    values: list[Any] = [getattr(row, column) for column in COLUMNS]
    for name in ("probabilities", "calls"):
        content = getattr(row, name)
        values[COLUMNS.index(name)] = json.dumps(content) if content else ""
    return values


def _row(values: dict[str, Any]) -> Row:
    """Return a row from what SQLite keeps of it, by column."""
    shares = json.loads(values["probabilities"] or "{}")
    values["probabilities"] = {int(code): share for code, share in shares.items()}
    values["readable"] = bool(values["readable"])
    if "calls" in values:
        values["calls"] = tuple(map(tuple, json.loads(values["calls"] or "[]")))
    return Row(**values)
