"""Asked from plain code: within running work, after a fork, and until somebody interrupts."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import Field

from graph.persona.blocking import ask, run_sync
from graph.persona.persona import Persona
from graph.settings import Settings
from graph.valuesim import build
from tests.graph.fakes import IMPORTANCE, INPUT, PROFILE, FakeChat
from tests.server import Server

QUESTION, OPTIONS = "Is it better to save?", ["Yes", "No"]


def asked(server: Server, place: str = "By the sea") -> str:
    """The answer of a person who lives there, as plain code asks for it."""
    to = Settings(chat="openai:m", base_url=server.url, embeddings="openai:e", embeddings_base_url=server.url)
    return Persona.from_profile({"Where do you live?": place}, settings=to).ask_sync(QUESTION, OPTIONS).answer


@pytest.fixture
def server(server: Server) -> Server:
    server.answer = lambda prompt: "Answer: 2\nAnalysis: x"
    return server


def test_plain_code_within_running_work_gets_its_answer(server: Server) -> None:
    async def work() -> list[str]:
        return [asked(server), await asyncio.to_thread(asked, server, "Inland")]

    async def deeper() -> list[str]:
        return run_sync(work())

    assert run_sync(work()) == ["No", "No"]
    assert run_sync(deeper()) == ["No", "No"]
    assert asked(server) == "No"


def test_a_graph_is_asked_within_running_work() -> None:
    async def work() -> int | None:
        return ask(build(), INPUT, Settings(chat=FakeChat()))["code"]

    assert run_sync(work()) == 2


def test_work_that_waits_for_threads_that_ask_does_not_wait_for_ever(server: Server) -> None:
    async def work() -> list[str]:
        with ThreadPoolExecutor(3) as threads:
            return list(threads.map(lambda place: asked(server, place), ["A", "B", "C", "D"]))

    assert run_sync(work()) == ["No"] * 4


def test_threads_share_what_one_of_them_was_told() -> None:
    chat = FakeChat(answer=lambda _: "Answer: 1\nAnalysis: x")
    ann = Persona.from_profile(PROFILE, settings=Settings(chat=chat))

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: ann.ask_sync(QUESTION, OPTIONS).answer, range(8)))

    assert found == ["Yes"] * 8 and chat.templates.count("story") == 1


class Interrupted(FakeChat):
    """Interrupts whoever waits for it, as a stop button does, and never answers."""

    ended: list[str] = Field(default_factory=list)

    async def _agenerate(self, *args: Any, run_manager: Any = None, **kwargs: Any) -> Any:
        prompt = run_manager.metadata["prompt"]
        self.calls.append((prompt, ""))
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.append(prompt)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="one thread cannot interrupt another here")
def test_an_interrupt_ends_the_calls_under_way() -> None:
    chat = Interrupted()
    people = [Persona.from_profile(PROFILE, settings=Settings(chat=chat)) for _ in range(5)]

    async def survey() -> None:
        for person in people:
            await person.ask(QUESTION, OPTIONS)

    with pytest.raises(KeyboardInterrupt):
        people[0].ask_sync(QUESTION, OPTIONS)
    assert chat.ended == ["predict/story"]
    with pytest.raises(KeyboardInterrupt):
        run_sync(survey())
    assert chat.ended == ["predict/story"] * 2 and len(chat.calls) == 2
    assert Persona.from_profile(PROFILE).ask_sync(QUESTION, IMPORTANCE).answer


FORKED = """
import multiprocessing, os, sys
from tests.graph.persona.test_blocking import asked
from tests.server import Server

def child(place):
    return os.getpid() != parent and asked(server, place)

if __name__ == "__main__":
    parent, server = os.getpid(), Server(url=sys.argv[1])
    print(asked(server, "home"))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(*pool.map(child, ["A", "B", "C", "D", "E", "F"]))
    print(asked(server, "home"))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_asks_for_itself_and_its_parent_goes_on(server: Server) -> None:
    done = subprocess.run([sys.executable, "-c", FORKED, server.url], capture_output=True, text=True, timeout=120)

    assert (done.stdout.split(), done.returncode) == (["No"] * 8, 0), done.stderr
