"""A model's server that holds replies until a test lets them go, and the page before it, in a process of its own."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tests.evals.asked import WORDS
from tests.graph.serve.conftest import environment
from tests.server import Server


@dataclass
class Held(Server):
    """A server whose replies to the templates in `held` wait until they are taken out of it."""

    held: set[str] = field(default_factory=set)

    async def _post(self, request: web.Request) -> web.Response:
        prompt = (await request.json())["messages"][-1]["content"]
        while called(prompt) in self.held:
            await asyncio.sleep(0.01)
        return await super()._post(request)


def called(prompt: str) -> str:
    """The predict template that a prompt was made from; "talk" for every other prompt, which only the chat has."""
    return next((name for name, words in WORDS.items() if all(text in prompt for text in words)), "talk")


def plain(prompt: str) -> str:
    """A story, views that differ, and a coordinator that decides; a sentence of its own in the chat."""
    name = called(prompt)
    if name == "story":
        return "You were born by the sea.\n\nYou still go there."
    if name == "talk":
        return "I love the sea."
    return f"Answer: {1 if name == 'affective' else 2}\nAnalysis: as the {name} one sees it."


@dataclass
class Page:
    """A page that runs: its address, its process, and what it said at the start."""

    url: str
    process: subprocess.Popen[str]
    said: str


@contextmanager
def page(place: Path, *flags: object, **more: str) -> Iterator[Page]:
    """`graph.serve.page`, started in this directory on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "graph.serve.page", "--port", "0", *map(str, flags)],
        env=environment(**more),
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline() + process.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found, process.communicate()
        yield Page(found[0], process, said)
    finally:
        process.kill()
        process.communicate()
