"""One Chromium and one page before a model's server, for all tests of the page; each test has a browser of its own."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import browser
from tests.graph.serve.pages.held_model import Held, Page, page, plain
from tests.server import serving
from tests.waiting import SAFETY

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
Open = Callable[..., Any]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """Headless Chromium; it ends with this package."""
    with browser.chromium() as started:
        yield started


@pytest.fixture(scope="package")
def serving_model() -> Iterator[Held]:
    with serving(Held()) as server:
        yield server


@pytest.fixture
def model(serving_model: Held) -> Iterator[Held]:
    """The model's server, as it is before anything is asked."""
    serving_model.held, serving_model.answer, serving_model.fault = set(), plain, lambda path, body: None
    serving_model.requests.clear()
    yield serving_model
    serving_model.held = set()


@pytest.fixture(scope="package")
def site(serving_model: Held, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page before that server, open to this machine."""
    pytest.importorskip("nicegui", reason="the page is not installed: pip install -e '.[page]'")
    place = tmp_path_factory.mktemp("page")
    with page(place, "--model", "openai:test", "--base-url", serving_model.url, OPENAI_API_KEY="none") as running:
        yield running
        running.process.send_signal(signal.SIGINT)
        assert running.process.communicate(timeout=SAFETY) == ("", "")  # whatever was asked of it, nothing was logged
        assert list(place.iterdir()) == []


@pytest.fixture
def visit(chromium: Any, site: Page) -> Iterator[Open]:
    """Open the page in a browser of one's own. Nobody else is asked for anything, and nothing runs or fails."""
    contexts: list[Any] = []
    seen: list[str] = []

    def opened(url: str = "", *, screen: dict[str, int] = DESK, ready: str = "Ask", **options: Any) -> Any:
        contexts.append(chromium.new_context(viewport=screen, **options))
        tab = contexts[-1].new_page()
        home = (url or site.url).split("/", 3)[2]
        tab.on("request", lambda one: seen.append(one.url) if one.url.split("/", 3)[2:3] not in ([home], []) else None)
        tab.on("dialog", lambda one: seen.append(one.message))
        tab.on("pageerror", lambda one: seen.append(str(one)))
        tab.set_default_timeout(SAFETY * 1000)
        tab.goto(url or site.url)
        tab.get_by_role("button", name=ready, exact=True).wait_for()
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert [one for one in seen if not one.startswith(("data:", "blob:"))] == []
