"""A model from a name: where it is asked, with which key, and one line where that cannot be."""

import asyncio
from typing import Any

import pytest

from graph.llm.addresses import is_openai_compatible
from graph.llm.factory import Endpoint, ModelError, chat_model, chat_of, embedding_model, embeddings_of
from graph.llm.offline import OfflineChatModel, OfflineEmbeddings
from graph.settings import Settings
from tests.graph.fakes import FakeChat, Words

KEY = "sk-very-secret"
OPENAI = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("name", "base_url", "environment", "address", "model"),
    [
        ("openai:gpt-4o-mini", None, None, OPENAI, "gpt-4o-mini"),
        ("openai:gpt-4o-mini", "http://here/v1", None, "http://here/v1", "gpt-4o-mini"),
        ("openai:gpt-4o-mini", None, "http://there/v1", "http://there/v1", "gpt-4o-mini"),
        ("openai:gpt-4o-mini", "http://here/v1", "http://there/v1", "http://here/v1", "gpt-4o-mini"),
        ("ollama:llama3.1:8b", None, None, "http://localhost:11434/v1", "llama3.1:8b"),
        ("ollama:llama3.1:8b", None, "http://there/v1", "http://localhost:11434/v1", "llama3.1:8b"),
        ("ollama:llama3.1", "http://here/v1", None, "http://here/v1", "llama3.1"),
        ("vllm:meta/Llama-3.1", None, None, "http://localhost:8000/v1", "meta/Llama-3.1"),
    ],
)
def test_names_lead_to_an_address_and_a_model(
    name: str,
    base_url: str | None,
    environment: str | None,
    address: str,
    model: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    if environment:
        monkeypatch.setenv("OPENAI_BASE_URL", environment)

    chat: Any = chat_model(name, base_url)
    embeddings: Any = embedding_model(name, base_url)

    assert (chat.openai_api_base, chat.model_name) == (address, model)
    assert (str(embeddings.client.base_url), embeddings.model) == (f"{address}/", model)
    assert chat.openai_api_key.get_secret_value() == KEY


def test_the_client_itself_never_tries_again_and_has_the_given_limits() -> None:
    chat: Any = chat_model("vllm:m", temperature=0.3, timeout=7)
    embeddings: Any = embedding_model("vllm:m", timeout=7)

    assert (chat.max_retries, chat.temperature, chat.request_timeout) == (0, 0.3, 7)
    assert (embeddings.client.max_retries, embeddings.timeout) == (0, 7)


def test_a_temperature_of_none_is_not_sent() -> None:
    chat: Any = chat_model("vllm:m", temperature=None)

    assert "temperature" not in chat._get_request_payload("Hello?")
    assert chat_model("vllm:m")._get_request_payload("Hello?")["temperature"] == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("make", [chat_model, embedding_model])
def test_a_missing_key_is_told_in_one_line(make: Any) -> None:
    with pytest.raises(
        ModelError, match=r"^model openai:gpt-4o-mini: no key; set OPENAI_\w*KEY, or give the address .*$"
    ):
        make("openai:gpt-4o-mini")


def test_a_local_server_needs_no_key() -> None:
    assert Endpoint.of("vllm:m", None, "chat").key == Endpoint.of("openai:m", "http://h/v1", "chat").key != ""


def test_embeddings_have_a_key_of_their_own_and_else_share_that_of_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "for-chat")
    assert Endpoint.of("openai:e", None, "embeddings").key == "for-chat"

    monkeypatch.setenv("OPENAI_EMBEDDINGS_API_KEY", "for-embeddings")
    place = Endpoint.of("openai:e", None, "embeddings")
    assert (place.key, place.key_variable) == ("for-embeddings", "OPENAI_EMBEDDINGS_API_KEY")
    assert Endpoint.of("openai:m", None, "chat").key == "for-chat"


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    chat, embeddings = chat_model("openai:m"), embedding_model("openai:m")
    settings = Settings(chat=chat, embeddings=embeddings)

    for thing in (Endpoint.of("openai:m", None, "chat"), chat, embeddings, settings):
        assert KEY not in repr(thing) and KEY not in str(thing)


