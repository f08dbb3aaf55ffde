"""A server for tests of the call store."""

from collections.abc import Iterator

import pytest

from tests.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """Answers every prompt with its own words turned to capitals."""
    with serving(Server(answer=str.upper)) as server:
        yield server
