"""The ledger: the rows of one run in SQLite, written as answers come in."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from baselines.answer_frame import ANSWER_COLUMNS, Shares, answer_frame, frame_of_columns
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

    def answers(self, graphs: Collection[str]) -> pd.DataFrame:
        """Return the rows of these graphs as an answer frame, in the order of `predictions.csv`."""
        where = f"graph IN ({','.join('?' * len(graphs))})"
        statement = f"SELECT {', '.join(ANSWER_COLUMNS)} FROM rows WHERE {where} ORDER BY {ORDER}"
        values = self._db.execute(statement, tuple(graphs)).fetchall()
        if not values:
            return answer_frame(())
        columns: dict[str, Any] = dict(zip(ANSWER_COLUMNS, zip(*values, strict=True), strict=True))
        return frame_of_columns(columns, Shares.of_texts(columns.pop("probabilities")))

    def rows_with_calls(self, graphs: Collection[str]) -> Iterator[Row]:
        """Yield the rows of these graphs, in the order of `predictions.csv`, with their calls."""
        where = f"graph IN ({','.join('?' * len(graphs))})"
        statement = f"SELECT {', '.join(COLUMNS)} FROM rows WHERE {where} ORDER BY {ORDER}"
        for values in self._db.execute(statement, tuple(graphs)):
            yield _row(dict(zip(COLUMNS, values, strict=True)))


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
    values["calls"] = tuple(map(tuple, json.loads(values["calls"] or "[]")))
    return Row(**values)
