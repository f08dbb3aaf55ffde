"""The page in a real browser, on a desk and on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium

OUTSIDE = """
[...document.querySelectorAll('figure svg text')].filter(text => {
    const [one, whole] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()]
    return one.left < whole.left - 2 || one.right > whole.right + 2
}).map(text => text.textContent)
"""
"""Words of figures that are cut off."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_looks_right_asks_nobody_and_runs_nothing(made: Path, browser: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    requests: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.goto((made / "report.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    assert requests == [(made / "report.html").as_uri()] and faults == []
    assert page.title() == "ValueSim: answered"
    assert page.locator("#answers script, #answers img").count() == 0
    assert "<script>document.title" in page.locator("#answers").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width  # tables scroll within themselves
    for figure in page.locator("figure svg").all():
        box = figure.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["height"] > 100
    letters = "[...document.querySelectorAll('figure svg text')].map(text => text.getBoundingClientRect().height)"
    assert min(page.evaluate(letters)) >= 7.5
    assert page.evaluate(OUTSIDE) == []
    page.close()
