"""Who the server lets in, and what is whose."""

import asyncio
import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

pytest.importorskip("langgraph_api", reason="the server is not installed: pip install -e '.[studio]'")

from langgraph_sdk import Auth, get_sync_client

from graph.serve.auth import authenticate
from graph.serve.keys import OPEN, VARIABLE, owner_of, set_guard
from graph.state import DEGREES, PERSON
from tests.graph.serve.conftest import KEYS, ROOT, Studio
from tests.waiting import SAFETY

ASKED = {"profile": PERSON, "question": "How important are friends?", "options": DEGREES}
RUN = {"assistant_id": "full_info", "input": ASKED}
ADA, BEN = (sha256(key.encode()).hexdigest()[:16] for key in KEYS)
AWAY = {"chat": "openai:m", "base_url": "http://127.0.0.1:9/v1"}


@pytest.fixture(scope="module", autouse=True)
def all_at_once(begin: Callable[[str], Studio]) -> None:
    for name in ("guarded", "open", "outside"):
        begin(name)


@pytest.fixture(scope="module")
def caller(guarded: Studio) -> Iterator[Callable[..., httpx.Client]]:
    """A client of the guarded server, with a key or without."""
    made: list[httpx.Client] = []

    def caller(key: str | None = None, **headers: Any) -> httpx.Client:
        bearer: dict[str, Any] = {"authorization": f"Bearer {key}"} if key else {}
        made.append(httpx.Client(base_url=guarded.url, headers=bearer | headers, timeout=SAFETY, follow_redirects=True))
        return made[-1]

    yield caller
    for client in made:
        client.close()


@pytest.fixture(scope="module")
def ada(caller: Callable[..., httpx.Client]) -> httpx.Client:
    return caller(KEYS[0])


@pytest.fixture(scope="module")
def ben(caller: Callable[..., httpx.Client]) -> httpx.Client:
    return caller(KEYS[1])


@pytest.fixture(scope="module")
def thread(ada: httpx.Client) -> str:
    """A thread of Ada's, on which something was asked."""
    made = ada.post("/threads", json={"metadata": {"owner": BEN}}).json()["thread_id"]
    assert ada.post(f"/threads/{made}/runs/wait", json=RUN).json()["code"] in (1, 2, 3)
    return str(made)


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (None, {}),
        ("key-of-nobody", {}),
        (", ".join(KEYS), {}),
        (None, {"x-auth-scheme": "langsmith"}),
        (None, {"x-api-key": "key-of-nobody"}),
        ("key-of-nobody", {"x-api-key": KEYS[0]}),
        (None, {"authorization": f"Basic {KEYS[0]}"}),
        (None, {"authorization": "Bearer ,"}),
        (None, {"authorization": "Bearer ключ".encode()}),
    ],
)
@pytest.mark.parametrize("path", ["/assistants/search", "/threads", "/runs/wait", "/mcp", "/a2a/full_info"])
def test_without_a_key_of_its_own_nobody_gets_in(
    caller: Callable[..., httpx.Client], key: str | None, headers: dict[str, Any], path: str
) -> None:
    answer = caller(key, **headers).post(path, json={})

    assert answer.status_code == 401
    assert answer.json() == {"detail": "this server needs a key: send the header `Authorization: Bearer KEY`"}


def test_the_clients_of_langgraph_send_the_key_in_their_own_way(guarded: Studio) -> None:
    with get_sync_client(url=guarded.url, api_key=KEYS[0]) as client:
        assert client.assistants.search()


def test_whether_it_is_alive_everybody_may_ask(caller: Callable[..., httpx.Client]) -> None:
    assert caller().get("/ok").json()["ok"] is True


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/internal/truncate"),
        ("POST", "//internal/truncate"),
        ("POST", "/%69nternal/truncate"),
        ("GET", "/internal/debug/thread/{thread}"),
        ("POST", "/deploy"),
        ("GET", "/deploy"),
    ],
)
def test_what_the_development_server_leaves_open_is_shut(
    caller: Callable[..., httpx.Client], ada: httpx.Client, thread: str, method: str, path: str
) -> None:
    assert caller().request(method, path.format(thread=thread)).status_code in (401, 404)
    assert ada.get(f"/threads/{thread}").status_code == 200


def test_a_thread_is_its_owner_s_even_where_another_is_named(ada: httpx.Client, thread: str) -> None:
    assert ada.get(f"/threads/{thread}").json()["metadata"]["owner"] == ADA


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/state", None),
        ("GET", "/history", None),
        ("POST", "/history", {}),
        ("GET", "/runs", None),
        ("POST", "/runs", RUN),
        ("POST", "/runs/wait", RUN),
        ("POST", "/runs/stream", RUN),
        ("POST", "/state", {"values": {"question": "?"}}),
        ("POST", "/state/checkpoint", {"checkpoint": {"checkpoint_ns": ""}}),
        ("PATCH", "", {"metadata": {"mine": True}}),
        ("DELETE", "", None),
    ],
)
def test_another_owner_s_thread_is_not_there(
    ada: httpx.Client, ben: httpx.Client, thread: str, method: str, path: str, body: Any
) -> None:
    assert ben.request(method, f"/threads/{thread}{path}", json=body).status_code == 404
    assert "mine" not in ada.get(f"/threads/{thread}").json()["metadata"]


