"""Who gets in: keys, sessions, owners, and pages of other sites that try to reach this one."""

import http.client
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from graph.persona.blocking import run_sync
from tests.graph.serve.pages.conftest import Open
from tests.graph.serve.pages.held_model import Held, Page, page
from tests.graph.serve.pages.test_conversation_panel import heard, say
from tests.waiting import SAFETY

ADA, BEN = "key-of-ada", "key-of-ben"
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page with two keys, listening to the whole network."""
    pytest.importorskip("nicegui", reason="the page is not installed: pip install -e '.[page]'")
    place = tmp_path_factory.mktemp("guarded")
    with page(place, "--host", "0.0.0.0", VALUESIM_KEYS=f"{ADA}, {BEN}") as running:
        yield running


def get(site: Page, path: str = "/", method: str = "GET", body: str = "", **headers: str) -> tuple[int, dict[str, str]]:
    """The status and the headers of one answer."""
    connection = http.client.HTTPConnection(site.url.partition("//")[2], timeout=SAFETY)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, sent)
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return answer.status, found


def sign_in(tab: Any, key: str) -> None:
    tab.get_by_label("Key").fill(key)
    tab.get_by_role("button", name="Sign in").click()


def test_nothing_is_shown_without_a_key(guarded: Page) -> None:
    assert guarded.said.splitlines()[1] == "Guard: on, with the keys of VALUESIM_KEYS"
    for path in ("/", "/?talk=abc", "/_nicegui/static/nicegui.js", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
        assert get(guarded, path)[0] == 401, path
    assert get(guarded, SOCKET, **UPGRADE)[0] == 401
    status, headers = get(guarded, Accept="text/html")
    assert (status, headers["location"]) == (303, "/login")
    assert get(guarded, Authorization=f"Bearer {ADA}x")[0] == 401
    assert get(guarded, Authorization="Bearer ")[0] == 401
    assert get(guarded, Authorization=f"Basic {ADA}")[0] == 401
    assert get(guarded, Cookie=f"valuesim_session={ADA}")[0] == 401


def test_a_key_opens_the_page_and_the_socket_to_programs(guarded: Page) -> None:
    assert get(guarded, Authorization=f"Bearer {ADA}")[0] == 200
    assert get(guarded, SOCKET, Authorization=f"Bearer {BEN}", **UPGRADE)[0] == 101


def test_one_signs_in_and_out_and_the_cookie_does_not_hold_the_key(visit: Open, guarded: Page) -> None:
    tab = visit(guarded.url, ready="Sign in")
    sign_in(tab, "key-of-eve")
    tab.get_by_role("alert").get_by_text("That key is not known here.").wait_for()
    sign_in(tab, ADA)
    tab.get_by_role("button", name="Ask", exact=True).wait_for()
    [cookie] = [one for one in tab.context.cookies() if one["name"] == "valuesim_session"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and ADA not in cookie["value"]
    assert tab.evaluate("document.cookie") == ""
    session = f"valuesim_session={cookie['value']}"
    assert get(guarded, Cookie=session)[0] == 200

    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_label("Key").wait_for()
    assert get(guarded, Cookie=session)[0] == 401


def test_a_conversation_is_its_owners(visit: Open, guarded: Page) -> None:
    tabs = [visit(guarded.url, ready="Sign in") for _ in range(3)]
    for tab, key in zip(tabs, (ADA, BEN, ADA), strict=True):
        sign_in(tab, key)
        tab.get_by_role("button", name="Ask", exact=True).wait_for()
    say(tabs[0], "Between us")
    for tab in tabs[1:]:
        tab.goto(tabs[0].url)
        tab.get_by_role("button", name="Ask", exact=True).wait_for()

    assert heard(tabs[1]) == []
    assert heard(tabs[2])[0] == "Between us"


def test_many_wrong_keys_are_told_to_wait_and_the_right_one_always_passes(guarded: Page) -> None:
    sender = {"X_Forwarded_For": "192.0.2.7"}  # the other tests go on from elsewhere
    tries = [get(guarded, "/login", "POST", f"key=wrong{place}", **sender)[0] for place in range(11)]
    assert tries == [401] * 10 + [429]
    assert get(guarded, Authorization=f"Bearer {ADA}x", **sender)[0] == 401
    assert get(guarded, "/login", "POST", f"key={ADA}", **sender)[0] == 303
    assert get(guarded, Authorization=f"Bearer {ADA}", **sender)[0] == 200
    assert get(guarded, "/login", "POST", "key=wrong", **sender)[0] == 429
    assert get(guarded, "/login", "POST", f"key={ADA}")[0] == 303


def test_other_sites_reach_neither_page_nor_socket(site: Page, guarded: Page) -> None:
    port = site.url.rpartition(":")[2]
    for name in ("evil.example", f"127.0.0.1.evil.example:{port}", f"localhost.evil.example:{port}", "[oops", ""):
        assert get(site, Host=name)[0] == 421, name
    for name in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"):
        assert get(site, Host=name)[0] == 200, name
    for origin in ("https://evil.example", f"http://127.0.0.1:{int(port) + 1}", "null", ""):
        assert get(site, Origin=origin)[0] == 403, origin
        assert get(site, SOCKET, Origin=origin, **UPGRADE)[0] == 403, origin
        assert get(guarded, SOCKET, Origin=origin, Authorization=f"Bearer {ADA}", **UPGRADE)[0] == 403, origin
    assert get(site, SOCKET, Origin=site.url, **UPGRADE)[0] == 101


def test_every_answer_forbids_other_hosts(site: Page, guarded: Page) -> None:
    for answer in (get(site), get(site, Host="evil.example"), get(guarded), get(guarded, "/login")):
        headers = answer[1]
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "connect-src 'self'" in policy
        assert not re.search(r"https?:|\*", policy)
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"


def test_a_page_for_others_makes_a_key_and_prints_it_once(tmp_path: Path) -> None:
    pytest.importorskip("nicegui", reason="the page is not installed: pip install -e '.[page]'")
    with page(tmp_path, "--host", "0.0.0.0") as made:
        found = re.search(r"the key, shown only here, is (\S+)", made.said)
        assert found and get(made)[0] == 401
        assert get(made, Authorization=f"Bearer {found[1]}")[0] == 200
        made.process.send_signal(signal.SIGINT)
        assert made.process.communicate(timeout=SAFETY) == ("", "") and made.process.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("local", "status"), [(False, 200), (True, 421)])
def test_without_a_guard_other_names_are_answered_only_where_one_said_so(local: bool, status: int) -> None:
    pytest.importorskip("starlette", reason="the page is not installed: pip install -e '.[page]'")
    from starlette.responses import PlainTextResponse

    from graph.serve.pages.guard import PageGuard

    async def ask() -> int:
        guard: Any = PageGuard(PlainTextResponse("here"), None, local)
        async with AsyncClient(transport=ASGITransport(guard), base_url="http://my.lan") as client:
            return (await client.get("/")).status_code

    assert run_sync(ask()) == status  # in a loop of its own: the browser's runs in this thread


def test_the_stand_in_is_named_on_the_page(visit: Open, guarded: Page, model: Held) -> None:
    tab = visit(guarded.url, ready="Sign in")
    sign_in(tab, BEN)
    tab.get_by_role("button", name="Ask", exact=True).click()
    tab.locator(".answer .final").wait_for()
    assert "offline stand-in, which is no language model" in tab.locator(".notice").inner_text()
    assert "offline stand-in, which is no language model" in tab.locator(".answer").inner_text()
    assert model.prompts == []
