"""The server in processes of its own, as `make studio` starts it: one open to this machine, two that are guarded."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import SAFETY, wait_until

ROOT = Path(__file__).parents[3]
KEYS = ("key-of-ada", "key-of-ben")


@dataclass
class Studio:
    """One running server: where it listens, and what it has said."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    @property
    def said(self) -> str:
        """Everything it has written so far, without colours."""
        return re.sub(r"\x1b\[\d+m", "", self.log.read_text(encoding="utf-8", errors="replace"))

    def wait(self) -> "Studio":
        """Wait until it answers."""
        wait_until(lambda: self.process.poll() is not None or self._answers())
        assert self.process.poll() is None, self.said
        return self

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/ok", timeout=SAFETY):
                return True
        except OSError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop, and return how it ended; what it may have left behind is ended, too."""
        self.process.send_signal(how)
        try:
            return self.process.wait(timeout=SAFETY)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def environment(**more: str) -> dict[str, str]:
    """What a process is given: this checkout, people who never lived, no accounts and no keys from outside."""
    barred = ("OPENAI_", "LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_", "VALUESIM_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(barred)}
    return kept | {"PYTHONPATH": str(ROOT), "VALUESIM_DATA": "synthetic", "VALUESIM_MODEL": "offline"} | more


def free_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(folder: Path, *arguments: str, **more: str) -> Studio:
    """Start a server in this directory, where it keeps its threads; it need not answer yet."""
    port = free_port()
    folder.mkdir()
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "graph.serve.studio", "--port", str(port), *arguments],
            env=environment(**more),
            cwd=folder,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    return Studio(process, f"http://127.0.0.1:{port}", log)


def example(schema: Mapping[str, Any], only_required: bool = True) -> dict[str, Any]:
    """The input that a schema shows as its example."""
    names = schema["required"] if only_required else schema["properties"]
    return {name: schema["properties"][name]["examples"][0] for name in names}


ARGUMENTS: Mapping[str, tuple[list[str], dict[str, str]]] = {
    "open": ([], {}),
    "guarded": (["--guard"], {"VALUESIM_KEYS": ", ".join(KEYS)}),
    "outside": (["--host", "0.0.0.0"], {}),
}


@pytest.fixture(scope="session")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Studio]]:
    """Start one of the servers, once. Each takes seconds: start all that you need, then wait for the first."""
    if not find_spec("langgraph_api"):
        pytest.skip("the server is not installed: pip install -e '.[studio]'")
    folder = tmp_path_factory.mktemp("studios")
    running: dict[str, Studio] = {}

    def begin(name: str) -> Studio:
        if name not in running:
            arguments, variables = ARGUMENTS[name]
            running[name] = start(folder / name, *arguments, **variables)
        return running[name]

    try:
        yield begin
    finally:
        for studio in running.values():
            if studio.process.poll() is None:
                studio.stop()


@pytest.fixture(scope="session")
def studio(begin: Callable[[str], Studio]) -> Studio:
    """Without a guard, for this machine alone."""
    return begin("open").wait()


@pytest.fixture(scope="session")
def guarded(begin: Callable[[str], Studio]) -> Studio:
    """With two keys."""
    return begin("guarded").wait()
