"""Shards of a call store, and how they come together."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from langchain_core.messages import AIMessage

from evals.store import shards
from evals.store.call_store import CallStore
from graph.llm.reply_check import STORY


def keep(path: Path, **said: str) -> None:
    """A store with these replies by key; a word in capitals was cut off, and kept before replies were checked."""
    with closing(CallStore(path, "run")) as store:
        for key, text in said.items():
            store.keep(key, STORY, AIMessage(text), 0.1)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE calls SET finish_reason = 'length' WHERE text = UPPER(text)")


def held(path: Path, *keys: str) -> list[str | None]:
    with closing(CallStore(path)) as store:
        replies = [store.get_reply(key) for key in keys]
    return [str(reply.text) if reply else None for reply in replies]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shards.mark_folder(tmp_path / "shards", "job")
    return tmp_path / "shards"


def test_a_call_store_takes_in_every_shard_and_the_folder_goes(tmp_path: Path, folder: Path) -> None:
    keep(tmp_path / "calls.sqlite", a="first", b="CUT")
    keep(folder / "1.sqlite", a="second", b="whole", c="third")
    keep(folder / "2.sqlite", c="THIRD", d="fourth")
    with closing(CallStore(folder / "3.sqlite", "run")) as store:
        store.keep_vectors({"v": np.ones(2, dtype=np.float32)}, 7)
    shards.merge_shards(tmp_path / "calls.sqlite", folder)

    assert held(tmp_path / "calls.sqlite", *"abcde") == ["first", "whole", "third", "fourth", None]
    with closing(CallStore(tmp_path / "calls.sqlite", "run")) as store:
        assert list(store.find_vectors(["v"])) == ["v"] and store.embedding_usage() == (1, 7)
    assert not folder.exists()
    shards.merge_shards(tmp_path / "calls.sqlite", folder)


def test_a_shard_of_which_nothing_was_written_yet_is_no_hindrance(tmp_path: Path, folder: Path) -> None:
    (folder / "1.sqlite").touch()
    keep(folder / "2.sqlite", a="said")
    shards.merge_shards(tmp_path / "calls.sqlite", folder)

    assert held(tmp_path / "calls.sqlite", "a") == ["said"]


def test_a_shard_that_cannot_be_read_is_named_and_stays(tmp_path: Path, folder: Path) -> None:
    (folder / "1.sqlite").write_text("no database at all, whatever its name may say" * 20)
    with pytest.raises(
        sqlite3.DatabaseError, match=r"1\.sqlite: no call store but another program's file; move it away"
    ):
        shards.merge_shards(tmp_path / "calls.sqlite", folder)

    assert (folder / "1.sqlite").exists()


def test_a_store_looks_in_others_and_writes_to_itself_alone(tmp_path: Path) -> None:
    keep(tmp_path / "other.sqlite", a="there", b="CUT")
    with closing(CallStore(tmp_path / "own.sqlite")) as store:
        store.read_also(tmp_path / "other.sqlite")
        assert (reply := store.get_reply("a")) and reply.text == "there" and store.hits == 1
        assert store.get_reply("b") is None
        store.keep("b", STORY, AIMessage("here"), 0.1)
        assert (reply := store.get_reply("b")) and reply.text == "here"

    assert held(tmp_path / "own.sqlite", "a", "b") == [None, "here"]
    assert held(tmp_path / "other.sqlite", "b") == [None]


def test_a_task_knows_where_it_started_before(folder: Path) -> None:
    assert shards.note_start(folder, "7-1", "a") == []
    assert shards.note_start(folder, "7-1", "b") == ["a"]
    assert shards.note_start(folder, "7-1", "b") == ["a"]
    assert shards.note_start(folder, "8-1", "b") == []
    shards.forget_start(folder, "7-1")
    assert shards.note_start(folder, "7-1", "c") == []


def test_a_path_that_is_another_machines_is_known_as_such(folder: Path, tmp_path: Path) -> None:
    assert shards.is_marked(folder, "job")
    assert not shards.is_marked(folder, "another") and not shards.is_marked(tmp_path / "elsewhere", "job")
