"""Checks of an SQLite file before it is used: is it ours, is it newer, is it whole."""

import sqlite3
from pathlib import Path

from evals.store.store_format import StoreFormat, TableSchema

HEADER = b"SQLite format 3\0"
HEADER_SIZE = 100
LARGEST_PAGE = 65536
"""Bytes; a header says 1 for it, since the number does not fit."""


def has_content(path: Path, kind: StoreFormat) -> bool:
    """Whether a file exists and is not empty.

    Raises StoreError for what is no SQLite file, and for one cut short: SQLite rounds the size up
    to whole pages and reads what is missing as zeros.
    """
    if not path.exists():
        return False
    size = path.stat().st_size
    if size == 0:
        return False
    with path.open("rb") as file:
        header = file.read(HEADER_SIZE)
    if not header.startswith(HEADER):
        raise kind.refusal(path, f"no {kind.name} but another program's file")
    page = int.from_bytes(header[16:18], "big")
    if page == 1:
        page = LARGEST_PAGE
    if len(header) < HEADER_SIZE or not page or size % page:
        raise kind.refusal(path, f"damaged: this {kind.name} was cut short")
    return True


def check_store_format(db: sqlite3.Connection, path: Path, kind: StoreFormat) -> None:
    """Raise StoreError where a file is another program's or of a newer version."""
    mark, version = read_pragma(db, "application_id"), read_pragma(db, "user_version")
    names = (
        "SELECT name FROM sqlite_schema "
        "WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    )
    there = {name for (name,) in db.execute(names)}
    unmarked = mark == 0
    foreign = unmarked and (version or there - {table.name for table in kind.tables})
    if foreign or mark not in (0, kind.mark):
        raise kind.refusal(path, f"no {kind.name} but another program's file")
    if version > kind.version:
        newer = f"newer than this program's {kind.version}"
        raise kind.refusal(path, f"a {kind.name} of version {version}, {newer}")
    for table in sorted(kind.tables, key=lambda table: table.name):
        if table.name in there:
            _check_columns(db, table, path, kind)


def _check_columns(
    db: sqlite3.Connection, table: TableSchema, path: Path, kind: StoreFormat
) -> None:
    """Raise StoreError where a table lacks its key, or has a column that is not known."""
    columns = read_columns(db, table.name)
    if not columns >= set(table.key):
        raise kind.refusal(path, f"no {kind.name} but another program's file")
    unknown = sorted(columns - table.columns.keys())
    if unknown:
        raise kind.refusal(path, f"a {kind.name} of another version, with a column {unknown[0]}")


def check_pages(db: sqlite3.Connection, path: Path, kind: StoreFormat) -> None:
    """Raise StoreError where a file's pages do not fit together.

    It takes about half a second a gigabyte in memory. SQLite up to 3.40 raises a false alarm in the
    quick check of keys that stand in another order than their columns, so an alarm is confirmed.
    """
    for check in ("quick_check", "integrity_check"):
        found = [line for (line,) in db.execute(f"PRAGMA {check}(1)")]
        if found == ["ok"]:
            return
    words = " ".join(found[0].split())
    raise kind.refusal(path, f"damaged: this {kind.name} is not whole ({words})")


def read_columns(db: sqlite3.Connection, table: str) -> set[str]:
    """The columns of a table; none where there is no such table."""
    return {line[1] for line in db.execute(f"PRAGMA main.table_info({table})")}


def read_pragma(db: sqlite3.Connection, name: str) -> int:
    """A number that the file keeps about itself."""
    [[number]] = db.execute(f"PRAGMA {name}")
    return int(number)
