"""Embeddings behind the call store: each distinct text is paid for once."""

import asyncio
from pathlib import Path
from typing import Any

from tests.graph.loopback import LoopbackModels, with_loopback
from tests.server import Server


def test_each_distinct_text_is_requested_once(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> Any:
        embeddings = models.embeddings()
        first = await embeddings.aembed_documents(["one", "two", "one"])
        second = await embeddings.aembed_documents(["three", "two"])
        return first, second, await embeddings.aembed_query("three")

    (one, two, again), (three, same), query = with_loopback(server, tmp_path, work)

    assert server.embedded == ["one", "two", "three"]
    assert [*one] == [*again] != [*two] == [*same] and [*three] == [*query]


def test_texts_asked_for_at_the_same_time_are_requested_once(server: Server, tmp_path: Path) -> None:
    server.latency = 0.02

    async def work(models: LoopbackModels) -> None:
        embeddings = models.embeddings()
        await asyncio.gather(*(embeddings.aembed_documents(["one", str(number)]) for number in range(4)))

    with_loopback(server, tmp_path, work)

    assert sorted(server.embedded) == ["0", "1", "2", "3", "one"]


def test_vectors_are_taken_from_disk_by_the_next_run(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> list[list[float]]:
        return [[*vector] for vector in await models.embeddings().aembed_documents(["one", "two"])]

    fresh = with_loopback(server, tmp_path, work)

    assert with_loopback(server, tmp_path, work, run="another") == fresh
    assert len(server.requests) == 1


def test_many_texts_go_out_in_parts_and_come_back_in_order(server: Server, tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(300)]

    async def work(models: LoopbackModels) -> Any:
        embeddings = models.embeddings()
        return await embeddings.aembed_documents(texts), await embeddings.aembed_query("text 299")

    vectors, last = with_loopback(server, tmp_path, work)

    assert server.embedded == texts and len(server.requests) == 2
    assert len(vectors) == 300 and [*vectors[299]] == [*last]


def test_two_models_asked_for_the_same_texts_at_once_both_answer(server: Server, tmp_path: Path) -> None:
    server.latency = 0.02

    async def work(models: LoopbackModels) -> None:
        both = (models.embeddings("e"), models.embeddings("f"))
        await asyncio.gather(*(embeddings.aembed_documents(["one"]) for embeddings in both))

    with_loopback(server, tmp_path, work)

    assert sorted(body["model"] for _, _, body in server.requests) == ["e", "f"]


def test_no_text_makes_no_request(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> Any:
        return await models.embeddings().aembed_documents([])

    assert with_loopback(server, tmp_path, work) == [] and not server.requests
