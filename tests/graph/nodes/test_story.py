"""When the backstory is told, and when the one at hand is taken."""

import asyncio
import copy
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from graph.persona.blocking import ask
from graph.settings import Settings
from graph.state import Output
from graph.valuesim import build
from survey.profile import profile_hash
from tests.graph.fakes import INPUT, PROFILE, FakeChat

HANDED_IN = "You are somebody whom we know from elsewhere."
OTHER = [*PROFILE[:2], PROFILE[2] | {"code": 48, "statement": "Your age in years is 48."}]


def teller() -> FakeChat:
    """The story that it tells holds the age, so that one sees of whom it is."""

    def answer(prompt: str) -> str:
        age = "48" if "48" in prompt else "47" if "47" in prompt else "unknown"
        return f"You are {age}." if "writer of background stories" in prompt else "Answer: 2\nAnalysis: kin first"

    return FakeChat(answer=answer)


def test_a_story_of_this_very_profile_is_taken() -> None:
    chat = teller()
    told = {"backstory": HANDED_IN, "backstory_of": profile_hash(copy.deepcopy(PROFILE))}

    output = ask(build(), INPUT | told, Settings(chat=chat))

    assert chat.templates == ["affective", "behavioral", "cognitive"]
    assert HANDED_IN in chat.prompt("cognitive")
    assert output["backstory"] == HANDED_IN


def test_a_story_without_a_hash_is_taken_at_its_word() -> None:
    chat = teller()

    output = ask(build(), INPUT | {"backstory": HANDED_IN}, Settings(chat=chat))

    assert "story" not in chat.templates and HANDED_IN in chat.prompt("cognitive")
    assert output["backstory_of"] == profile_hash(PROFILE)


def test_a_story_of_another_person_is_told_anew() -> None:
    chat = teller()
    told = {"backstory": HANDED_IN, "backstory_of": profile_hash(OTHER)}

    output = ask(build(), INPUT | told, Settings(chat=chat))

    assert output["backstory"] == "You are 47." and output["backstory_of"] == profile_hash(PROFILE)
    assert all(HANDED_IN not in prompt for _, prompt in chat.calls)


def test_an_empty_story_counts_as_none() -> None:
    chat = teller()

    assert ask(build(), INPUT | {"backstory": ""}, Settings(chat=chat))["backstory"] == "You are 47."


def test_what_is_told_can_be_handed_in_for_the_next_question() -> None:
    chat = teller()
    first = ask(build(), INPUT, Settings(chat=chat))

    told = {"backstory": first["backstory"], "backstory_of": first["backstory_of"]}
    ask(build(), INPUT | told | {"question": "And leisure?"}, Settings(chat=chat))

    assert chat.templates.count("story") == 1


def thread(chat: FakeChat, *questions: Any) -> list[Output]:
    """Ask one question after the other on one thread of a graph with memory."""
    graph = build()
    graph.checkpointer = InMemorySaver()

    async def run() -> list[Any]:
        config: Any = {"configurable": {"thread_id": "1"}}
        return [await graph.ainvoke(question, config, context=Settings(chat=chat)) for question in questions]

    return asyncio.run(run())


def test_a_thread_keeps_its_story_while_the_profile_stays() -> None:
    chat = teller()

    outputs = thread(chat, INPUT, INPUT | {"question": "And leisure?"}, INPUT | {"profile": copy.deepcopy(PROFILE)})

    assert chat.templates.count("story") == 1
    assert [output["backstory"] for output in outputs] == ["You are 47."] * 3


def test_a_thread_whose_profile_changes_gets_a_new_story() -> None:
    chat = teller()

    outputs = thread(chat, INPUT, INPUT | {"profile": OTHER}, INPUT | {"profile": []})

    assert [output["backstory"] for output in outputs] == ["You are 47.", "You are 48.", ""]
    assert len(chat.prompts("story")) == 2
    assert "You are 48." in chat.prompts("cognitive")[1] and "You are 47." not in chat.prompts("cognitive")[1]


def test_a_second_question_on_a_thread_replaces_the_replies() -> None:
    def answer(prompt: str) -> str:
        return "Answer: 3" if "And leisure?" in prompt else "Answer: 2"

    outputs = thread(FakeChat(answer=answer), INPUT, INPUT | {"question": "And leisure?"})

    assert [output["code"] for output in outputs] == [2, 3]
    for output in outputs:
        assert [reply["code"] for reply in output["perspectives"].values()] == [output["code"]] * 3
