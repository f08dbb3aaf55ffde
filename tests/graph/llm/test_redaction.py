"""What servers say is shown without secrets."""

import pytest

from graph.llm.redaction import redact, shorten


@pytest.mark.parametrize(
    "text",
    [
        "cannot reach http://anna:canary42@host/v1",
        "Authorization: Bearer canary42",
        "{'authorization': 'Basic canary42'}",
        "bearer canary42 is not known",
        "http://host/v1?api_key=canary42&x=1",
        "http://host/v1?key=canary42",
        '"api-key": "canary42"',
    ],
)
def test_a_secret_is_hidden_wherever_it_stands(text: str) -> None:
    assert "canary42" not in redact(text) and "[hidden]" in redact(text)


def test_secrets_of_the_environment_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "canary-one ")
    monkeypatch.setenv("ANY_PASSWORD", "canary-two")

    assert redact("canary-one and canary-two") == "[SOME_TOKEN] and [ANY_PASSWORD]"


@pytest.mark.parametrize(
    "text", ["maximum context length is 2048 tokens", "The key point is: answer", "at http://host/v1"]
)
def test_other_words_stay(text: str) -> None:
    assert shorten(text) == text
