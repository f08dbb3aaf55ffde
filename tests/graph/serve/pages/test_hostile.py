"""Texts from users, profiles and models that would be markup, scripts or commands, if a page let them."""

import urllib.request
from typing import Any

from tests.graph.serve.pages.conftest import PHONE, Open
from tests.graph.serve.pages.held_model import Held, Page, called
from tests.graph.serve.pages.test_conversation_panel import heard, say
from tests.graph.serve.pages.test_page import answered, ask, trouble
from tests.waiting import SAFETY

HOSTILE = [
    "<script>document.title = 'caught'</script>",
    "<img src=x onerror=alert(1)>",
    "</textarea></script><svg onload=alert(1)>",
    "[here](javascript:alert(1)) **bold** ![x](https://example.org/x.png)",
    "{{ constructor.constructor('alert(1)')() }} ${alert(1)} `${alert(1)}` \\u003cb\\u003e",
    '" onfocus=alert(1) autofocus x="',
    ":label=alert(1) href=javascript:alert(1)",
    "\N{RIGHT-TO-LEFT OVERRIDE}live\N{LEFT-TO-RIGHT ISOLATE} שלום مرحبا",
]
FOUND = """
[...document.querySelectorAll('.sides *')]
    .filter(one => ['SCRIPT', 'IMG', 'SVG', 'A', 'B', 'STRONG', 'IFRAME'].includes(one.tagName.toUpperCase()))
    .filter(one => !one.closest('[role=radio], .q-icon, .q-spinner, .q-field__append, .waiting'))
    .map(one => one.outerHTML)
"""
"""Elements that a text may have become."""


def bare(words: str) -> str:
    """The words without the marks of emphasis and of direction that the reader of replies takes off."""
    return words.translate({ord(mark): None for mark in "*$`\u202e\u2066"})


def untouched(tab: Any, kind: str, words: str) -> None:
    """These words stand there as they are, and have become nothing else."""
    part = tab.locator(kind).first
    part.wait_for(state="attached")
    assert bare(words) in bare(part.evaluate("one => one.textContent"))
    assert tab.evaluate(FOUND) == [] and tab.title() == "ValueSim"


def test_whatever_is_written_stands_there_as_text(visit: Open, model: Held) -> None:
    every = "\n".join(HOSTILE)
    model.answer = lambda prompt: every if called(prompt) in {"story", "talk"} else f"Answer: 1\nAnalysis: {every}"
    tab = visit(screen=PHONE)
    tab.get_by_role("radio", name="Text about somebody").click()
    tab.get_by_label("Name, if you like").fill(HOSTILE[1])
    tab.get_by_label("What is known", exact=True).fill(every)
    tab.get_by_role("button", name="Use this person").click()
    tab.locator(".known summary", has_text=f"What is known of {HOSTILE[1]} (").click()
    for words in HOSTILE[:-1]:  # marks of direction are gone from the last one, as in what a model reads
        untouched(tab, ".known", words)
    ask(tab, f"Question {HOSTILE[0]}", every)
    assert answered(tab) == HOSTILE[0]
    for words in HOSTILE:
        untouched(tab, "[data-part=cognitive] .prose", words)
        untouched(tab, "[data-part=answer] .prose", words)
        untouched(tab, ".story .inside", words)
    untouched(tab, ".asked", HOSTILE[0])
    for words in HOSTILE[:-1]:
        untouched(tab, ".tally", words)

    tab.get_by_role("button", name="Show: Chat").click()
    say(tab, every)
    tab.reload()  # now the conversation comes with the page itself
    tab.get_by_role("button", name="Show: Chat").click()
    for words in HOSTILE:
        untouched(tab, ".mine .words", words)
        untouched(tab, ".theirs .words", words)
    assert len(heard(tab)) == 2
    assert tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_what_is_too_much_is_refused_in_one_line(visit: Open, model: Held) -> None:
    tab = visit()
    tab.get_by_role("radio", name="Text about somebody").click()
    tab.get_by_label("What is known", exact=True).fill("a" * 60_000)
    tab.get_by_role("button", name="Use this person").click()
    assert trouble(tab) == "Text: 60,000 characters, and at most 50,000 are taken."

    tab.get_by_role("radio", name="Answers").click()
    tab.get_by_label("What is known", exact=True).fill("\n".join(f"Question {place}: yes" for place in range(501)))
    tab.get_by_role("button", name="Use this person").click()
    tab.get_by_text("Profile: 501 answers, and at most 500 are taken.").wait_for()
    assert model.prompts == []


def test_a_long_word_from_a_model_breaks_and_widens_nothing(visit: Open, model: Held) -> None:
    model.answer = lambda prompt: (
        "You." if called(prompt) == "story" else f"Answer: {'long' * 500}\nAnalysis: {'x' * 9000}"
    )
    tab = ask(visit(screen=PHONE), "q" * 1500, "")

    assert answered(tab) == "long" * 500
    assert tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_an_address_made_up_opens_the_page_as_it_is(site: Page) -> None:
    for query in ("person=99999", "person=-1&talk=../../etc", "person=%3Cscript%3E&talk=" + "x" * 3000, "talk[]=1"):
        with urllib.request.urlopen(f"{site.url}/?{query}", timeout=SAFETY) as page:
            shown = page.read().decode()
        assert "with Respondent 12: woman, 38, Australia" in shown and "<script>&" not in shown
