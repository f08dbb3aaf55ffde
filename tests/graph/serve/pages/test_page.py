"""The page in a real browser, before a model that answers when it is told to."""

import re
from typing import Any

from tests.graph.serve.pages.conftest import PHONE, Open
from tests.graph.serve.pages.held_model import Held, Page, called
from tests.server import error

VIEWS = ("cognitive", "affective", "behavioral")


def ask(tab: Any, question: str | None = None, options: str = "") -> Any:
    """Press Ask, on a question of one's own where one is given."""
    if question is not None:
        tab.get_by_role("textbox", name="Question", exact=True).fill(question)
        tab.get_by_label("Options, one a line").fill(options)
    tab.get_by_role("button", name="Ask", exact=True).click()
    return tab


def answered(tab: Any) -> str:
    """The answer all in all, once it is there."""
    tab.locator("[data-part=answer] .final").wait_for()
    return str(tab.locator("[data-part=answer] .final").inner_text())


def trouble(tab: Any) -> str:
    """The one line that says what is wrong."""
    tab.locator(".trouble:not(:empty)").first.wait_for()
    [line] = [one for one in tab.locator(".trouble").all_inner_texts() if one]
    return str(line)


def told(model: Held) -> str:
    """The profile that the last backstory was told from."""
    return [prompt for prompt in model.prompts if called(prompt) == "story"][-1]


def test_evidence_story_and_views_stand_there_as_soon_as_they_are_known(visit: Open, model: Held, site: Page) -> None:
    model.held = {"story", "affective", "behavioral", "coordinator"}
    tab = ask(visit(f"{site.url}/?person=30"))  # whom no other test asks: a story is told once

    tab.locator(".board ol li").nth(4).wait_for()  # evidence, while the story is still being told
    assert "being told" in tab.locator(".story summary").inner_text()
    assert tab.get_by_role("button", name="Ask", exact=True).is_disabled()

    model.held = model.held - {"story"}
    tab.locator("[data-part=cognitive] .said").wait_for()
    assert tab.locator("[data-part=cognitive]").inner_text().endswith("Rather yes\n\nas the cognitive one sees it.")
    assert [tab.locator(f"[data-part={name}] .waiting").count() for name in VIEWS] == [0, 1, 1]
    assert tab.locator("[data-part=answer] .waiting").is_visible()
    story = tab.get_by_text("You still go there.")
    assert not story.is_visible()
    tab.get_by_text("Backstory (10 words)").click()
    assert story.is_visible()

    model.held = {"coordinator"}
    tab.get_by_text("The views are in; the coordinator decides").wait_for()
    assert tab.locator(".waiting").count() == 1

    model.held = set()
    assert answered(tab) == "Rather yes"
    part = tab.locator("[data-part=answer]")
    assert part.get_attribute("aria-live") == "polite"
    assert "The coordinator weighed the three views." in part.inner_text()
    assert part.locator("li", has_text="Rather yes").locator(".badge").all_inner_texts() == ["Cognitive", "Behavioral"]
    assert "no person said this" in part.inner_text()
    assert tab.get_by_role("button", name="Ask", exact=True).is_enabled()
    assert not tab.get_by_role("button", name="Stop").first.is_visible()


def test_asked_whether_it_is_human_it_says_what_it_is_and_nothing_waits_on(visit: Open, model: Held) -> None:
    tab = ask(visit(), "Are you a real person?")

    assert "simulation" in answered(tab)
    assert "no model was asked" in tab.locator("[data-part=answer]").inner_text()
    assert tab.locator(".waiting").count() == 0 and model.prompts == []


def test_views_that_agree_and_views_that_cannot_be_read_are_told_apart(visit: Open, model: Held) -> None:
    model.answer = lambda prompt: "Answer: 1\nAnalysis: so it is."
    tab = ask(visit(), "Red or blue?", "Red\nBlue")
    assert answered(tab) == "Red"
    assert "All views that could be read agree." in tab.locator("[data-part=answer]").inner_text()

    model.answer = lambda prompt: "Answer: 1\nAnalysis: so." if called(prompt) == "affective" else "I will not say."
    ask(tab)
    tab.get_by_text("Only one view could be read, and it stands.").wait_for()
    assert tab.locator("[data-part=cognitive] .unread").inner_text() == "Could not be read"

    model.answer = lambda prompt: "I will not say."
    ask(tab)
    tab.get_by_text("No answer could be read").wait_for()