@pytest.mark.parametrize("name", ["openai", "openai:", "ollama:", "vllm"])
def test_a_name_without_a_model_is_told_in_one_line(name: str) -> None:
    with pytest.raises(ModelError, match=f"^model '{name}': no name after the provider, such as openai:gpt-4o-mini$"):
        chat_model(name)


@pytest.mark.parametrize("name", ["nobody:m", "gpt", "", "OfflineChatModel"])
def test_an_unknown_provider_is_told_in_one_line(name: str) -> None:
    with pytest.raises(ModelError) as raised:
        chat_model(name)
    assert str(raised.value).startswith(f"model {name}: ") and "\n" not in str(raised.value)

    with pytest.raises(ModelError) as raised:
        embedding_model(name)
    assert str(raised.value) == f"embeddings {name!r}: known are offline, openai:NAME, ollama:NAME and vllm:NAME"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gpt-4o-mini", "openai:gpt-4o-mini"),
        ("o3-mini", "openai:o3-mini"),
        ("claude-3-5-haiku", "anthropic:claude-3-5-haiku"),
        ("llama3.1:8b", "ollama:llama3.1:8b"),
        ("meta-llama/Llama-3.1-8B-Instruct", "vllm:meta-llama/Llama-3.1-8B-Instruct"),
        ("OpenAI:gpt-4o", "openai:gpt-4o"),
        ("opena:gpt-4o", "openai:gpt-4o"),
        ("Offline", "offline"),
        ("ofline", "offline"),
        ("SmolLM2", "smollm2"),
        ("models/any.gguf", "gguf:models/any.gguf"),
    ],
)
def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(name: str, meant: str) -> None:
    with pytest.raises(ModelError) as raised:
        chat_model(name)
    assert str(raised.value) == f"model {name}: did you mean {meant}?"


def test_embeddings_without_their_provider_are_answered_with_it() -> None:
    with pytest.raises(ModelError, match=r"^embeddings 'text-embedding-3-small': did you mean openai:text-emb"):
        embedding_model("text-embedding-3-small")


def test_offline_is_a_name_like_any_other() -> None:
    assert isinstance(chat_model("offline"), OfflineChatModel)
    assert isinstance(embedding_model("offline"), OfflineEmbeddings)
    assert (
        not is_openai_compatible("offline")
        and is_openai_compatible("openai:m")
        and is_openai_compatible("vllm:m")
        and is_openai_compatible("ollama:m")
    )


def test_settings_take_a_name_or_an_object() -> None:
    async def found(settings: Settings) -> tuple[object, object, object]:
        return chat_of(settings), chat_of(settings, coordinator=True), embeddings_of(settings)

    chat, other, words = FakeChat(), FakeChat(), Words("tea")
    assert asyncio.run(found(Settings(chat=chat, embeddings=words))) == (chat, chat, words)
    assert asyncio.run(found(Settings(chat=chat, coordinator=other, embeddings=words)))[1] is other
    named = asyncio.run(found(Settings(chat=chat, coordinator="offline")))
    assert named[0] is chat and isinstance(named[1], OfflineChatModel) and isinstance(named[2], OfflineEmbeddings)


def test_a_model_is_made_once_for_each_loop_and_each_way_to_ask_it() -> None:
    async def twice(**settings: Any) -> list[object]:
        return [chat_of(Settings(**settings)), chat_of(Settings(**settings))]

    first, again = asyncio.run(twice(chat="vllm:m"))
    elsewhere, _ = asyncio.run(twice(chat="vllm:m"))
    assert first is again and first is not elsewhere

    async def ways() -> int:
        settings = ({}, {"temperature": 1}, {"base_url": "http://h/v1"}, {"chat": "vllm:n"}, {})
        return len({id(chat_of(Settings(**{"chat": "vllm:m"} | how))) for how in settings})  # type: ignore[arg-type]

    assert asyncio.run(ways()) == 4
