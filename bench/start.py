"""What it takes until something happens: CPU seconds of each `--help`, and until a first request.

`make bench` runs it; it is a benchmark, never a test. Each figure is the median of three, stands
beside the last one of other code on this machine, and is kept in `bench/results.csv`.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.history import History  # noqa: E402  # beside this file, wherever it is run

TIMES = 3
MODELS = (
    b'{"object": "list", "data": [{"id": "m", "object": "model", "created": 0, "owned_by": "x"}]}'
)


def help_seconds(command: str) -> float:
    """CPU seconds of `valuesim COMMAND --help`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "valuesim", command, "--help"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} --help ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def used_seconds(process: int) -> float:
    """CPU seconds that a process has used so far; Linux alone tells."""
    told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


async def first_request_seconds(graphs: list[str]) -> float:
    """CPU seconds that `valuesim run` has used when its first chat request arrives."""
    arrived: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    running: list[asyncio.subprocess.Process] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if b"/chat/completions" in line:
            if not arrived.done():
                arrived.set_result(used_seconds(running[0].pid))
        elif b"/models" in line:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            writer.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(MODELS) + MODELS)
        else:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n")
            writer.write(b"Connection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", "--model", "openai:m", "--base-url", url, "--data", "synthetic"]
        words += [word for graph in graphs for word in ("--graph", graph)]
        running.append(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "valuesim", *words, "--out", f"{folder}/run"),
                cwd=ROOT,
                env=os.environ | {"OPENAI_API_KEY": "none"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        try:
            return await asyncio.wait_for(arrived, 120)
        finally:
            running[0].kill()
            await running[0].wait()
            server.close()


def main() -> None:
    """Print and keep the figures."""
    from valuesim.cli import COMMANDS

    history = History()
    helps = {
        f"{command} --help, CPU s": median(help_seconds(command) for _ in range(TIMES))
        for command in COMMANDS
    }
    history.show("help", helps)
    until = [asyncio.run(first_request_seconds(["valuesim"])) for _ in range(TIMES)]
    history.show("valuesim, synthetic sample", {"until the first request, CPU s": median(until)})


if __name__ == "__main__":
    main()