def test_a_free_question_is_answered_in_words(visit: Open, model: Held) -> None:
    model.answer = lambda prompt: (
        "You live." if called(prompt) == "story" else "Answer: To be honest.\nAnalysis: why not."
    )
    tab = visit()
    tab.get_by_role("button", name="In your own words").click()
    tab.wait_for_function("document.querySelectorAll('textarea')[2].value === ''")
    ask(tab)

    assert answered(tab) == "To be honest."
    assert tab.locator(".tally").count() == 0


def test_somebody_else_of_the_sample_is_found_and_asked(visit: Open, model: Held) -> None:
    tab = visit()
    ask(tab)
    answered(tab)
    field = tab.get_by_role("combobox", name="Respondent")
    field.click()
    field.fill("nigeria woman")
    tab.get_by_role("option", name=re.compile(r"^Respondent \d+: woman, \d+, Nigeria$")).first.click()

    tab.get_by_text(re.compile(r"What is known of Respondent \d+: woman, \d+, Nigeria \(\d+\)")).click()
    tab.locator(".known li").nth(200).wait_for()
    known = tab.locator(".known li").all_inner_texts()
    assert tab.locator(".board").inner_text() == ""  # what the one before answered is gone
    ask(tab)
    answered(tab)
    assert all(line in told(model) for line in known)
    name = tab.locator(".talk .whom").inner_text()
    tab.reload()
    tab.get_by_text(name, exact=True).wait_for()


def test_a_text_and_answers_of_ones_own_make_a_person(visit: Open, model: Held) -> None:
    tab = visit()
    tab.get_by_role("radio", name="Text about somebody").click()
    tab.get_by_label("What is known", exact=True).fill("She keeps bees. She never married.")
    tab.get_by_label("Name, if you like").fill("Ada")
    tab.get_by_role("button", name="Use this person").click()
    tab.get_by_text("What is known of Ada (2)").wait_for()
    ask(tab)
    answered(tab)
    assert "She keeps bees." in told(model)

    tab.get_by_role("radio", name="Answers").click()
    tab.get_by_label("What is known", exact=True).fill("Do you vote?: Always\nno mark here")
    tab.get_by_role("button", name="Use this person").click()
    assert trouble(tab) == "Line 2: write the question, a colon and the answer, such as “Age: 47”."
    tab.get_by_label("What is known", exact=True).fill("Do you vote?: Always\nHours: 9:00 to 5")
    tab.get_by_role("button", name="Use this person").click()
    tab.get_by_text("What is known of Ada (2)").click()
    tab.get_by_text("Do you vote? Your answer: Always").wait_for()
    assert tab.get_by_text("Hours Your answer: 9:00 to 5").is_visible()


def test_one_can_stop_and_ask_again(visit: Open, model: Held) -> None:
    model.held = {"cognitive"}
    tab = ask(visit())
    tab.locator("[data-part=affective] .said").wait_for()
    tab.get_by_role("button", name="Stop").first.click()

    tab.get_by_role("status").get_by_text("Stopped.").wait_for()
    assert tab.locator("[data-part=cognitive]").inner_text().endswith("Stopped.")
    assert tab.locator(".waiting").count() == 0
    model.held = set()
    ask(tab)
    assert answered(tab) == "Rather yes"


def test_a_model_that_fails_is_told_in_one_line_and_the_page_goes_on(visit: Open, model: Held) -> None:
    tab = visit()
    for fault, line in (
        (error(500), "status 500"),
        (error(401, "invalid_api_key"), "the key was refused (status 401)"),
        (error(404, "model_not_found"), "no such model or address (status 404)"),
        ("reset", "cannot be reached"),
    ):
        model.fault = lambda path, body, fault=fault: fault
        ask(tab, "Tea or coffee?", "Tea\nCoffee")
        tab.locator(".progress .trouble", has_text=line).wait_for()
        assert "\n" not in trouble(tab) and "Traceback" not in tab.content()
        assert tab.locator(".waiting").count() == 0
        model.fault = lambda path, body: None
        ask(tab)
        assert answered(tab) == "Coffee"
        assert tab.locator(".trouble:not(:empty)").count() == 0


