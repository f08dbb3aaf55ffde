"""Stores: what is opened, what is brought up to date, and what is refused in one line."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage

from evals.store.call_store import CallStore
from evals.store.call_tables import CALL_STORE_FORMAT, CALLS_TABLE
from evals.store.sqlite_files import open_store, read_store
from evals.store.store_format import StoreError, StoreFormat, TableSchema

THINGS = StoreFormat(
    "list of things", 77, (TableSchema("things", {"name": "TEXT", "size": "INTEGER"}, ("name",)),), "move it away"
)
GROWN = StoreFormat(
    "list of things",
    77,
    (TableSchema("things", {"name": "TEXT", "colour": "TEXT DEFAULT 'grey'", "size": "INTEGER"}, ("name",)),),
    "move it away",
)


def write(path: Path, *statements: str) -> None:
    """An SQLite file made by hand."""
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def filled(path: Path, many: int) -> None:
    """A call store with so many replies, closed."""
    with closing(CallStore(path, "run")) as store:
        for number in range(many):
            store.keep(f"key {number}", "predict/direct", AIMessage(f"Answer: {number}" * 9), 0.1)


def test_a_store_is_marked_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    filled(path, 1)
    filled(path, 2)

    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (CALL_STORE_FORMAT.mark,)
        assert db.execute("PRAGMA user_version").fetchone() == (CALL_STORE_FORMAT.version,)
        assert db.execute("SELECT COUNT(*) FROM calls").fetchone() == (2,)


def test_a_file_from_before_versions_is_taken_up_and_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"
    write(path, "CREATE TABLE things (size INTEGER, name TEXT PRIMARY KEY)", "INSERT INTO things VALUES (3, 'bell')")

    with closing(read_store(path, GROWN)) as db:
        assert db.execute("SELECT name, colour, size FROM things").fetchall() == [("bell", "grey", 3)]
    with closing(open_store(path, GROWN)) as db:
        db.execute("INSERT INTO things (name, colour) VALUES ('cup', 'red')")
        assert db.execute("SELECT name, colour, size FROM things").fetchall() == [
            ("bell", "grey", 3),
            ("cup", "red", None),
        ]
        assert db.execute("PRAGMA application_id").fetchone() == (77,)


def newer(path: Path) -> None:
    filled(path, 3)
    write(path, f"PRAGMA user_version = {CALL_STORE_FORMAT.version + 1}")


def wider(path: Path) -> None:
    filled(path, 3)
    write(path, "ALTER TABLE calls ADD COLUMN mood TEXT")


def cut(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        filled(path, 300)
        path.write_bytes(path.read_bytes()[:-size])

    return make


def holed(path: Path) -> None:
    filled(path, 300)
    content = bytearray(path.read_bytes())
    content[8192:12288] = bytes(4096)
    path.write_bytes(content)


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "text": (lambda path: path.write_text("name;size\n" * 900) and None, "another program's file"),
    "another database": (lambda path: write(path, "CREATE TABLE moz_places (id)"), "another program's file"),
    "another's mark": (lambda path: write(path, "PRAGMA application_id = 5"), "another program's file"),
    "another's table of the name": (lambda path: write(path, "CREATE TABLE calls (who, when_)"), "another program's"),
    "another store of ours": (lambda path: open_store(path, THINGS).close(), "another program's file"),
    "newer": (
        newer,
        f"of version {CALL_STORE_FORMAT.version + 1}, newer than this program's {CALL_STORE_FORMAT.version}",
    ),
    "wider": (wider, "of another version, with a column mood"),
    "cut by 1,000 bytes": (cut(1000), "damaged: this call store was cut short"),
    "cut by two pages": (cut(8192), "damaged: this call store is not whole"),
    "cut to its header": (lambda path: (filled(path, 3), path.write_bytes(path.read_bytes()[:50]))[0], "cut short"),
    "a page of zeros": (holed, "damaged: this call store is not whole"),
}


@pytest.fixture(params=BAD)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A file that is no call store of ours, or none that can be used, and what is to be said of it."""
    make, said = BAD[request.param]
    path = tmp_path / "calls.sqlite"
    make(path)
    yield path, said


def test_what_cannot_be_used_is_refused_in_one_line_and_stays_as_it_is(bad: tuple[Path, str], tmp_path: Path) -> None:
    path, said = bad
    before = path.read_bytes()
    for use in (CallStore, lambda path: CallStore(tmp_path / "other.sqlite").read_also(path)):
        with pytest.raises(StoreError) as refused:
            use(path)

        line = str(refused.value)
        assert line.startswith(f"{path}: ") and said in line and "\n" not in line
        assert line.endswith("move it away, or name another with --calls: what it held is asked again")
    assert path.read_bytes() == before


def test_a_place_where_nothing_can_be_written_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"absent.calls\.sqlite: cannot be used as a call store \(unable to open"):
        CallStore(tmp_path / "absent" / "calls.sqlite")


def test_every_column_of_calls_is_written(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    message = AIMessage(
        "said",
        response_metadata={"finish_reason": "stop", "model_name": "m", "system_fingerprint": "f"},
        usage_metadata={
            "input_tokens": 5,
            "output_tokens": 2,
            "total_tokens": 7,
            "input_token_details": {"cache_read": 3},
        },
    )
    older = ", ".join(reversed([f"{name} {kind}" for name, kind in CALLS_TABLE.columns.items() if name != "key"]))
    write(path, f"CREATE TABLE calls ({older}, key TEXT PRIMARY KEY)")
    with closing(CallStore(path, "run")) as store:
        store.keep("k", "predict/direct", message, 0.5)
        row = dict(
            zip(
                CALLS_TABLE.columns, store._db.execute(f"SELECT {CALLS_TABLE.names} FROM calls").fetchone(), strict=True
            )
        )

    assert row.pop("at") > 0
    assert {name: value for name, value in row.items() if value is not None} == {
        "key": "k",
        "prompt": "predict/direct",
        "run": "run",
        "text": "said",
        "prompt_tokens": 5,
        "completion_tokens": 2,
        "cached_tokens": 3,
        "finish_reason": "stop",
        "served_model": "m",
        "system_fingerprint": "f",
        "seconds": 0.5,
    }
