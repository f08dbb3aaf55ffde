"""The conversation beside the question, in a real browser."""

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.graph.serve.pages.conftest import Open
from tests.graph.serve.pages.held_model import Held, called, page
from tests.server import error
from tests.waiting import SAFETY


def say(tab: Any, words: str) -> None:
    """Send a message, and wait for the reply."""
    before = tab.locator(".theirs").count()
    tab.get_by_label("Your message").fill(words)
    tab.get_by_role("button", name="Send", exact=True).click()
    tab.locator(".theirs").nth(before).wait_for()


def heard(tab: Any) -> list[str]:
    """All that was said, in order, without who said it."""
    return [str(words) for words in tab.locator(".bubble .words").all_inner_texts()]


def test_two_turns_outlive_a_reload_and_are_nobody_elses(visit: Open, model: Held) -> None:
    tab = visit()
    say(tab, "Where do you live?")
    say(tab, "Since when?")
    assert heard(tab) == ["Where do you live?", "I love the sea.", "Since when?", "I love the sea."]
    assert tab.get_by_role("log").get_attribute("aria-live") == "polite"
    assert any("Where do you live?" in str(body["messages"]) and "Since when?" in str(body["messages"])
               for _, _, body in model.requests)  # fmt: skip

    tab.reload()
    tab.locator(".theirs").nth(1).wait_for()
    assert heard(tab) == ["Where do you live?", "I love the sea.", "Since when?", "I love the sea."]
    other = visit(tab.url)
    assert heard(other) == []


def test_another_person_is_another_partner_and_a_new_conversation_is_empty(visit: Open, model: Held) -> None:
    tab = visit()
    say(tab, "Hello")
    first = tab.locator(".talk .whom").inner_text()
    tab.get_by_role("radio", name="Text about somebody").click()
    tab.get_by_label("What is known", exact=True).fill("She keeps bees on a roof in Lyon.")
    tab.get_by_role("button", name="Use this person").click()
    tab.get_by_text("From here on you talk with the person of your text.").wait_for()
    say(tab, "And you?")
    assert tab.locator(".talk .whom").inner_text() == "with the person of your text" != first
    assert any("She keeps bees on a roof in Lyon." in prompt for prompt in model.prompts)

    tab.reload()  # who was pasted stands in the conversation, not in the address
    tab.locator(".theirs").nth(1).wait_for()
    assert "bees" not in tab.url
    tab.get_by_text("What is known of the person of your text (1)").wait_for()

    place = tab.url
    tab.get_by_role("button", name="New conversation").click()
    tab.wait_for_url(lambda url: url != place)
    tab.locator(".log:empty").wait_for()


def test_a_message_that_is_not_answered_can_be_sent_again(visit: Open, model: Held) -> None:
    tab = visit()
    model.fault = lambda path, body: error(500)
    tab.get_by_label("Your message").fill("Are you there?")
    tab.get_by_role("button", name="Send", exact=True).click()
    tab.locator(".talk .trouble:not(:empty)").wait_for()
    assert "status 500" in tab.locator(".talk .trouble").inner_text()

    model.fault = lambda path, body: None
    model.held = {"talk", "story"}
    tab.get_by_role("button", name="Send again").click()
    tab.locator(".talk .waiting").wait_for()
    tab.locator(".talk").get_by_role("button", name="Stop").click()
    tab.get_by_text("Stopped.").wait_for()
    model.held = set()
    tab.get_by_role("button", name="Send again").click()
    tab.locator(".theirs").wait_for()
    assert heard(tab) == ["Are you there?", "I love the sea."]
    assert tab.locator(".talk .trouble:not(:empty)").count() == 0
    tab.reload()
    tab.locator(".theirs").wait_for()
    assert heard(tab) == ["Are you there?", "I love the sea."]  # kept once, however often it was sent


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844), (640, 360), (1280, 900)])
def test_the_field_for_a_message_stays_on_the_screen_however_much_was_said(
    visit: Open, model: Held, width: int, height: int
) -> None:
    screen = {"width": width, "height": height}
    tab = visit(screen=screen, has_touch=width < 700, is_mobile=width < 700)
    if width < 700:
        tab.get_by_role("button", name="Show: Chat").click()
    for number in range(4):
        say(tab, f"Message {number}: " + "where do you live, and since when? " * 3)

    for part in (tab.get_by_label("Your message"), tab.get_by_role("button", name="Send", exact=True)):
        box = part.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= height, (part, box)
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, (part, box)
        part.click(trial=True, timeout=3000)  # nothing lies over it
    last = tab.locator(".theirs").last.bounding_box()
    assert last["y"] < height  # the log has scrolled to what was said last
    if width < 700:
        assert tab.evaluate("document.documentElement.scrollHeight - innerHeight") == 0


def test_a_message_that_is_too_long_is_refused_in_one_line(visit: Open, model: Held) -> None:
    tab = visit()
    tab.get_by_label("Your message").fill("m" * 4001)
    tab.get_by_role("button", name="Send", exact=True).click()
    tab.get_by_text("Message: 4,001 characters, and at most 4,000 are taken.").wait_for()
    assert model.prompts == []


def test_a_conversation_in_a_file_outlives_the_server(visit: Open, model: Held, chromium: Any, tmp_path: Path) -> None:
    flags = ("--model", "openai:test", "--base-url", model.url, "--threads", tmp_path / "talks.sqlite")
    context = chromium.new_context()
    with page(tmp_path, *flags, OPENAI_API_KEY="none") as first:
        tab = context.new_page()
        tab.goto(first.url)
        say(tab, "Remember me")
        address = tab.url
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(SAFETY) == 0
    port = int(first.url.rpartition(":")[2])
    with page(tmp_path, *flags, "--port", port, OPENAI_API_KEY="none"):
        tab.close()
        tab = context.new_page()
        tab.goto(address)
        tab.locator(".theirs").wait_for()
        assert heard(tab) == ["Remember me", "I love the sea."]
    context.close()
    assert {called(prompt) for prompt in model.prompts} >= {"story", "talk"}