def test_another_s_checkpoint_is_not_reached_from_a_thread_of_one_s_own(ben: httpx.Client, thread: str) -> None:
    own = ben.post("/threads", json={}).json()["thread_id"]
    other = {"checkpoint": {"thread_id": thread, "checkpoint_ns": ""}}

    state = ben.post(f"/threads/{own}/state/checkpoint", json=other).json()
    history = ben.post(f"/threads/{own}/history", json=other).json()

    assert (state["values"], history) == ({}, [])


def test_a_search_finds_one_s_own_threads_alone(ada: httpx.Client, ben: httpx.Client, thread: str) -> None:
    own = ben.post("/threads", json={}).json()["thread_id"]

    assert own in {one["thread_id"] for one in ben.post("/threads/search", json={}).json()}
    assert thread not in {one["thread_id"] for one in ben.post("/threads/search", json={}).json()}
    assert thread in {one["thread_id"] for one in ada.post("/threads/search", json={}).json()}


def test_an_assistant_is_its_owner_s_and_the_shipped_ones_are_nobody_s_to_change(
    ada: httpx.Client, ben: httpx.Client
) -> None:
    claimed = {"graph_id": "full_info", "name": "ada's", "metadata": {"created_by": "system"}}
    own = ada.post("/assistants", json=claimed).json()["assistant_id"]
    seen = ben.post("/assistants/search", json={}).json()
    [shipped] = [one["assistant_id"] for one in seen if one["graph_id"] == "full_info"]

    assert ada.get(f"/assistants/{own}").status_code == ben.get(f"/assistants/{shipped}").status_code == 200
    for assistant in (own, shipped):
        assert ben.patch(f"/assistants/{assistant}", json={"name": "ben's"}).status_code == 404
        assert ben.delete(f"/assistants/{assistant}").status_code == 404
    assert ben.get(f"/assistants/{own}").status_code == 404
    assert ben.post("/runs/wait", json={**RUN, "assistant_id": own}).status_code == 404


@pytest.mark.parametrize("path", ["/runs", "/runs/wait", "/runs/stream", "/threads/{thread}/runs/wait"])
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"context": AWAY}, "base_url"),
        ({"config": {"configurable": AWAY}}, "base_url"),
        (
            {"context": {"embeddings_base_url": "http://127.0.0.1:9/v1", "prompts": "/etc"}},
            "embeddings_base_url, prompts",
        ),
        ({"context": {"max_tokens": None}}, "max_tokens"),
        ({"context": {"max_tokens": 100_000, "timeout": 9e9}}, "max_tokens, timeout"),
        ({"context": {"chat": "gguf:/etc/passwd", "local_threads": 64}}, "chat, local_threads"),
        ({"context": {"request": {"best_of": 20}}}, "request"),
        ({"config": {"configurable": {"request_by_node": {"story": {"max_tokens": None}}}}}, "request_by_node"),
    ],
)
def test_the_server_s_key_is_sent_nowhere_else_and_its_files_are_not_read(
    ada: httpx.Client, thread: str, path: str, given: Any, named: str
) -> None:
    answer = ada.post(path.format(thread=thread), json=RUN | given)

    assert (answer.status_code, answer.json()) == (403, {"detail": f"{named}: not to be set on a guarded server"})


def test_a_form_that_sends_every_setting_as_it_is_changes_none(ada: httpx.Client) -> None:
    usual = {"max_tokens": "auto", "request": {}, "request_by_node": {}, "timeout": 120, "base_url": None}

    assert ada.post("/runs/wait", json=RUN | {"context": usual}).status_code == 200


def test_nor_by_a_batch_or_an_assistant(ada: httpx.Client) -> None:
    assert ada.post("/runs/batch", json=[RUN | {"context": AWAY}]).status_code == 403
    assert ada.post("/assistants", json={"graph_id": "rag", "context": AWAY}).status_code == 403
    assert ada.post("/assistants", json={"graph_id": "rag", "config": {"configurable": AWAY}}).status_code == 403


def test_nor_by_the_mcp_endpoint(caller: Callable[..., httpx.Client]) -> None:
    call = {"name": "full_info", "arguments": ASKED, "context": AWAY}
    rpc = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}

    answer = caller(KEYS[0], accept="application/json").post("/mcp", json=rpc)

    assert answer.status_code == 500 and "jsonrpc" not in answer.text  # it has no better word for a 403 inside


def test_what_the_graphs_do_not_use_is_not_served(ada: httpx.Client) -> None:
    item = {"namespace": ["a"], "key": "k", "value": {}}

    assert ada.put("/store/items", json=item).status_code == 404
    assert ada.post("/runs/crons", json={**RUN, "schedule": "* * * * *"}).status_code == 403


