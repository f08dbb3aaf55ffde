"""SQLite files of ours: each says what it is and of what version, and is looked over before it is
used.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

HEADER = b"SQLite format 3\0"
HEADER_SIZE = 100
MEMORY = Path(":memory:")
PATIENCE = 30
"""Seconds to wait for another process that is writing."""


class StoreError(sqlite3.DatabaseError):
    """A file that cannot be used as the store it should be; one line that names it and the way
    out.
    """


@dataclass(frozen=True)
class TableSchema:
    """A table: its columns with what SQL says of each. Columns that an older file lacks are added
    with the default.
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The statement that makes it, where it is not there."""
        parts = [f"{name} {kind}".strip() for name, kind in self.columns.items()]
        ending = ""
        if self.key:
            parts.append(f"PRIMARY KEY ({', '.join(self.key)})")
            ending = " WITHOUT ROWID"
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(parts)}){ending}"

    @property
    def names(self) -> str:
        """Its columns, for a statement: files that grew have them in another order."""
        return ", ".join(self.columns)

    def default(self, column: str) -> str:
        """What stands in a column that an older file lacks."""
        return self.columns[column].partition("DEFAULT ")[2] or "NULL"


@dataclass(frozen=True)
class StoreFormat:
    """A kind of store. `mark` is its application id, `way_out` what to do about a file that cannot
    be used.

    `version` counts changes of what columns mean. A column more needs no new version: it is added
    to older files, and an older program refuses a file with columns that it does not know.
    """

    name: str
    mark: int
    tables: tuple[TableSchema, ...]
    way_out: str
    version: int = 1
    pragmas: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()

    def refused(self, path: Path, why: str) -> StoreError:
        """The error for a file of this kind."""
        return StoreError(f"{path}: {why}; {self.way_out}")


def open_store(path: Path, kind: StoreFormat, wal: bool = True) -> sqlite3.Connection:
    """Open a store to write, made where it is not there, brought up to date where it is older.

    Raises StoreError for another program's file, a newer version and a damaged file; nothing is
    changed in those.
    """
    if path == MEMORY:
        return _made(sqlite3.connect(path, isolation_level=None), kind)
    try:
        if _content(path, kind):
            with closing(_connected(path, "ro", still=True)) as db:
                _identify(db, path, kind)
        db = _connected(path, "rwc")
        try:
            _check(db, path, kind)
            if wal:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=NORMAL")
            return _made(db, kind)
        except BaseException:
            db.close()
            raise
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise _told(error, path, kind) from None


def read_store(path: Path, kind: StoreFormat, still: bool = False) -> sqlite3.Connection:
    """Open a store to look at it alone; in an older file, columns that it lacks read as their
    default.

    `still`: leave no file of SQLite's beside it. Raises StoreError as `open_store`.
    """
    try:
        _content(path, kind)
        db = _connected(path, "ro", still)
        try:
            _identify(db, path, kind)
            _check(db, path, kind)
            for table in kind.tables:
                _complete_view(db, table)
            return db
        except BaseException:
            db.close()
            raise
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise _told(error, path, kind) from None


def _connected(path: Path, mode: str, still: bool = False) -> sqlite3.Connection:
    """A connection. `still` makes sure that nothing is written beside a file that nobody is writing
    to.
    """
    beside = (path.with_name(path.name + end) for end in ("-wal", "-journal"))
    calm = "&immutable=1" if still and not any(each.exists() for each in beside) else ""
    uri = f"{path.absolute().as_uri()}?mode={mode}{calm}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=PATIENCE)


def _content(path: Path, kind: StoreFormat) -> bool:
    """Whether a file is there and not empty. Raises StoreError for what is no SQLite file, and for
    one cut short.

    SQLite rounds the size of a file up to whole pages and reads what is missing as zeros, so that
    is seen to here.
    """
    if not path.exists() or (size := path.stat().st_size) == 0:
        return False
    with path.open("rb") as file:
        header = file.read(HEADER_SIZE)
    if not header.startswith(HEADER):
        raise kind.refused(path, f"no {kind.name} but another program's file")
    page = int.from_bytes(header[16:18], "big")
    page = 65536 if page == 1 else page
    if len(header) < HEADER_SIZE or not page or size % page:
        raise kind.refused(path, f"damaged: this {kind.name} was cut short")
    return True


def _identify(db: sqlite3.Connection, path: Path, kind: StoreFormat) -> None:
    """Raise StoreError where a file is another program's or of a newer version."""
    mark, version = _pragma(db, "application_id"), _pragma(db, "user_version")
    names = (
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE "
        "'~'"
    )
    there = {name for (name,) in db.execute(names)}
    ours = {table.name: table for table in kind.tables}
    if mark not in (0, kind.mark) or (mark == 0 and (version or there - ours.keys())):
        raise kind.refused(path, f"no {kind.name} but another program's file")
    if version > kind.version:
        raise kind.refused(
            path, f"a {kind.name} of version {version}, newer than this program's {kind.version}"
        )
    for name in sorted(there & ours.keys()):
        columns, wanted = _columns(db, name), ours[name]
        if not columns >= set(wanted.key):
            raise kind.refused(path, f"no {kind.name} but another program's file")
        if unknown := sorted(columns - wanted.columns.keys()):
            raise kind.refused(
                path, f"a {kind.name} of another version, with a column {unknown[0]}"
            )


