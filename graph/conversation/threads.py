"""Keeps the threads of a chat: in memory, in an SQLite file, or in a PostgreSQL database."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver

FILES = (".sqlite", ".sqlite3", ".db")
DATABASES = ("postgresql://", "postgres://")
PRIVATE = 0o600
"""The file's mode: only its owner may read what was said."""


class ThreadsError(ValueError):
    """Threads cannot be kept there; one line says why."""


@asynccontextmanager
async def open_threads(place: str | Path | None = None) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """Open what keeps the threads, for `graph.chat.build`, while the block lasts.

    `place` is None for memory, the name of a file that ends in .sqlite, .sqlite3 or .db, or the
    address of a database (postgresql://...), whose tables are made when they are not there. Raises
    ThreadsError, one line.
    """
    where = "" if place is None else str(place)
    if not where:
        yield InMemorySaver()
    elif where.startswith(DATABASES):
        async with _database(where) as saver:
            yield saver
    elif where.endswith(FILES):
        async with _file(Path(where)) as saver:
            yield saver
    else:
        raise ThreadsError(
            f"threads {where}: give a file that ends in .sqlite, or an address postgresql://..."
        )


@asynccontextmanager
async def _file(path: Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """Threads in an SQLite file."""
    try:
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    except ImportError:
        raise ThreadsError(
            "threads in a file need a further package: pip install -e '.[sqlite]' in the checkout"
        ) from None
    try:
        path.touch(PRIVATE)
    except OSError as error:
        raise ThreadsError(f"threads {path}: {error.strerror}") from None
    async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        await saver.setup()
        yield saver


@asynccontextmanager
async def _database(address: str) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """Threads in a PostgreSQL database; no message shows its address, which may hold a password."""
    try:
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
        from psycopg import OperationalError
    except ImportError:
        raise ThreadsError(
            "threads in a database need a further package: "
            "pip install -e '.[postgres]' in the checkout"
        ) from None
    async with AsyncExitStack() as stack:
        try:
            saver = await stack.enter_async_context(AsyncPostgresSaver.from_conn_string(address))
        except OperationalError as error:
            raise ThreadsError(f"threads in the database: {str(error).splitlines()[0]}") from None
        await saver.setup()
        yield saver
