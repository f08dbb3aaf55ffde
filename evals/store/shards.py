"""Parts of a call store, one for each worker of a cluster, beside the run; merged into its call
store by the driver.
"""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from evals.store.call_tables import CALL_STORE_FORMAT, load_reply
from evals.store.sqlite_files import open_store
from evals.store.store_format import StoreError, TableSchema

SHARDS = "shards"
SUFFIX = ".sqlite"
SHARD = replace(CALL_STORE_FORMAT, way_out="move it away: what it held is asked again")


def merge_shards(calls: Path, folder: Path) -> None:
    """Put what all shards in a folder hold into a call store, and take the folder away.

    A shard goes only when all of it is in the call store, so this may be cut short and done again.
    Raises sqlite3.Error when a file cannot be used.
    """
    if not folder.is_dir():
        return
    for shard in sorted(folder.glob("*" + SUFFIX)):
        try:
            _merge(calls, shard)
        except StoreError:
            raise
        except sqlite3.Error as error:
            raise type(error)(f"{error}, while taking in {shard}") from error
        for end in ("", "-wal", "-shm"):
            shard.with_name(shard.name + end).unlink(missing_ok=True)
    shutil.rmtree(folder)


def _merge(calls: Path, shard: Path) -> None:
    """Copy what one shard holds and the call store lacks; what does not pass the gate gives way."""
    open_store(shard, SHARD).close()  # a worker that was killed at once left a file without tables
    with closing(open_store(calls, CALL_STORE_FORMAT)) as db:
        db.execute("ATTACH ? AS shard", (str(shard),))
        db.execute("BEGIN IMMEDIATE")
        twice = [
            key
            for (key,) in db.execute(
                "SELECT key FROM calls WHERE key IN (SELECT key FROM shard.calls)"
            )
        ]
        bad = [(key,) for key in twice if load_reply(db, key) is None]
        db.executemany("DELETE FROM calls WHERE key = ?", bad)
        for table in CALL_STORE_FORMAT.tables:
            db.execute(_copy("INSERT OR IGNORE" if table.key else "INSERT", table))
            if not table.key:  # by which a second time would be known
                db.execute(f"DELETE FROM shard.{table.name}")
        db.execute("COMMIT")


def _copy(verb: str, table: TableSchema) -> str:
    """The statement that copies a table of a shard, column by column."""
    return f"{verb} INTO {table.name} ({table.names}) SELECT {table.names} FROM shard.{table.name}"


def mark_folder(folder: Path, job: str) -> None:
    """Make a folder for shards that workers know as the driver's own: a path alone may be another
    machine's.
    """
    folder.mkdir(exist_ok=True)
    (folder / job).touch()


def is_marked(folder: Path, job: str) -> bool:
    """Whether this is the folder that the driver made."""
    return (folder / job).is_file()


def note_begin(folder: Path, task: str, shard: str) -> list[str]:
    """Note that a task begins with this shard; returns the other shards with which it began before
    and did not end.
    """
    note = folder / f"{task}.begun"
    former = note.read_text().split() if note.exists() else []
    with note.open("a") as file:
        file.write(f"{shard}\n")
    return [name for name in dict.fromkeys(former) if name != shard]


def forget_begin(folder: Path, task: str) -> None:
    """Forget where a task began: its rows are in the ledger."""
    (folder / f"{task}.begun").unlink(missing_ok=True)
