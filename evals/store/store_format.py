"""The format of our SQLite files: tables, mark and version, and the error for other files."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class StoreError(sqlite3.DatabaseError):
    """A file that cannot be used as a store; one line names the file and the way out."""


@dataclass(frozen=True)
class TableSchema:
    """A table: its columns with their SQL types, and the columns of its primary key.

    Columns that an older file lacks are added with their DEFAULT.
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()

    @property
    def create(self) -> str:
        """The statement that creates the table where it is missing."""
        parts = [f"{name} {sql_type}".strip() for name, sql_type in self.columns.items()]
        ending = ""
        if self.key:
            parts.append(f"PRIMARY KEY ({', '.join(self.key)})")
            ending = " WITHOUT ROWID"
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(parts)}){ending}"

    @property
    def names(self) -> str:
        """The columns, for a statement: files that grew have them in another order."""
        return ", ".join(self.columns)

    def insert(self, verb: str = "INSERT") -> str:
        """The statement that writes one row with a value for every column."""
        values = ",".join("?" * len(self.columns))
        return f"{verb} INTO {self.name} ({self.names}) VALUES ({values})"

    def default(self, column: str) -> str:
        """The SQL value that a column has in the rows of a file that lacks it."""
        return self.columns[column].partition("DEFAULT ")[2] or "NULL"


@dataclass(frozen=True)
class StoreFormat:
    """A kind of store.

    `mark` is its SQLite application id, `way_out` what the user can do about a file that cannot be
    used. `version` counts changes of what columns mean. A new column needs no new version: it is
    added to older files, and an older program refuses a file with columns that it does not know.
    """

    name: str
    mark: int
    tables: tuple[TableSchema, ...]
    way_out: str
    version: int = 1
    pragmas: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()

    def refusal(self, path: Path, why: str) -> StoreError:
        """The error for a file that cannot be used as a store of this kind."""
        return StoreError(f"{path}: {why}; {self.way_out}")

    def explain(self, path: Path, error: sqlite3.Error) -> StoreError:
        """SQLite's error as one line; damage with the way out, a full disk or a lock without it."""
        if isinstance(error, sqlite3.OperationalError):
            return StoreError(f"{path}: cannot be used as a {self.name} ({error})")
        return self.refusal(path, f"damaged: this {self.name} is not whole ({error})")