def _check(db: sqlite3.Connection, path: Path, kind: StoreFormat) -> None:
    """Raise StoreError where a file's pages do not fit together: about half a second a gigabyte in
    memory.

    SQLite up to 3.40 raises a false alarm in the quick check of keys that stand in another order
    than their columns, so that an alarm must be confirmed.
    """
    for check in ("quick_check", "integrity_check"):
        found = [line for (line,) in db.execute(f"PRAGMA {check}(1)")]
        if found == ["ok"]:
            return
    raise kind.refused(
        path, f"damaged: this {kind.name} is not whole ({' '.join(found[0].split())})"
    )


def _made(db: sqlite3.Connection, kind: StoreFormat) -> sqlite3.Connection:
    """Make what is not there yet: tables, columns, marks; all or nothing, whoever else opens the
    file.
    """
    whole = all(_columns(db, table.name) == set(table.columns) for table in kind.tables)
    if whole and (_pragma(db, "application_id"), _pragma(db, "user_version")) == (
        kind.mark,
        kind.version,
    ):
        return db
    for pragma in kind.pragmas:
        db.execute(pragma)
    db.execute("BEGIN IMMEDIATE")
    try:
        for table in kind.tables:
            db.execute(table.sql)
            for column in table.columns.keys() - _columns(db, table.name):
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
    there = _columns(db, table.name)
    if there and there != set(table.columns):
        parts = [
            name if name in there else f"{table.default(name)} AS {name}" for name in table.columns
        ]
        view = f"CREATE TEMP VIEW {table.name} AS SELECT {', '.join(parts)} FROM main.{table.name}"
        db.execute(view)


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    """The columns of a table; none where there is no such table."""
    return {line[1] for line in db.execute(f"PRAGMA main.table_info({table})")}


def _pragma(db: sqlite3.Connection, name: str) -> int:
    """A number that the file keeps."""
    [[number]] = db.execute(f"PRAGMA {name}")
    return int(number)


def _told(error: sqlite3.Error, path: Path, kind: StoreFormat) -> StoreError:
    """What to say of an error of SQLite's: damage has a way out; a full disk or a lock is told as
    it is.
    """
    if isinstance(error, sqlite3.OperationalError):
        return StoreError(f"{path}: cannot be used as a {kind.name} ({error})")
    return kind.refused(path, f"damaged: this {kind.name} is not whole ({error})")
