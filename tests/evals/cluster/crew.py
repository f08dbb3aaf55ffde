"""A Dask scheduler and workers, each a process of its own, started with Dask's own commands."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Client

from tests.evals.command import ROOT
from tests.waiting import wait_until

KEY = "the-workers-own-key"


class Crew:
    """A scheduler, known by its file, and workers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", self.file, "--no-dashboard")
        self.workers: list[subprocess.Popen[bytes]] = []

    def fill(self, count: int = 2) -> None:
        """See that so many workers are there."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        wait_until(self.file.is_file)
        missing = range(count - len(self.workers))
        self.workers += [
            self._start("worker", "--scheduler-file", self.file, "--nthreads", "8", "--no-nanny", "--no-dashboard")
            for _ in missing
        ]
        wait_until(lambda: all("Registered to" in self._log(worker.pid).read_text() for worker in self.workers))

    def tries(self, deaths: int) -> None:
        """Let the scheduler try a task elsewhere so many times when its worker dies."""

        asyncio.run(self._with_client(lambda client: client.run_on_scheduler(_allow, deaths)))

    def idle(self) -> bool:
        """Whether the scheduler knows of no task, and no worker has one."""
        here = asyncio.run(self._with_client(lambda client: client.run_on_scheduler(_known)))
        there = asyncio.run(self._with_client(lambda client: client.run(_held)))
        return not here and not any(there.values())

    async def _with_client(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        """What is worked out with a client that ends with it."""
        async with Client(scheduler_file=str(self.file), asynchronous=True, set_as_default=False) as client:
            return await work(client)

    def said(self) -> str:
        """Everything that scheduler and workers wrote."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def end(self) -> None:
        """Kill what runs."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(self, name: str, *arguments: object) -> subprocess.Popen[bytes]:
        """One of Dask's commands; what it writes goes to a file by the number of its process."""
        log = self.folder / name
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{name}", "--host", "127.0.0.1", *map(str, arguments)],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": KEY},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        log.rename(self._log(process.pid))
        return process

    def _log(self, pid: int) -> Path:
        return self.folder / f"{pid}.log"


def _allow(deaths: int, dask_scheduler: Any) -> None:
    dask_scheduler.allowed_failures = deaths


def _known(dask_scheduler: Any) -> int:
    return len(dask_scheduler.tasks)


def _held(dask_worker: Any) -> int:
    return len(dask_worker.state.tasks)


@contextmanager
def crew(folder: Path) -> Iterator[Crew]:
    """A scheduler while the block lasts, without workers at first."""
    made = Crew(folder)
    try:
        yield made
    finally:
        made.end()
