"""What a model reads at once: told by its server before work starts, or found in what it counted."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from graph.llm.context_window import ContextWindow, CutPrompts, cut_among, is_suspicious, window_of
from tests.evals.asked import agreeing, template_of
from tests.evals.command import Outcome, metrics
from tests.server import Server, serving

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
SHOWN = {"model_info": {"llama.context_length": 131_072}, "parameters": "stop x"}


def at_most(window: int) -> Callable[[str], int]:
    """A server that cuts prompts at its window, and counts what is left."""
    return lambda text: min(len(text) // 4, window)


def test_prompts_that_were_cut_are_counted_and_named_once(asking: Run, server: Server, tmp_path: Path) -> None:
    server.tokens = at_most(2048)
    done = asking("--without", "cab")

    assert done.code == 0
    [line] = [line for line in (done.out + done.err).splitlines() if "window" in line]
    assert "2,048 tokens" in line and "2 prompts" in line  # the two stories; their replies are short
    for told in ("OLLAMA_CONTEXT_LENGTH=", "-c ", "--max-model-len ", "--profile-size"):
        assert told in line
    assert metrics(tmp_path / "run")["truncated_prompts"] == 2


def test_a_run_that_is_taken_up_again_still_says_so(asking: Run, server: Server, tmp_path: Path) -> None:
    server.tokens = at_most(2048)
    asking("--calls", tmp_path / "shared.sqlite", graph="full_info")
    server.requests.clear()

    for out in ("run", "other"):  # its own replies, and those of another run
        again = asking("--calls", tmp_path / "shared.sqlite", graph="full_info", out=out)
        assert "12 prompts" in again.out
        assert metrics(tmp_path / out)["truncated_prompts"] == 12
    assert server.requests == []


@pytest.mark.parametrize("tokens", [lambda text: len(text) // 4, lambda text: len(text) // 7, lambda text: 10])
def test_prompts_that_were_read_whole_are_not_named(
    asking: Run, server: Server, tmp_path: Path, tokens: Callable[[str], int]
) -> None:
    server.tokens = tokens
    done = asking(graph="full_info")

    assert "window" not in done.out + done.err
    assert metrics(tmp_path / "run")["truncated_prompts"] == 0


@pytest.mark.parametrize(
    ("prompts", "found"),
    [
        ([(36_039, 2048)], CutPrompts(1, 36_039, 2048)),
        ([(9_000, 2048)], None),
        ([(9_000, 2048), (10_000, 2048), (14_000, 2048)], CutPrompts(3, 14_000, 2048)),
        ([(9_000, 2048), (9_010, 2048), (9_020, 2048)], None),
        ([(9_000, 2048), (10_000, 2304), (14_000, 3072)], None),
        ([(40_000, 4096), (9_000, 2048)], CutPrompts(1, 40_000, 4096)),
    ],
)
def test_a_cut_shows_in_too_few_tokens_or_in_one_count_for_prompts_of_many_lengths(
    prompts: list[tuple[int, int]], found: CutPrompts | None
) -> None:
    assert all(is_suspicious(*prompt) for prompt in prompts)
    assert cut_among(prompts) == found


def test_short_prompts_and_odd_counts_tell_nothing() -> None:
    assert not is_suspicious(1_900, 100) and not is_suspicious(36_000, 10) and not is_suspicious(9_000, 2_047)


TELLERS: list[tuple[dict[str, Any], dict[str, Any], ContextWindow | None]] = [
    ({"max_model_len": 8192}, {}, ContextWindow(8192, "vLLM", strict=True)),
    ({"context_length": 32_768}, {}, ContextWindow(32_768)),
    (
        {"meta": {"n_ctx_train": 8192}},
        {"/props": {"default_generation_settings": {"n_ctx": 2048}}},
        ContextWindow(2048, "llama.cpp"),
    ),
    ({"meta": {"n_ctx_train": 8192}}, {}, ContextWindow(8192, "llama.cpp")),
    ({}, {"/api/ps": {"models": [{"name": "m:latest", "context_length": 4096}]}}, ContextWindow(4096, "Ollama")),
    ({}, {"/api/show": SHOWN | {"parameters": "stop x\nnum_ctx    3072\n"}}, ContextWindow(3072, "Ollama")),
    ({}, {"/api/show": SHOWN, "/api/generate": {}}, ContextWindow(131_072, "Ollama")),
    ({}, {}, None),
    ({"max_model_len": "many"}, {"/props": {"default_generation_settings": [1]}, "/api/ps": {"models": 3}}, None),
]


@pytest.mark.parametrize(("listed", "tells", "window"), TELLERS)
def test_servers_tell_their_window_each_in_its_way(
    listed: dict[str, Any], tells: dict[str, Any], window: ContextWindow | None
) -> None:
    async def asked(url: str) -> ContextWindow | None:
        async with openai.AsyncOpenAI(api_key="k", base_url=url, max_retries=0) as client:
            return await window_of(client, "m")

    with serving(Server(models=["m", "other"], listed=listed, tells=tells)) as server:
        assert asyncio.run(asked(server.url)) == window


@pytest.mark.parametrize(
    ("listed", "tells", "way"),
    [
        ({"max_model_len": 2048}, {}, "--max-model-len 16384"),
        ({}, {"/props": {"default_generation_settings": {"n_ctx": 2048}}}, "llama-server with -c 16384"),
        (
            {},
            {"/api/ps": {"models": [{"name": "test", "context_length": 2048}]}},
            "OLLAMA_CONTEXT_LENGTH=16384",
        ),
    ],
)
def test_what_cannot_fit_is_refused_before_any_work(
    small: Run, listed: dict[str, Any], tells: dict[str, Any], way: str, tmp_path: Path
) -> None:
    with serving(Server(models=["test"], listed=listed, tells=tells, answer=agreeing)) as server:
        done = small("--model", "openai:test", "--base-url", server.url)

        assert done.code == 2 and not (tmp_path / "run").exists()
        for told in ("2,048 tokens", "story", way, "--profile-size 5"):
            assert told in done.last
        assert server.prompts == []
        size = done.last.rpartition(" ")[2]
        smaller = small("--model", "openai:test", "--base-url", server.url, "--profile-size", size)
        assert smaller.code == 0 and len(server.prompts) > 12


def test_what_may_not_fit_is_asked_with_a_warning(small: Run) -> None:
    with serving(Server(models=["test"], listed={"context_length": 11_000}, answer=agreeing)) as server:
        done = small("--model", "openai:test", "--base-url", server.url)

        assert done.code == 0 and "may need" in done.err
        assert {"story", "cognitive"} <= set(map(template_of, server.prompts))


def test_a_large_window_is_not_spoken_of(small: Run) -> None:
    with serving(Server(models=["test"], listed={"max_model_len": 131_072}, answer=agreeing)) as server:
        done = small("--model", "openai:test", "--base-url", server.url)

        assert done.code == 0 and "window" not in done.err
