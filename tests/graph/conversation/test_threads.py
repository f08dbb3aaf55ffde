"""Threads live on: in memory while the block lasts, in a file, and in a database."""

import asyncio
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.chat import build
from graph.conversation.threads import ThreadsError, open_threads
from graph.persona.blocking import run_sync
from tests.graph.fakes import PROFILE

ROOT = Path(__file__).parents[3]
CONFIG: Any = {"configurable": {"thread_id": "tea"}}
OTHER_PROCESS = """
import asyncio, json, sys
from graph.chat import build
from graph.conversation.threads import open_threads

async def talk():
    async with open_threads(sys.argv[1]) as saver:
        asked = {"messages": [("user", "And how old are you, in years of age?")]}
        state = await build(saver).ainvoke(asked, {"configurable": {"thread_id": "tea"}})
        print(json.dumps([[message.text for message in state["messages"]], state["counts"]["replies"]]))

asyncio.run(talk())
"""
INSTALLED = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))
POSTGRES = shutil.which("initdb") or next(iter(INSTALLED), None)


async def say(place: str | Path | None, *said: str, **given: Any) -> list[str]:
    """Say these things on one thread that is kept there, each to a graph of its own; what was said is returned."""
    texts: list[str] = []
    async with open_threads(place) as saver:
        for number, text in enumerate(said):
            asked = {"messages": [("user", text)], **(given if number == 0 else {})}
            state = await build(saver).ainvoke(asked, CONFIG)
            texts = [str(message.text) for message in state["messages"]]
    return texts


def test_in_memory_a_thread_goes_on_and_ends_with_the_block() -> None:
    first = run_sync(say(None, "Is family important to you?", "How old are you?", profile=PROFILE))
    second = run_sync(say(None, "How old are you?", profile=PROFILE))

    assert first[1] == "I consider family very important in my life." and len(first) == 4
    assert len(second) == 2


@pytest.mark.parametrize("name", ["tea.sqlite", "tea.db"])
def test_another_process_goes_on_with_the_thread_of_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    here = asyncio.run(say(file, "Is family important to you?", profile=PROFILE))

    there = subprocess.run(
        [sys.executable, "-W", "error", "-c", OTHER_PROCESS, str(file)],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    assert there.stderr == ""
    assert there.stdout.strip() == (
        '[["Is family important to you?", "I consider family very important in my life.", '
        '"And how old are you, in years of age?", "My age in years is 47."], 2]'
    )
    assert len(here) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A directory in which another user may work, too."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def database(home: Path) -> Iterator[str]:
    """The address of a PostgreSQL server of this test's own."""
    if POSTGRES is None:
        pytest.skip("no PostgreSQL here: initdb was not found")
    command: list[str] = []
    if os.geteuid() == 0:  # it refuses to run as root
        if "postgres" not in {user.pw_name for user in pwd.getpwall()}:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        shutil.chown(home, "postgres")
        command = ["runuser", "-u", "postgres", "--"]
    programs, data = Path(POSTGRES).parent, home / "data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = [*command, programs / "pg_ctl", "-D", data, "-w", "-l", home / "log"]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
    subprocess.run(
        [*command, programs / "initdb", "-D", data, "-A", "trust", "-U", "tea", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd=home,
    )  # fmt: skip
    subprocess.run([*started, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd=home)
    yield f"postgresql://tea:secret@127.0.0.1:{port}/postgres"
    subprocess.run([*started, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd=home)


def test_a_thread_goes_on_in_a_database(database: str) -> None:
    asyncio.run(say(database, "Is family important to you?", profile=PROFILE))
    texts = asyncio.run(say(database, "And how old are you, in years of age?"))

    assert len(texts) == 4 and texts[-1] == "My age in years is 47."


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("tea.txt", r"^threads tea.txt: give a file that ends in .sqlite, or an address postgresql://...$"),
        ("/nowhere/tea.sqlite", r"^threads /nowhere/tea.sqlite: No such file or directory$"),
        ("postgresql://tea:secret@127.0.0.1:9/tea", r"^threads in the database: .*refused"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused_in_one_line(place: str, message: str) -> None:
    with pytest.raises(ThreadsError, match=message) as raised:
        asyncio.run(say(place, "Hello."))
    assert "\n" not in str(raised.value) and "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("package", "place", "extra"),
    [
        ("langgraph.checkpoint.sqlite.aio", "tea.sqlite", "sqlite"),
        ("langgraph.checkpoint.postgres.aio", "postgresql://127.0.0.1/tea", "postgres"),
    ],
)
def test_a_missing_package_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, package: str, place: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(ThreadsError, match=rf"pip install -e '\.\[{extra}\]' in the checkout$"):
        asyncio.run(say(place, "Hello."))
