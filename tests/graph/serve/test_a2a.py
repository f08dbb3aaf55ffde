"""A simulated person as an agent among agents: the A2A endpoint of the guarded server."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

pytest.importorskip("langgraph_api", reason="the server is not installed: pip install -e '.[studio]'")

from tests.graph.serve.conftest import KEYS, Studio
from tests.waiting import SAFETY


@pytest.fixture(scope="module")
def clients(begin: Callable[[str], Studio]) -> Iterator[list[httpx.Client]]:
    """Of two owners, and of nobody."""
    url = begin("guarded").wait().url
    headers: list[dict[str, str]] = [{"authorization": f"Bearer {key}"} for key in KEYS]
    made = [httpx.Client(base_url=url, headers=one, timeout=SAFETY) for one in (*headers, {})]
    yield made
    for client in made:
        client.close()


@pytest.fixture(scope="module")
def person(clients: list[httpx.Client]) -> str:
    """The id of the chat graph's own assistant."""
    [found] = clients[0].post("/assistants/search", json={"graph_id": "chat"}).json()
    return str(found["assistant_id"])


def said(client: httpx.Client, person: str, text: str, **to: str) -> httpx.Response:
    message = {"role": "user", "messageId": "1", "parts": [{"kind": "text", "text": text}], **to}
    rpc = {"jsonrpc": "2.0", "id": "1", "method": "message/send", "params": {"message": message}}
    return client.post(f"/a2a/{person}", json=rpc, headers={"accept": "application/json"})


def test_an_agent_reads_the_card_and_talks_two_turns(clients: list[httpx.Client], person: str) -> None:
    ada = clients[0]
    card = ada.get("/.well-known/agent-card.json", params={"assistant_id": person}).json()
    first: Any = said(ada, person, "How important is work to you?").json()["result"]
    second: Any = said(ada, person, "Are you a human being?", contextId=first["contextId"]).json()["result"]

    assert card["name"] == "chat" and "simulated person" in card["description"]
    assert card["url"].endswith(f"/a2a/{person}")
    assert first["status"]["state"] == second["status"]["state"] == "completed"
    assert "work" in first["artifacts"][0]["parts"][0]["text"]
    assert "simulation" in second["artifacts"][0]["parts"][0]["text"]
    assert second["contextId"] == first["contextId"] and len(second["history"]) == 4


def test_another_owner_s_talk_is_not_gone_on_with(clients: list[httpx.Client], person: str) -> None:
    ada, ben, _ = clients
    talk: Any = said(ada, person, "What do you think of politics?").json()["result"]

    answer: Any = said(ben, person, "And what did I ask you?", contextId=talk["contextId"]).json()

    assert "result" not in answer and "politics" not in str(answer)
    assert len(ada.get(f"/threads/{talk['contextId']}/state").json()["values"]["messages"]) == 2


def test_without_a_key_there_is_neither_card_nor_answer(clients: list[httpx.Client], person: str) -> None:
    nobody = clients[2]

    assert said(nobody, person, "Hello?").status_code == 401
    assert nobody.get("/.well-known/agent-card.json", params={"assistant_id": person}).status_code == 401