def test_what_cannot_be_asked_is_refused_in_one_line(visit: Open, model: Held) -> None:
    tab = visit()
    for question, options, line in (
        ("", "", "Question: nothing is asked."),
        ("q" * 2001, "", "Question: 2,001 characters, and at most 2,000 are taken."),
        ("Which?", "Same\nSame", "Options: two of them are the same."),
        ("Which?", "o" * 301, "Option: 301 characters, and at most 300 are taken."),
    ):
        ask(tab, question, options)
        tab.get_by_text(line, exact=True).wait_for()
        assert trouble(tab) == line and tab.locator(".board").inner_text() == ""
    assert model.prompts == []


def test_on_a_phone_all_is_within_reach(visit: Open, model: Held) -> None:
    tab = visit(screen=PHONE, has_touch=True, is_mobile=True)
    wide = "document.documentElement.scrollWidth"
    assert tab.evaluate(wide) == PHONE["width"]
    ask(tab)
    assert answered(tab) == "Rather yes"
    for part in (*VIEWS, "answer"):
        box = tab.locator(f"[data-part={part}]").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert tab.evaluate(wide) == PHONE["width"]
    assert tab.locator(".notice").is_visible() and not tab.locator(".talk").is_visible()

    tab.get_by_role("button", name="Show: Chat").click()
    tab.get_by_label("Your message").fill("Hello")
    tab.get_by_role("button", name="Send", exact=True).click()
    tab.locator(".theirs").wait_for()
    assert not tab.locator(".ask").is_visible() and tab.evaluate(wide) == PHONE["width"]
    tab.get_by_role("button", name="Show: Ask").click()
    tab.locator("[data-part=answer]").wait_for()


def test_it_follows_the_system_and_can_be_read(visit: Open, model: Held) -> None:
    tab = ask(visit())
    answered(tab)
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        tab.wait_for_function("dark => document.body.classList.contains('body--dark') === dark", arg=scheme == "dark")
        for kind in READ:
            assert tab.evaluate(CONTRAST, kind) >= 4.5, (scheme, kind)


def test_it_can_be_used_by_keys_and_by_ear(visit: Open, model: Held) -> None:
    tab = visit()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the person and the question"
    assert tab.get_by_role("heading", level=1).all_inner_texts() == ["ValueSim"]
    assert tab.get_by_role("heading", level=2).all_inner_texts() == ["Person", "Question", "Conversation"]
    assert tab.locator("main").count() == tab.locator("header").count() == tab.locator("footer").count() == 1
    assert tab.evaluate(NAMELESS) == []
    tab.get_by_label("Your message").focus()
    tab.keyboard.type("Hello")
    tab.keyboard.press("Enter")
    tab.get_by_role("log").get_by_text("I love the sea.").wait_for()


READ = (".soft", ".final", ".decided", ".badge", ".go", ".by", ".notice", "summary", ".view h3", ".q-btn--flat")
NAMELESS = """
[...document.querySelectorAll('button, textarea, input, summary, [role=radio]')]
    .filter(one => one.role === 'radio' || !one.closest('[role=radio]'))
    .filter(one => !(one.labels?.length || one.ariaLabel || one.innerText.trim()))
    .map(one => one.outerHTML)
"""
"""What one can use, and has no name to be read out."""
CONTRAST = """
kind => {
    const part = (text) => text.match(/[\\d.]+/g).map(Number)
    const light = ([r, g, b]) => [r, g, b].map(one => one / 255).map(
        one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4
    ).reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0)
    const behind = (one) => {
        for (; one; one = one.parentElement) {
            const colour = part(getComputedStyle(one).backgroundColor)
            if (colour.length < 4 || colour[3] === 1) return colour
        }
        return [255, 255, 255]
    }
    return Math.min(...[...document.querySelectorAll(kind)].filter(one => one.offsetParent).map(one => {
        const [ink, paper] = [light(part(getComputedStyle(one).color)), light(behind(one))]
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)
    }))
}
"""
"""The least contrast between text and what is behind it, among the elements of a kind that one sees."""
