"""The call store over a real socket: what is asked, kept, taken again, and counted."""

import asyncio
import json
import math
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evals.store.rate_limits import RateLimiter
from graph.llm.errors import CallFailedError, RunAbortedError
from tests.graph.loopback import LoopbackModels, with_loopback
from tests.server import Server, error


def kept(folder: Path, columns: str = "text") -> list[Any]:
    """What the file holds, seen from outside."""
    with sqlite3.connect(folder / "calls.sqlite") as file:
        rows = file.execute(f"SELECT {columns} FROM calls ORDER BY text").fetchall()
    file.close()
    return [row[0] if len(row) == 1 else row for row in rows]


def test_a_second_run_asks_nothing(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> tuple[list[str], int]:
        return await models.ask("one", "two"), models.store.hits

    assert with_loopback(server, tmp_path, work) == (["ONE", "TWO"], 0)
    server.answer = lambda prompt: "something else"
    assert with_loopback(server, tmp_path, work) == (["ONE", "TWO"], 2)
    assert sorted(server.prompts) == ["one", "two"]


def test_a_hit_is_marked_and_knows_what_it_once_cost(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> list[Any]:
        return [await models.chat().ainvoke("one two three") for _ in range(2)]

    fresh, hit = with_loopback(server, tmp_path, work)

    assert "hit" not in fresh.response_metadata and hit.response_metadata["hit"] is True
    assert hit.response_metadata["model_name"] == "m-served" and hit.response_metadata["finish_reason"] == "stop"
    assert fresh.usage_metadata["input_tokens"] == hit.usage_metadata["input_tokens"] == 3
    assert fresh.text == hit.text == "ONE TWO THREE"


def test_a_reply_is_kept_before_it_is_used(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> list[str]:
        await models.ask("one")
        return kept(tmp_path)

    assert with_loopback(server, tmp_path, work) == ["ONE"]


def test_a_reply_is_kept_with_who_gave_it_and_what_it_cost(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> None:
        await models.ask("one two", name="predict/story")

    with_loopback(server, tmp_path, work, run="mine")

    columns = "run, prompt, text, prompt_tokens, completion_tokens, finish_reason, served_model, system_fingerprint"
    [row] = kept(tmp_path, columns)
    assert row == ("mine", "predict/story", "ONE TWO", 2, 2, "stop", "m-served", "fp_1")


def test_a_reply_that_nobody_waits_for_any_more_is_kept(server: Server, tmp_path: Path) -> None:
    server.latency = 0.1

    async def work(models: LoopbackModels) -> None:
        waiting = asyncio.ensure_future(models.ask("one"))
        while not server.requests:
            await asyncio.sleep(0.01)
        waiting.cancel()
        for _ in range(300):
            if not kept(tmp_path):
                await asyncio.sleep(0.01)

    with_loopback(server, tmp_path, work)

    assert kept(tmp_path) == ["ONE"]


def test_twins_under_way_are_one_request(server: Server, tmp_path: Path) -> None:
    server.latency = 0.05

    async def work(models: LoopbackModels) -> tuple[list[str], int]:
        return await models.ask(*["one"] * 5, "two"), models.store.hits

    assert with_loopback(server, tmp_path, work) == (["ONE"] * 5 + ["TWO"], 4)
    assert sorted(server.prompts) == ["one", "two"]


def test_twins_of_a_call_that_fails_fail_with_it(server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, body: error(400) if "bad" in str(body) else 0.05

    async def work(models: LoopbackModels) -> list[Any]:
        await models.ask("good")
        return await asyncio.gather(models.ask("bad"), models.ask("bad"), return_exceptions=True)

    assert [type(outcome) for outcome in with_loopback(server, tmp_path, work)] == [CallFailedError, CallFailedError]
    assert server.prompts.count("bad") == 1


@pytest.mark.parametrize("concurrency", [1, 3])
def test_never_more_in_flight_than_allowed(concurrency: int, server: Server, tmp_path: Path) -> None:
    server.latency = 0.02

    async def work(models: LoopbackModels) -> None:
        texts = [str(number) for number in range(9)]
        await asyncio.gather(models.ask(*texts), models.embeddings().aembed_documents(texts))

    with_loopback(server, tmp_path, work, rate_limiter=RateLimiter(concurrency))

    assert server.most == concurrency and len(server.requests) == 10


def test_whatever_decides_a_reply_makes_another_call(server: Server, tmp_path: Path) -> None:
    others: list[dict[str, Any]] = [
        {"model": "n"},
        {"temperature": 0.5},
        {"temperature": None},
        {"base_url": "elsewhere"},
        {"draw": 1},
        {"draw": 2},
        {"provider": "vllm"},
    ]

    async def work(models: LoopbackModels) -> int:
        for how in [{}, *others] * 2:
            await models.ask("one", **how)
        await models.ask("two")
        return models.store.hits

    assert with_loopback(server, tmp_path, work) == 1 + len(others)
    assert len(server.requests) == 2 + len(others)


def test_what_decides_no_reply_makes_no_other_call(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> None:
        await models.ask("one", name="predict/direct")
        await models.ask("one", name="predict/story")

    with_loopback(server, tmp_path, work)
    with_loopback(server, tmp_path, work, run="another", rate_limiter=RateLimiter(1), timeout=3)

    assert len(server.requests) == 1


def test_a_failure_is_never_kept(server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, body: error(400) if "two" in str(body) else None

    async def work(models: LoopbackModels) -> list[str]:
        return await models.ask("one") + await models.ask("two")

    with pytest.raises(CallFailedError):
        with_loopback(server, tmp_path, work)
    assert kept(tmp_path) == ["ONE"]

    server.fault = lambda path, body: None
    assert with_loopback(server, tmp_path, work) == ["ONE", "TWO"]


def test_a_story_that_was_cut_off_is_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.finish_reason = "length"

    async def work(models: LoopbackModels) -> int:
        await models.ask("two", name="predict/cognitive")
        await models.ask("one", name="predict/story")
        return models.store.hits

    with pytest.raises(CallFailedError):
        with_loopback(server, tmp_path, work)
    server.finish_reason = "stop"
    assert with_loopback(server, tmp_path, work) == 1
    assert server.prompts == ["two", "one", "one"]
    assert kept(tmp_path, "text, finish_reason") == [("ONE", "stop"), ("TWO", "length")]


def test_a_story_of_a_server_that_does_not_say_how_it_ended_is_kept(server: Server, tmp_path: Path) -> None:
    server.finish_reason = None  # type: ignore[assignment]  # some servers send null

    async def work(models: LoopbackModels) -> int:
        await models.ask("one", name="predict/story")
        return models.store.hits

    assert [with_loopback(server, tmp_path, work) for _ in range(2)] == [0, 1]


def test_usage_is_counted_by_template_and_hits_are_not(server: Server, tmp_path: Path) -> None:
    async def first(models: LoopbackModels) -> Any:
        await models.ask("one two three", name="predict/story")
        await models.ask("one", "two", "one", name="predict/direct")
        return models.store.usage(), models.store.tokens

    async def second(models: LoopbackModels) -> Any:
        await models.ask("one", "three", name="predict/direct")
        return models.store.usage(), models.store.tokens

    def line(calls: int, prompt: int, completion: int) -> dict[str, int]:
        names = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens", "estimated")
        return dict(zip(names, (calls, prompt, 0, completion, 0), strict=True))

    whole = {"predict/direct": line(2, 2, 2), "predict/story": line(1, 3, 3)}
    assert with_loopback(server, tmp_path, first, run="a") == (whole, 10)
    assert with_loopback(server, tmp_path, first, run="a") == (whole, 0)
    assert with_loopback(server, tmp_path, second, run="b") == ({"predict/direct": line(1, 1, 1)}, 2)


ODD = {
    "null": None,
    "text": "none",
    "numbers as text": {"prompt_tokens": "12", "completion_tokens": "3"},
    "lists": {"prompt_tokens": [12], "completion_tokens": [3]},
    "not a number": {"prompt_tokens": math.nan, "completion_tokens": math.nan},
    "infinity": {"prompt_tokens": math.inf, "completion_tokens": math.inf},
    "negative": {"prompt_tokens": -12, "completion_tokens": -3},
    "far too many": {"prompt_tokens": 10**25, "completion_tokens": 10**400},
    "yes": {"prompt_tokens": True, "completion_tokens": True},
    "parts": {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
    "none": {"prompt_tokens": 0, "completion_tokens": 0},
    "odd details": {"prompt_tokens": None, "prompt_tokens_details": [], "completion_tokens_details": "x"},
}


@pytest.mark.parametrize("odd", ODD)
def test_tokens_that_are_not_reported_are_estimated_rather_too_high(server: Server, tmp_path: Path, odd: str) -> None:
    prompt = "How do you find work? " * 20
    server.fault = lambda path, body: replying(server, body, usage=ODD[odd])

    async def work(models: LoopbackModels) -> Any:
        assert await models.ask(prompt) == [prompt.upper()]
        return models.store.usage()["predict/direct"], await models.ask(prompt)

    usage, again = with_loopback(server, tmp_path, work)
    assert usage["estimated"] == 1 and usage["cached_tokens"] == 0 and again == [prompt.upper()]
    assert len(prompt) / 3 < usage["prompt_tokens"] < len(prompt)
    assert len(prompt) / 3 < usage["completion_tokens"] < len(prompt)


def test_more_cached_tokens_than_the_prompt_has_are_not_believed(server: Server, tmp_path: Path) -> None:
    usage = {"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 10**6}}
    server.fault = lambda path, body: replying(server, body, usage=usage)

    async def work(models: LoopbackModels) -> Any:
        await models.ask("one")
        return models.store.usage()["predict/direct"]

    told = {"prompt_tokens": 12, "cached_tokens": 0, "completion_tokens": 3}
    assert with_loopback(server, tmp_path, work) == {"calls": 1, **told, "estimated": 0}


@pytest.mark.parametrize(
    "odd",
    [
        {"model": {"id": "m"}},
        {"model": ["m"]},
        {"system_fingerprint": 7},
        {"model": "m\udcff", "system_fingerprint": {}},
    ],
)
def test_odd_metadata_costs_no_reply_and_is_named_once(
    server: Server, tmp_path: Path, odd: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.fault = lambda path, body: replying(server, body, **odd)

    async def work(models: LoopbackModels) -> list[str]:
        return [*await models.ask("one"), *await models.ask("two")]

    assert with_loopback(server, tmp_path, work) == ["ONE", "TWO"]
    assert len(kept(tmp_path)) == 2
    noted = [record.getMessage() for record in caplog.records if "odd metadata" in record.getMessage()]
    assert len(noted) <= 1 and all("\n" not in line for line in noted)


def replying(server: Server, body: dict[str, Any], **changed: Any) -> web.Response:
    """The server's reply with some of it changed."""
    return web.Response(text=json.dumps(server._chat(body) | changed), content_type="application/json")


def test_a_store_that_cannot_be_written_stops_the_run(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> None:
        with sqlite3.connect(tmp_path / "calls.sqlite") as file:
            file.execute("CREATE TRIGGER full BEFORE INSERT ON calls BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
        file.close()
        await models.ask("one")

    with pytest.raises(RunAbortedError, match=r"^the call store cannot be written \(disk is full\)$"):
        with_loopback(server, tmp_path, work)


def test_the_store_says_that_it_is_asynchronous(server: Server, tmp_path: Path) -> None:
    async def work(models: LoopbackModels) -> None:
        for blocking in (
            lambda: models.chat().invoke("one"),
            lambda: models.embeddings().embed_query("one"),
            lambda: models.embeddings().embed_documents(["one"]),
        ):
            with pytest.raises(NotImplementedError, match="the call store is asynchronous"):
                blocking()

    with_loopback(server, tmp_path, work)
