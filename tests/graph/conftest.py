"""No keys and no addresses from outside; a server for each test that wants one."""

import os
from collections.abc import Iterator

import pytest

from tests.graph.conversation.chatting import Talk, person
from tests.server import Server, serving


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("OPENAI_", "LANGSMITH_", "LANGCHAIN_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[Server]:
    """Answers every prompt with its own words turned to capitals."""
    with serving(Server(answer=str.upper)) as server:
        yield server


@pytest.fixture
def talk() -> Iterator[Talk]:
    """A conversation with the chat graph, whose model says what the test says it does."""
    with serving(Server(answer=person())) as server:
        yield Talk(server)
