"""Shards of a call store: a file for each worker of a cluster, merged into the store at the end."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from evals.store.call_tables import CALL_STORE_FORMAT, load_reply
from evals.store.sqlite_files import open_store
from evals.store.store_format import StoreError, TableSchema

SHARDS = "shards"
"""The name of the folder, beside the other files of a run."""
SUFFIX = ".sqlite"
SHARD_FORMAT = replace(CALL_STORE_FORMAT, way_out="move it away: what it held is asked again")


def merge_shards(calls: Path, folder: Path) -> None:
    """Copy all shards in a folder into the call store at `calls`, and delete the folder.

    Deletes a shard only when all of it is in the call store, so this may be interrupted and done
    again. Raises sqlite3.Error when a file cannot be used.
    """
    if not folder.is_dir():
        return
    for shard in sorted(folder.glob("*" + SUFFIX)):
        try:
            _merge_shard(calls, shard)
        except StoreError:
            raise
        except sqlite3.Error as error:
            raise type(error)(f"{error}, while taking in {shard}") from error
        for end in ("", "-wal", "-shm"):
            shard.with_name(shard.name + end).unlink(missing_ok=True)
    shutil.rmtree(folder)


def _merge_shard(calls: Path, shard: Path) -> None:
    """Copy the rows of one shard that the call store lacks, or of which it has unusable replies."""
    open_store(shard, SHARD_FORMAT).close()  # a worker killed at its start left no tables
    with closing(open_store(calls, CALL_STORE_FORMAT)) as db:
        db.execute("ATTACH ? AS shard", (str(shard),))
        db.execute("BEGIN IMMEDIATE")
        in_both = db.execute("SELECT key FROM calls WHERE key IN (SELECT key FROM shard.calls)")
        unusable = [row for row in in_both.fetchall() if load_reply(db, row[0]) is None]
        db.executemany("DELETE FROM calls WHERE key = ?", unusable)
        for table in CALL_STORE_FORMAT.tables:
            if table.key:
                db.execute(_copy_statement("INSERT OR IGNORE", table))
            else:  # without a key, a second merge would count its rows twice
                db.execute(_copy_statement("INSERT", table))
                db.execute(f"DELETE FROM shard.{table.name}")
        db.execute("COMMIT")


def _copy_statement(verb: str, table: TableSchema) -> str:
    """The statement that copies a table of a shard, column by column."""
    return f"{verb} INTO {table.name} ({table.names}) SELECT {table.names} FROM shard.{table.name}"


def mark_folder(folder: Path, job: str) -> None:
    """Create the folder for shards, with a file that marks it as the driver's own.

    Workers cannot tell by the path alone, which may be another folder on their machine.
    """
    folder.mkdir(exist_ok=True)
    (folder / job).touch()


def is_marked(folder: Path, job: str) -> bool:
    """Whether this is the folder that the driver of this job created."""
    return (folder / job).is_file()


def note_start(folder: Path, task: str, shard: str) -> list[str]:
    """Note that a task starts with this shard.

    Returns the other shards with which the task started before and did not end.
    """
    note = _start_note(folder, task)
    former = note.read_text().split() if note.exists() else []
    with note.open("a") as file:
        file.write(f"{shard}\n")
    return [name for name in dict.fromkeys(former) if name != shard]


def forget_start(folder: Path, task: str) -> None:
    """Forget where a task started: its rows are in the ledger."""
    _start_note(folder, task).unlink(missing_ok=True)


def _start_note(folder: Path, task: str) -> Path:
    """The file that notes with which shards a task started."""
    return folder / f"{task}.begun"
