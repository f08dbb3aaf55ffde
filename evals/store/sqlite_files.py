"""Opens our SQLite files, after a check that each is what it should be."""

import sqlite3
from contextlib import closing
from pathlib import Path

from evals.store.store_checks import (
    check_pages,
    check_store_format,
    has_content,
    read_columns,
    read_pragma,
)
from evals.store.store_format import StoreError, StoreFormat, TableSchema

MEMORY = Path(":memory:")
PATIENCE = 30
"""Seconds to wait for another process that is writing."""


def open_store(path: Path, kind: StoreFormat, wal: bool = True) -> sqlite3.Connection:
    """Open a store to write: create it where it is missing, bring it up to date where it is older.

    Raises StoreError for another program's file, a newer version and a damaged file, and changes
    nothing in those.
    """
    if path == MEMORY:
        return _complete_tables(sqlite3.connect(path, isolation_level=None), kind)
    try:
        if has_content(path, kind):
            with closing(_connect(path, "ro", still=True)) as db:
                check_store_format(db, path, kind)
        db = _connect(path, "rwc")
        try:
            check_pages(db, path, kind)
            if wal:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=NORMAL")
            return _complete_tables(db, kind)
        except BaseException:
            db.close()
            raise
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise kind.explain(path, error) from None


def read_store(path: Path, kind: StoreFormat, still: bool = False) -> sqlite3.Connection:
    """Open a store to read only; columns that an older file lacks read as their default.

    With `still`, SQLite leaves no file of its own beside it. Raises StoreError as `open_store`.
    """
    try:
        has_content(path, kind)
        db = _connect(path, "ro", still)
        try:
            check_store_format(db, path, kind)
            check_pages(db, path, kind)
            for table in kind.tables:
                _complete_view(db, table)
            return db
        except BaseException:
            db.close()
            raise
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise kind.explain(path, error) from None


def _connect(path: Path, mode: str, still: bool = False) -> sqlite3.Connection:
    """Connect to a file. With `still`, write nothing beside a file that nobody is writing to."""
    beside = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    in_use = any(file.exists() for file in beside)
    immutable = "&immutable=1" if still and not in_use else ""
    uri = f"{path.absolute().as_uri()}?mode={mode}{immutable}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=PATIENCE)


def _complete_tables(db: sqlite3.Connection, kind: StoreFormat) -> sqlite3.Connection:
    """Create what is missing: tables, columns, indexes, marks; all of it in one transaction."""
    whole = all(read_columns(db, table.name) == set(table.columns) for table in kind.tables)
    marks = read_pragma(db, "application_id"), read_pragma(db, "user_version")
    if whole and marks == (kind.mark, kind.version):
        return db
    for pragma in kind.pragmas:
        db.execute(pragma)
    db.execute("BEGIN IMMEDIATE")
    try:
        for table in kind.tables:
            db.execute(table.create)
            for column in table.columns.keys() - read_columns(db, table.name):
                db.execute(f"ALTER TABLE {table.name} ADD COLUMN {column} {table.columns[column]}")
        for index in kind.indexes:
            db.execute(index)
        db.execute(f"PRAGMA application_id = {kind.mark}")
        db.execute(f"PRAGMA user_version = {kind.version}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    return db


def _complete_view(db: sqlite3.Connection, table: TableSchema) -> None:
    """Let a table of an older file read as if it had all columns."""
    there = read_columns(db, table.name)
    if not there or there == set(table.columns):
        return
    parts = []
    for name in table.columns:
        parts.append(name if name in there else f"{table.default(name)} AS {name}")
    columns = ", ".join(parts)
    db.execute(f"CREATE TEMP VIEW {table.name} AS SELECT {columns} FROM main.{table.name}")