def test_a_body_that_is_too_large_is_refused(caller: Callable[..., httpx.Client]) -> None:
    assert caller(KEYS[0]).post("/runs/wait", content=b"x" * (4 * 2**20 + 1)).status_code == 413


def test_on_another_host_a_start_makes_a_key_and_asks_for_it_until_it_is_stopped(begin: Callable[..., Studio]) -> None:
    outside = begin("outside").wait()
    search = f"{outside.url}/assistants/search"
    [key] = re.findall(r"the key, shown only here, is (\S+)", outside.said)

    assert httpx.post(search, json={}).status_code == 401
    assert httpx.post(search, json={}, headers={"authorization": f"Bearer {key}"}).status_code == 200
    assert outside.stop(signal.SIGINT) == 0
    assert outside.said.count(key) == 1 and "Traceback" not in outside.said


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "https://smith.langchain.com"}, 200),
        ({"origin": "http://localhost:3000"}, 200),
        ({"origin": "https://elsewhere.example"}, 401),
        ({"origin": "null"}, 401),
        ({"host": "rebound.example"}, 401),
        ({"host": "localhost.rebound.example:2024"}, 401),
        ({"host": "127.0.0.1.rebound.example"}, 401),
        ({"host": "[::1]:2024"}, 200),
        ({"x-forwarded-for": "203.0.113.9"}, 401),
        ({"x-auth-scheme": "langsmith", "origin": "https://elsewhere.example"}, 401),
    ],
)
def test_without_keys_only_this_machine_and_the_listed_pages_are_served(
    studio: Studio, headers: dict[str, str], status: int
) -> None:
    assert httpx.post(f"{studio.url}/assistants/search", json={}, headers=headers).status_code == status


def test_a_browser_is_told_which_pages_may_ask(studio: Studio) -> None:
    def preflight(origin: str) -> str | None:
        asked = {"origin": origin, "access-control-request-method": "POST"}
        return httpx.options(f"{studio.url}/runs/wait", headers=asked).headers.get("access-control-allow-origin")

    assert preflight("https://agentchat.vercel.app") == "https://agentchat.vercel.app"
    assert preflight("https://elsewhere.example") is None


def authenticated(host: str, address: str, monkeypatch: pytest.MonkeyPatch, **set_to: str) -> Any:
    """How the server's own handler takes a request from an address, under some environment."""
    for name in (VARIABLE, OPEN):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    return asyncio.run(authenticate({"client": (address, 1)}, {b"host": host.encode()}, None))


def test_a_neighbour_on_the_network_is_served_only_where_the_guard_was_taken_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Auth.exceptions.HTTPException, match="only this machine") as refused:
        authenticated("127.0.0.1:2024", "192.0.2.7", monkeypatch)
    anyone = authenticated("server.example:2024", "192.0.2.7", monkeypatch, **{OPEN: "1"})

    assert refused.value.status_code == 401
    assert (anyone["identity"], anyone["permissions"]) == ("anyone", [])  # and may not use the closed settings
    assert authenticated("localhost:2024", "::1", monkeypatch)["identity"] == "local"


@pytest.mark.parametrize(
    ("host", "wanted", "given", "guarded", "open_to_all"),
    [
        ("127.0.0.1", None, "", False, False),
        ("localhost", None, "", False, False),
        ("127.0.0.1", None, "mine", True, False),
        ("127.0.0.1", True, "", True, False),
        ("127.0.0.1", False, "mine", False, False),
        ("0.0.0.0", None, "", True, False),
        ("127.0.0.1.example.org", None, "", True, False),
        ("0.0.0.0", False, "mine", False, True),
    ],
)
def test_the_guard_is_on_by_itself_on_anything_but_this_machine(
    monkeypatch: pytest.MonkeyPatch, host: str, wanted: bool | None, given: str, guarded: bool, open_to_all: bool
) -> None:
    environ = {VARIABLE: given, OPEN: "1"}
    monkeypatch.setattr(os, "environ", environ)

    said = set_guard(host, wanted)

    assert (bool(environ.get(VARIABLE)), environ.get(OPEN) == "1") == (guarded, open_to_all)
    assert said.startswith("on") == guarded and ("anybody" in said) == open_to_all


def test_each_key_is_an_owner_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"{KEYS[0]}, {KEYS[1]},")

    assert [owner_of(f"Bearer {key}") for key in KEYS] == [ADA, BEN]
    assert owner_of(f"bearer  {KEYS[0]}") == ADA
    assert [owner_of(text) for text in ("", "Bearer", "Bearer ,", KEYS[0], "Bearer \udcff")] == [None] * 5


def test_studio_cannot_pass_the_guard_by() -> None:
    config = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))

    assert config["auth"] == {"path": "graph.serve.auth:auth", "disable_studio_auth": True}
