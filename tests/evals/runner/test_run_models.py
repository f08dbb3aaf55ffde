"""Models that cannot be asked are told before any work starts, in one line, and leave nothing behind."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.store.refusals import PROBE_PROMPT
from tests.evals.command import Outcome
from tests.server import Server, error, serving

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]


def nothing_written(tmp_path: Path) -> bool:
    return not (tmp_path / "run").exists() and not (tmp_path / "runs").exists()


def test_a_missing_key_is_told_before_work_starts(small: Run, tmp_path: Path) -> None:
    told = small("--model", "openai:gpt-4o-mini").refused()

    assert "no key; set OPENAI_API_KEY" in told
    assert nothing_written(tmp_path)


def test_a_missing_key_for_embeddings_is_told_before_work_starts(small: Run, server: Server, tmp_path: Path) -> None:
    told = small("--model", "ollama:m", "--embeddings", "openai:e", graph="valuesim,rag").refused()

    assert "openai:e: no key; set OPENAI_EMBEDDINGS_API_KEY" in told
    assert nothing_written(tmp_path) and server.prompts == []


def test_embeddings_go_to_the_server_that_was_named(
    asking: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")

    assert asking("--embeddings", "openai:e", graph="rag").code == 0
    assert {body["model"] for path, _, body in server.requests if path.endswith("/embeddings")} == {"e"}


@pytest.mark.parametrize("model", ["anthropic:claude", "google_genai:gemini"])
def test_beside_another_provider_rag_searches_offline_and_says_so(
    small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    said = f"no embeddings of {model.partition(':')[0]} are known; --embeddings names others"

    for graph, noted in (("full_info,rag", True), ("full_info", False)):
        done = small("--model", model, "--dry-run", graph=graph)
        assert done.code == 0 and (said in done.err) == noted, done.err
    assert said not in small("--model", model, "--dry-run", "--embeddings", "offline", graph="rag").err
    for graph in ("rag", "full_info"):  # the provider's package is what lacks, and no key of OpenAI's
        told = small("--model", model, graph=graph).refused()
        assert f"model {model}: " in told and "OPENAI" not in told and "embeddings" not in told
    assert nothing_written(tmp_path)


def test_embeddings_that_nobody_uses_need_no_key(asking: Run) -> None:
    assert asking("--embeddings", "openai:e", graph="full_info").code == 0


@pytest.mark.parametrize("name", ["openai:", "ollama:", "vllm:"])
def test_a_model_without_a_name_is_refused(small: Run, tmp_path: Path, name: str) -> None:
    assert f"model '{name}'" in small("--model", name).refused()
    assert nothing_written(tmp_path)


@pytest.mark.parametrize("name", ["gpt-4o", "nobody:model", ":", ""])
def test_a_provider_that_is_not_known_is_refused(small: Run, tmp_path: Path, name: str) -> None:
    assert f"model {name}" in small("--model", name).refused()
    assert nothing_written(tmp_path)


def test_a_name_without_its_provider_is_answered_with_the_name_that_is_meant(small: Run, tmp_path: Path) -> None:
    for flags, meant in (
        (["--model", "gpt-4o-mini"], "openai:gpt-4o-mini"),
        (["--model", "gpt-4o-mini", "--dry-run"], "openai:gpt-4o-mini"),
        (["--model", "openai:gpt-4o-mini", "--coordinator", "llama3.1:8b"], "ollama:llama3.1:8b"),
        (["--embeddings", "text-embedding-3-small"], "openai:text-embedding-3-small"),
    ):
        assert small(*flags, graph="valuesim,rag").refused().endswith(f"did you mean {meant}?\n")
    assert nothing_written(tmp_path)


def test_embeddings_of_an_unknown_provider_are_refused(small: Run, tmp_path: Path) -> None:
    assert "embeddings 'nobody:e'" in small("--embeddings", "nobody:e", graph="rag").refused()
    assert nothing_written(tmp_path)


def test_an_address_where_nothing_answers_is_told(small: Run, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    told = small("--model", "openai:m", "--base-url", url).refused()

    assert f"nothing answers at {url}" in told and "--base-url" in told
    assert nothing_written(tmp_path)


@pytest.mark.parametrize(
    "url", ["localhost:8000", "nonsense", "http://", "ftp://127.0.0.1/v1", "http://a:8o/v1", "http://a b"]
)
def test_an_address_that_is_none_is_told(small: Run, tmp_path: Path, url: str) -> None:
    assert url in small("--model", "openai:m", "--base-url", url).refused()
    assert nothing_written(tmp_path)


def test_an_address_for_embeddings_where_nothing_answers_is_told(asking: Run, server: Server, tmp_path: Path) -> None:
    told = asking("--embeddings-base-url", "http://127.0.0.1:9/v1", graph="rag").refused()

    assert "nothing answers at http://127.0.0.1:9/v1" in told and "--embeddings-base-url" in told
    assert nothing_written(tmp_path) and server.prompts == []


def test_a_refused_key_is_told(asking: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong")
    server.key = "sk-right"

    told = asking().refused()
    assert f"{server.url} refused the key: check OPENAI_API_KEY" in told and "sk-" not in told
    assert nothing_written(tmp_path)


def test_a_refused_key_for_embeddings_is_told_with_its_variable(
    asking: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_EMBEDDINGS_API_KEY", "sk-wrong")
    with serving(Server(key="sk-right")) as other:
        told = asking("--embeddings-base-url", other.url, graph="rag").refused()

    assert "check OPENAI_EMBEDDINGS_API_KEY" in told
    assert nothing_written(tmp_path)


def test_a_model_that_the_server_does_not_know_is_told(asking: Run, server: Server, tmp_path: Path) -> None:
    server.models = ["llama-3", "qwen-2.5"]

    told = asking().refused()
    assert "knows no model 'test'" in told and "llama-3, qwen-2.5" in told
    assert nothing_written(tmp_path)


def test_embeddings_that_the_server_does_not_know_are_told(asking: Run, server: Server, tmp_path: Path) -> None:
    server.models = ["test"]

    assert "knows no model 'text-embedding-ada-002'" in asking(graph="rag").refused()
    assert nothing_written(tmp_path)


def test_a_model_that_is_served_without_being_listed_is_asked(asking: Run, server: Server, tmp_path: Path) -> None:
    server.models, server.unlisted = ["another"], ("test", "text-embedding-ada-002")

    assert asking(graph="full_info,rag").code == 0


def test_a_listed_model_is_asked_without_a_trial(asking: Run, server: Server) -> None:
    server.models = ["test"]
    assert asking().code == 0

    assert len(server.prompts) == 38


def test_a_server_without_a_list_is_taken_at_its_word(asking: Run, server: Server) -> None:
    server.models = None

    assert asking().code == 0


def test_a_server_without_a_list_that_knows_no_such_model_stops_the_run(
    asking: Run, server: Server, tmp_path: Path
) -> None:
    server.fault = lambda path, body: error(404, "model_not_found")

    done = asking()
    assert (done.code, done.out) == (2, "")
    assert "no such model or address" in done.last
    stories = [prompt for prompt in server.prompts if prompt != PROBE_PROMPT]
    assert len(stories) == 2 and len(server.prompts) <= 4  # a tiny prompt tells that all are refused


def test_floors_ask_no_server(small: Run, server: Server) -> None:
    assert small("--model", "openai:m", "--base-url", "http://127.0.0.1:9/v1", graph="chance").code == 0
