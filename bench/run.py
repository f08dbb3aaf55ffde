"""What the harness costs: `evals.run` beside a bare `openai.AsyncOpenAI` loop that sends the same
prompts, on loopback.

`make bench` runs it; it is a benchmark, never a test. For each latency and concurrency the whole
command runs with few and with more respondents; CPU per call is the slope between the two, so that
start-up stands apart. The bare loop sends the very bodies that the server recorded, with the openai
package's default transport. Each figure stands beside the last one of other code on this machine,
and is kept in `bench/results.csv`.
"""

import argparse
import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from aiohttp import web

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.history import History  # noqa: E402  # beside this file, wherever it is run


class LoopbackServer:
    """A chat server that answers after `latency` seconds and keeps the bodies that it receives."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._bodies: list[bytes] = []

    async def chat(self, request: "web.Request") -> "web.Response":
        """Answer a chat request.

        Perspectives differ now and then, so that the coordinator speaks. Each story differs, and so
        does each prompt made of it.
        """
        from aiohttp import web

        raw = await request.read()
        self._bodies.append(raw)
        await asyncio.sleep(self._latency)
        code, mark = 1 + len(raw) % 2, hashlib.sha256(raw).hexdigest()
        text = f"Answer: {code}\nAnalysis: as the profile says, {mark}. "
        message = {"role": "assistant", "content": text + "You live as you said. " * 20}
        usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
        reply = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "usage": usage}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return web.json_response(reply | {"choices": [choice]})

    async def models(self, request: "web.Request") -> "web.Response":
        """List the one model."""
        from aiohttp import web

        model = {"id": "m", "object": "model", "created": 0, "owned_by": "us"}
        return web.json_response({"object": "list", "data": [model]})

    async def take(self, request: "web.Request") -> "web.Response":
        """Return the bodies received so far, one a line, and forget them."""
        from aiohttp import web

        taken = b"\n".join(self._bodies)
        self._bodies.clear()
        return web.Response(body=taken)

    async def run(self) -> None:
        """Serve for ever on a free port, which is printed."""
        from aiohttp import web

        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_get("/v1/models", self.models)
        app.router.add_get("/take", self.take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()


def bare(url: str, bodies: Path, concurrency: int) -> None:
    """Send the bodies with the openai package alone."""
    import openai

    async def main() -> None:
        client = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0)
        slots = asyncio.Semaphore(concurrency)

        async def send(body: dict[str, Any]) -> None:
            async with slots:
                await client.chat.completions.create(**body)

        lines = bodies.read_text().splitlines()
        await asyncio.gather(*(send(json.loads(line)) for line in lines))

    asyncio.run(main())


Figures = dict[str, float]


def measure(command: list[str]) -> Figures:
    """Run a command; its CPU seconds, wall seconds and peak memory in MB."""
    started, key = time.perf_counter(), {"OPENAI_API_KEY": "none"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet, env=os.environ | key)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[2:5]} ended with {process.returncode}")
    cpu, wall = used.ru_utime + used.ru_stime, time.perf_counter() - started
    return {"cpu": cpu, "wall": wall, "memory": used.ru_maxrss / 1024}


Both = tuple[int, Figures, Figures]


def measure_both(port: int, concurrency: int, respondents: int, graphs: list[str]) -> Both:
    """The whole command and the bare loop on the same prompts: calls, and the figures of both."""
    url = f"http://127.0.0.1:{port}/v1"
    with tempfile.TemporaryDirectory() as folder:
        flags = [word for graph in graphs for word in ("--graph", graph)]
        flags += ["--model", "openai:m", "--base-url", url, "--embeddings", "offline"]
        flags += ["--data", "synthetic", "--out", f"{folder}/run"]
        size = ["--respondents", str(respondents), "--concurrency", str(concurrency)]
        whole = measure([sys.executable, "-m", "evals.run", *flags, *size])
        bodies = Path(folder, "bodies")
        with urlopen(f"http://127.0.0.1:{port}/take") as answer:
            bodies.write_bytes(answer.read())
        calls = len(bodies.read_text().splitlines())
        loop = measure([sys.executable, __file__, "--bare", url, str(bodies), str(concurrency)])
        urlopen(f"http://127.0.0.1:{port}/take").close()
    return calls, whole, loop


def figures_of(latency: float, concurrency: int, few: Both, more: Both) -> Figures:
    """The figures of one setting; CPU per call is the slope between few and more respondents."""
    calls = more[0] - few[0]
    whole, plain = ((more[part]["cpu"] - few[part]["cpu"]) / calls * 1000 for part in (1, 2))
    speed = [more[0] / more[part]["wall"] for part in (1, 2)]
    found = {
        "calls": float(more[0]),
        "CPU of a call, ms": whole,
        "CPU of the bare client, ms": plain,
        "against the bare client": whole / plain,
        "calls a second": speed[0],
        "calls a second, bare client": speed[1],
    }
    if latency:
        found["% of what latency allows"] = speed[0] * latency / concurrency * 100
    return found | {
        "peak MB, few people": few[1]["memory"],
        "peak MB, more people": more[1]["memory"],
        "CPU beside the calls, s": few[1]["cpu"] - whole * few[0] / 1000,
    }


def main() -> None:
    """Print and keep the figures of each latency and concurrency."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--latency", type=float, nargs="+", default=[0, 0.05, 0.5], help="seconds")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[16, 64, 256])
    parser.add_argument("--respondents", type=int, nargs=2, default=[10, 40], help="few and more")
    parser.add_argument("--graph", action="append", default=None)
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--bare", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        return asyncio.run(LoopbackServer(given.serve).run())
    if given.bare:
        return bare(given.bare[0], Path(given.bare[1]), int(given.bare[2]))
    graphs, history = given.graph or ["valuesim"], History()
    for latency in given.latency:
        command = [sys.executable, __file__, "--serve", str(latency)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout
        port = int(server.stdout.readline())
        try:
            for concurrency in given.concurrency:
                few, more = (
                    measure_both(port, concurrency, many, graphs) for many in given.respondents
                )
                people = "/".join(map(str, given.respondents))
                setting = f"{'+'.join(graphs)}, {people} people, {latency * 1000:.0f} ms"
                figures = figures_of(latency, concurrency, few, more)
                history.show(f"{setting}, {concurrency} in flight", figures)
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
