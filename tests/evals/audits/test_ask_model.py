"""What a model makes of a story: which answer it tells, and the story again with what it lacks."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from evals.audits.ask_model import Recall, ask_recall, ask_repair, lacking_answers
from graph.llm.errors import CallFailedError
from graph.settings import Settings
from survey.codebook import wvs7
from survey.profile import Answer, profile_of
from tests.graph.fakes import PROFILE, FakeChat

FAMILY, TRUST, AGE = PROFILE
STORY = "You are somebody."


def read(reply: str | Callable[[str], str], answer: Answer, story: str = STORY) -> tuple[Recall, FakeChat]:
    chat = FakeChat(answer=reply if callable(reply) else lambda prompt: reply)
    return asyncio.run(ask_recall(story, answer, Settings(chat=chat))), chat


def of_item(item: str, code: int) -> Answer:
    [answer] = profile_of(wvs7(), {item: code}, [item])
    return answer


def test_the_model_is_shown_the_story_the_question_and_a_way_out() -> None:
    _, chat = read("Answer: 1", FAMILY, "You were born by the sea.\n\nYou like tea.")

    [(template, prompt)] = chat.calls
    assert template == "audit/recall"
    assert "<story>\nYou were born by the sea.\n\nYou like tea.\n</story>" in prompt
    assert "How important is family in your life?\n1: Very important\n2: Rather important\n" in prompt
    assert "\n4: Not at all important\n5: The story does not say\n" in prompt
    assert "You consider family" not in prompt  # the answer itself is not given away


@pytest.mark.parametrize(
    ("reply", "verdict", "stated"),
    [
        ("Answer: 1", "kept", 1),
        ("Answer: 1: Very important", "kept", 1),
        ("Answer: 3", "altered", 3),
        ("**Answer:** Not very important", "altered", 3),
        ("Answer: 5", "missing", None),
        ("Answer: The story does not say", "missing", None),
        ("Answer: 6", "", None),
        ("I cannot tell.", "", None),
    ],
)
def test_what_the_model_replies_against_what_was_answered(reply: str, verdict: str, stated: int | None) -> None:
    found, _ = read(reply, FAMILY)

    assert (found.verdict, found.stated, found.raw) == (verdict, stated, reply)
    assert bool(found.problem) == (verdict == "")


@pytest.mark.parametrize(
    ("reply", "verdict", "stated"),
    [("Answer: 47", "kept", 47), ("Answer: 48", "altered", 48), ("Answer: 9999", "missing", None)],
)
def test_a_number_without_options_is_read_as_it_stands(reply: str, verdict: str, stated: int | None) -> None:
    found, chat = read(reply, AGE)

    assert (found.verdict, found.stated) == (verdict, stated)
    assert "write the number itself.)\n9999: The story does not say\n" in chat.calls[0][1]


@pytest.mark.parametrize(
    ("reply", "verdict", "stated"),
    [
        ("Answer: Kenya", "kept", 404),
        ("Answer: Japan", "altered", 392),
        ("Answer: The story does not say", "missing", None),
    ],
)
def test_a_country_is_asked_for_by_name_and_not_from_a_list(reply: str, verdict: str, stated: int | None) -> None:
    found, chat = read(reply, of_item("Q266", 404))

    assert (found.verdict, found.stated) == (verdict, stated)
    assert "write the name in full.)" in chat.calls[0][1] and "Japan" not in chat.calls[0][1]


def test_a_code_zero_is_an_option_like_any_other() -> None:
    found, chat = read("Answer: 0", of_item("Q98", 0))

    assert (found.verdict, found.stated) == ("kept", 0)
    assert "\n3: The story does not say\n" in chat.calls[0][1]


def mend(story: str, facts: list[Answer], chat: Any) -> str:
    return asyncio.run(ask_repair(story, facts, Settings(chat=chat)))


def test_a_story_is_mended_with_the_facts_it_lacks_and_no_others() -> None:
    chat = FakeChat(answer=lambda prompt: "  You are 47, and careful with people.\n")

    assert mend("You are old.", [TRUST, AGE], chat) == "You are 47, and careful with people."
    [(template, prompt)] = chat.calls
    assert template == "audit/repair" and "<story>\nYou are old.\n</story>" in prompt
    facts = [line for line in prompt.splitlines() if line.startswith("- ")]
    assert [line.split(" [options")[0] for line in facts] == ["- " + TRUST["statement"], "- Your age in years is 47."]


def test_a_story_that_lacks_nothing_is_not_sent() -> None:
    chat = FakeChat()

    assert mend(STORY, [], chat) == STORY
    assert chat.calls == []


class Cut(FakeChat):
    """A model that is cut off."""

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        message = AIMessage("You are 4", response_metadata={"finish_reason": "length"})
        return ChatResult(generations=[ChatGeneration(message=message)])


def test_half_a_mended_story_is_no_story() -> None:
    with pytest.raises(CallFailedError) as failed:
        mend(STORY, [AGE], Cut())

    assert failed.value.kind == "cut_off"


def test_altered_and_missing_facts_are_lacking_and_kept_ones_are_not() -> None:
    free: Answer = {"question": "Do you own a car?", "options": [], "code": 1}

    found = lacking_answers([FAMILY, TRUST, AGE, free], {"Q1": "kept", "Q57": "altered", "Q262": "missing"})

    assert found == [TRUST, AGE, free]
    assert lacking_answers([free], {"Do you own a car?": "kept"}) == []


def test_the_stand_in_reads_and_mends_without_a_model() -> None:
    story = "You consider family very important in your life.\n\nYou do not believe in hell."

    async def said(answer: Answer) -> Recall:
        return await ask_recall(story, answer, Settings())

    assert asyncio.run(said(FAMILY)).verdict == "kept"
    assert asyncio.run(said(of_item("Q167", 2))).verdict == "kept"
    assert asyncio.run(said(of_item("Q167", 1))).verdict == "altered"
    assert asyncio.run(said(of_item("Q184", 3))).verdict == "missing"
    assert asyncio.run(said(AGE)).verdict == "missing"
    mended = asyncio.run(ask_repair(story, [AGE, TRUST], Settings()))
    assert mended == f"{story}\n\nYour age in years is 47. {TRUST['statement']}"
