"""Vectors that a server sends are looked at before they are kept or used."""

import asyncio
import base64
import json
import math
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evals.store.retry import RetryPolicy
from graph.llm.errors import CallFailedError
from graph.llm.factory import embeddings_of
from graph.llm.vectors import BadVectorsError
from graph.retrieval import closest_answers
from graph.settings import Settings
from tests.graph.loopback import LoopbackModels, with_loopback
from tests.server import Fault, Server

TEXTS = ["work", "family", "friends"]
GOOD: list[Any] = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
LAST: dict[str, tuple[Any, str]] = {
    "not a number": ([math.nan, 1.0], "not finite"),
    "infinity": ([math.inf, 1.0], "not finite"),
    "too large": ([1e39, 1.0], "not finite"),
    "zeros": ([0.0, 0.0], "zeros"),
    "so small that it is zero": ([1e-60, 0.0], "zeros"),
    "empty": ([], "empty"),
    "null": (None, "null"),
    "a null inside": ([None, 1.0], "something else than numbers"),
    "text inside": (["1", "2"], "something else than numbers"),
    "yes and no": ([True, False], "something else than numbers"),
    "nested": ([[1.0, 0.0]], "something else"),
    "uneven lists": ([[1.0], [1.0, 2.0]], "different lengths"),
    "another length": ([1.0, 0.0, 0.0], "of 2 numbers and of 3"),
    "broken base64": ("AAA", "base64"),
    "base64 of half a number": (base64.b64encode(b"12345").decode(), "base64"),
    "a number": (7, "something else"),
    "an object": ({"a": 1}, "something else"),
}


def sending(vectors: list[Any], places: list[Any] | None = None) -> Callable[[str, dict[str, Any]], Fault]:
    """A server's fault: these vectors, with these numbers in their order."""
    numbers = range(len(vectors)) if places is None else places
    data = [{"index": place, "embedding": vector} for place, vector in zip(numbers, vectors, strict=True)]
    text = json.dumps({"data": data})
    return lambda path, body: web.Response(text=text, content_type="application/json")


async def embed(models: LoopbackModels) -> list[list[float]]:
    return [[*map(float, row)] for row in await models.embeddings().aembed_documents(TEXTS)]


def failed(server: Server, folder: Path) -> CallFailedError:
    """How a call for the texts fails; nothing of it is kept."""
    with pytest.raises(CallFailedError) as raised:
        with_loopback(server, folder, embed, retry_policy=RetryPolicy(pause=0.01))
    with sqlite3.connect(folder / "calls.sqlite") as db:
        assert db.execute("SELECT COUNT(*) FROM vectors").fetchone() == (0,)
    db.close()
    return raised.value


@pytest.mark.parametrize("fault", LAST)
def test_a_bad_vector_among_good_ones_fails_the_call_and_nothing_is_kept(
    server: Server, tmp_path: Path, fault: str
) -> None:
    vector, why = LAST[fault]
    server.fault = sending([*GOOD[:2], vector])

    found = failed(server, tmp_path)
    assert found.kind == "bad_vectors" and why in str(found)
    server.fault = sending(GOOD)
    assert with_loopback(server, tmp_path, embed) == GOOD


@pytest.mark.parametrize(
    ("vectors", "places"),
    [
        (GOOD[:2], None),
        ([*GOOD, [2.0, 1.0]], None),
        ([[1.0, 2.0]] * 3, None),
        (GOOD, [0, 0, 2]),
        (GOOD, [0, 1, 3]),
        (GOOD, [0, 1, None]),
        (GOOD, ["0", "1", "2"]),
        ([], None),
    ],
)
def test_so_do_too_few_too_many_all_the_same_and_wrongly_numbered(
    server: Server, tmp_path: Path, vectors: list[Any], places: list[Any] | None
) -> None:
    server.fault = sending(vectors, places)

    assert failed(server, tmp_path).kind == "bad_vectors"


@pytest.mark.parametrize("packed", [False, True])
def test_the_numbers_of_the_texts_are_followed(server: Server, tmp_path: Path, packed: bool) -> None:
    sent = [base64.b64encode(struct.pack("<2f", *vector)).decode() if packed else vector for vector in GOOD]
    server.fault = sending([sent[2], sent[0], sent[1]], [2, 0, 1])

    assert with_loopback(server, tmp_path, embed) == GOOD


def test_a_server_that_numbers_nothing_is_taken_in_its_order(server: Server, tmp_path: Path) -> None:
    server.fault = sending(GOOD, [None] * 3)

    assert with_loopback(server, tmp_path, embed) == GOOD


def test_bad_vectors_that_were_kept_are_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.fault = sending(GOOD)
    with_loopback(server, tmp_path, embed)
    with sqlite3.connect(tmp_path / "calls.sqlite") as db:
        db.execute("UPDATE vectors SET vector = ?", (struct.pack("<2f", math.nan, 1),))
    db.close()

    assert with_loopback(server, tmp_path, embed) == GOOD
    assert with_loopback(server, tmp_path, embed) == GOOD and len(server.requests) == 2


def test_large_vectors_have_a_direction_too(server: Server) -> None:
    found = found_by(server, [[3e38, 1e38], [1e38, 3e38], [-3e38, 1e38]], [[3e38, 0.0]])

    assert found == ["work", "family", "friends"]


@pytest.mark.parametrize("vectors", [[*GOOD[:2], [math.nan, 0.0]], GOOD[:2], [[1.0, 2.0]] * 3])
def test_without_a_store_they_are_looked_at_as_well(server: Server, vectors: list[Any]) -> None:
    with pytest.raises(BadVectorsError):
        found_by(server, vectors, [[1.0, 0.0]])


def found_by(server: Server, lines: list[Any], query: list[Any]) -> list[str]:
    """What a search among the texts finds, best first, with these vectors from the server."""

    def fault(path: str, body: dict[str, Any]) -> Fault:
        return sending(query if len(body["input"]) == 1 else lines)(path, body)

    async def work() -> list[str]:
        embeddings = embeddings_of(Settings(embeddings="openai:e", base_url=server.url))
        found = await closest_answers(TEXTS, ["Q1", "Q2", "Q3"], "pay", embeddings, 3)
        return [one["line"] for one in found]

    server.fault = fault
    return asyncio.run(work())
