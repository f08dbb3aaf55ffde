"""Faults of the server's side, over a real socket: tried again, ending the run, or one question's own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from evals.store.rate_limits import RateLimiter
from evals.store.refusals import PROBE_PROMPT
from evals.store.retry import RetryPolicy
from graph.llm.errors import CallFailedError, RunAbortedError, error_code, error_text, fatal_reason
from tests.graph.loopback import LoopbackModels, with_loopback
from tests.server import Fault, Server, error


def quick(deadline: float = 5) -> RetryPolicy:
    return RetryPolicy(deadline=deadline, pause=0.01)


def first(*faults: Fault) -> Callable[[str, dict[str, Any]], Fault]:
    """These faults for the first requests, one each, and then none."""
    left = list(faults)
    return lambda path, body: left.pop(0) if left else None


async def ask(models: LoopbackModels) -> tuple[list[str], int]:
    return await models.ask("one"), models.store.retry_policy.retries


def test_faults_that_pass_are_tried_again(server: Server, tmp_path: Path) -> None:
    statuses = [str(status) for status in (408, 409, 425, 429, 500, 502, 503, 504, 529)]

    def fault(path: str, body: dict[str, Any]) -> Fault:
        status = body["messages"][0]["content"]
        return error(int(status)) if server.prompts.count(status) < 3 else None

    server.fault = fault

    async def work(models: LoopbackModels) -> list[str]:
        return await models.ask(*statuses)

    assert with_loopback(server, tmp_path, work, retry_policy=quick()) == statuses
    assert sorted(server.prompts) == sorted(statuses * 3)


@pytest.mark.parametrize("fault", ["reset", 0.5])
def test_a_broken_or_silent_connection_is_tried_again(fault: Fault, server: Server, tmp_path: Path) -> None:
    server.fault = first(fault)

    said, retries = with_loopback(server, tmp_path, ask, retry_policy=quick(), timeout=0.3)

    assert said == ["ONE"] and retries >= 1


def test_embeddings_are_tried_again_too(server: Server, tmp_path: Path) -> None:
    server.fault = first(error(500), "reset")

    async def work(models: LoopbackModels) -> int:
        return len(await models.embeddings().aembed_documents(["one", "two"]))

    assert with_loopback(server, tmp_path, work, retry_policy=quick()) == 2
    assert len(server.requests) == 3


def gaps(server: Server, *faults: Fault) -> list[float]:
    """Let these faults happen; the seconds between requests are filled in as they come."""
    times: list[float] = []
    between: list[float] = []
    fault = first(*faults)

    def timed(path: str, body: dict[str, Any]) -> Fault:
        now = time.monotonic()
        between.extend([now - times[-1]] if times else [])
        times.append(now)
        return fault(path, body)

    server.fault = timed
    return between


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [("0.6", 0.6, 5), ("Wed, 21 Oct 2026 07:28:00 GMT", 0, 0.5), ("-5", 0, 0.5)],
)
def test_retry_after_is_honoured(retry_after: str, least: float, most: float, server: Server, tmp_path: Path) -> None:
    between = gaps(server, error(429, Retry_After=retry_after))

    assert with_loopback(server, tmp_path, ask, retry_policy=quick())[0] == ["ONE"]
    assert len(between) == 1 and least <= between[0] <= most


def test_pauses_grow(server: Server, tmp_path: Path) -> None:
    between = gaps(server, *(error(500) for _ in range(4)))

    with_loopback(server, tmp_path, ask, retry_policy=RetryPolicy(pause=0.02))

    assert all(gap >= 0.02 * 2**place / 2 for place, gap in enumerate(between)) and len(between) == 4


@pytest.mark.parametrize(
    ("status", "code", "line"),
    [
        (401, "invalid_api_key", "the key was refused"),
        (403, "", "access was refused"),
        (404, "model_not_found", "no such model or address"),
        (402, "", "the account is empty"),
        (429, "insufficient_quota", "the quota is used up"),
        (429, "billing_hard_limit_reached", "the account is empty"),
        (400, "Arrearage", "the account is empty"),
        (403, "insufficient_user_quota", "the quota is used up"),
        (400, "", "the first call was refused"),
    ],
)
def test_a_fault_that_every_call_would_meet_stops_the_run(
    status: int, code: str, line: str, server: Server, tmp_path: Path
) -> None:
    server.fault = lambda path, body: error(status, code)

    with pytest.raises(RunAbortedError) as stopped:
        with_loopback(server, tmp_path, ask, retry_policy=quick())

    assert str(stopped.value).startswith(f"{line} (") and "\n" not in str(stopped.value)
    assert server.prompts == ["one"] if status in (401, 402, 429) else ["one", PROBE_PROMPT]


@pytest.mark.parametrize(
    "words",
    [
        "您的账户已欠费",
        "Your team doesn't have any credits yet",
        "Your account abc was suspended, please check your plan",
        "You reached your API usage limits. You will regain access next month.",
        "Key limit exceeded (total limit)",
    ],
)
def test_an_empty_account_is_known_by_what_is_said(words: str) -> None:
    error = CallFailedError("http_429", words, status_code=429)

    assert fatal_reason(error) == "the account is empty"


@pytest.mark.parametrize(
    "words", ["Rate limit reached, add a payment method in billing to raise it", "Quota exceeded for requests a minute"]
)
def test_a_limit_of_pace_is_no_empty_account(words: str) -> None:
    assert not fatal_reason(CallFailedError("http_429", words, status_code=429))


def test_a_connection_that_was_reset_is_no_timeout() -> None:
    request: Any = None
    wrapped = openai.APITimeoutError(request)
    wrapped.__cause__ = ConnectionResetError(104, "Connection reset by peer")

    assert error_code(wrapped) == "APIConnectionError" and "Connection reset by peer" in error_text(wrapped)
    assert error_code(openai.APITimeoutError(request)) == "APITimeoutError"


def test_after_a_stop_nothing_goes_out_any_more(server: Server, tmp_path: Path) -> None:
    server.fault = first(None, error(402))

    async def work(models: LoopbackModels) -> list[Any]:
        return await asyncio.gather(*(models.ask(str(number)) for number in range(6)), return_exceptions=True)

    outcomes = with_loopback(server, tmp_path, work, rate_limiter=RateLimiter(1), retry_policy=quick())

    assert [type(outcome) for outcome in outcomes] == [list, *[RunAbortedError] * 5]
    assert len({str(outcome) for outcome in outcomes[1:]}) == 1
    assert len(server.requests) == 2


def test_a_refusal_after_a_success_is_one_calls_own(server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, body: error(int(said)) if (said := body["messages"][0]["content"]).isdecimal() else None

    async def work(models: LoopbackModels) -> list[Any]:
        await models.ask("good")
        asked = (models.ask(prompt) for prompt in ("400", "401", "413", "422", "fine"))
        return await asyncio.gather(*asked, return_exceptions=True)

    *failed, fine = with_loopback(server, tmp_path, work, retry_policy=quick())

    assert [type(error) for error in failed] == [CallFailedError] * 4
    assert [error.kind for error in failed] == ["http_400", "http_401", "http_413", "http_422"]
    assert not any("\n" in str(error) for error in failed)
    assert fine == ["FINE"] and server.prompts.count(PROBE_PROMPT) == 4  # once for each kind
    assert len(server.requests) == 6 + 4


def test_a_run_taken_up_again_has_had_its_first_call(server: Server, tmp_path: Path) -> None:
    with_loopback(server, tmp_path, ask, run="mine")
    server.fault = lambda path, body: error(400, "content_filter")

    async def work(models: LoopbackModels) -> list[str]:
        return await models.ask("bad")

    with pytest.raises(CallFailedError):
        with_loopback(server, tmp_path, work, run="mine")
    with pytest.raises(RunAbortedError):
        with_loopback(server, tmp_path, work, run="another")


@pytest.mark.parametrize(
    ("make", "kinds"),
    [
        (lambda: error(500), {"http_500"}),
        (lambda: "reset", {"APIConnectionError", "APITimeoutError", "timeout"}),  # a busy machine may be late
        (lambda: 0.3, {"timeout"}),
    ],
)
def test_a_fault_that_does_not_pass_fails_the_call_at_its_deadline(
    make: Callable[[], Fault], kinds: set[str], server: Server, tmp_path: Path
) -> None:
    server.fault = lambda path, body: make()
    started = time.monotonic()

    with pytest.raises(CallFailedError) as failed:
        with_loopback(server, tmp_path, ask, retry_policy=quick(deadline=0.6), timeout=0.1)

    assert failed.value.kind in kinds
    assert len(server.requests) > 1 and time.monotonic() - started < 3


def test_a_pause_that_would_outlast_the_deadline_is_not_waited_for(server: Server, tmp_path: Path) -> None:
    server.fault = lambda path, body: error(429, Retry_After="60")
    started = time.monotonic()

    with pytest.raises(CallFailedError):
        with_loopback(server, tmp_path, ask, retry_policy=quick(deadline=10))

    assert time.monotonic() - started < 3 and len(server.requests) == 1


def test_to_wait_in_line_takes_nothing_of_the_deadline(server: Server, tmp_path: Path) -> None:
    server.latency = 0.15
    seen: list[str] = []

    def fault(path: str, body: dict[str, Any]) -> Fault:
        seen.append(body["messages"][0]["content"])
        return error(500) if seen.count("last") == 1 and seen[-1] == "last" else None

    server.fault = fault

    async def work(models: LoopbackModels) -> list[str]:
        return await models.ask("1", "2", "3", "4", "last")

    said = with_loopback(server, tmp_path, work, rate_limiter=RateLimiter(1), retry_policy=quick(deadline=0.5))

    assert said == ["1", "2", "3", "4", "LAST"]


def test_a_lost_connection_is_known_also_where_a_client_has_a_name_of_its_own_for_it() -> None:
    class ClientsOwnError(TimeoutError):
        pass

    class OtherError(ValueError):
        pass

    async def make() -> str:
        raise left.pop(0) if left else ZeroDivisionError

    left = [ClientsOwnError(), OtherError()]
    with pytest.raises(CallFailedError) as failed:
        asyncio.run(quick().run(make))

    assert (failed.value.kind, len(left)) == ("OtherError", 0)


def test_whoever_may_not_go_out_is_not_a_failed_call() -> None:
    @asynccontextmanager
    async def closed() -> AsyncIterator[None]:
        raise RunAbortedError("the money is spent")
        yield

    async def make() -> None:
        raise AssertionError("went out")

    with pytest.raises(RunAbortedError, match="the money is spent"):
        asyncio.run(quick().run(make, closed))


def test_an_error_is_told_on_one_line_of_bearable_length() -> None:
    assert error_text(ValueError("a\n  b\tc")) == "a b c"
    assert error_text(ValueError()) == "ValueError"
    assert len(error_text(ValueError("word " * 1000))) == 300


def test_a_key_that_a_server_echoes_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-42")

    assert error_text(ValueError("Incorrect API key sk-canary-42 given")) == "Incorrect API key [OPENAI_API_KEY] given"
