"""A real and very weak model, asked through the graphs: each reply is read, or it is told why it is not."""

import asyncio
import time
from typing import Any

import pytest

from graph.chat import build as build_chat
from graph.conversation.settings import ChatSettings
from graph.llm.errors import CallFailedError
from graph.llm.local.session import open_session
from graph.llm.local.share import share_of
from graph.llm.local.weights import weights_of
from graph.persona.blocking import ask, run_sync
from graph.persona.persona import Persona
from graph.persona.response import NOTICE
from graph.settings import Settings
from tests.graph.fakes import INPUT, PROFILE
from tests.graph.test_graphs import graph_of

LIMITS: dict[str, Any] = {
    "chat": "smollm2",
    "local_threads": 1,
    "local_window": 2048,
    "max_tokens": 24,
    "request_by_node": {"story": {"max_tokens": 200, "stop": ["."]}},  # one sentence is enough here
}
SMALL = Settings(**LIMITS)
CODES = {option["code"] for option in INPUT["options"]}


def is_read_or_explained(reply: Any) -> bool:
    """Whether a reply is one of the options, or says in words why it is none."""
    if reply["code"] is None:
        return bool(reply["problem"] and reply["cause"])
    return reply["code"] in CODES and not reply["problem"]


def test_valuesim_tells_a_story_and_reads_or_explains_each_perspective() -> None:
    state = run_sync(graph_of("valuesim").ainvoke(INPUT, context=SMALL))

    assert state["backstory"].strip() and "offline" not in state["backstory"]
    assert sorted(state["perspectives"]) == ["affective", "behavioral", "cognitive"]
    assert all(map(is_read_or_explained, state["perspectives"].values()))
    assert is_read_or_explained(state)


@pytest.mark.parametrize("name", ["full_info", "rag"])
def test_a_baseline_reads_or_explains_its_reply(name: str) -> None:
    assert is_read_or_explained(ask(graph_of(name), INPUT, SMALL))


def test_a_person_answers_a_closed_question_without_the_notice_of_the_stand_in() -> None:
    person = Persona.from_profile(PROFILE, settings=SMALL)

    response = person.ask_sync("Does work come first?", ["Agree", "Disagree"])

    assert response.answer in ("Agree", "Disagree") or response.problem
    assert response.notice == NOTICE and len(response.views) == 3


def test_a_chat_speaks_and_says_that_it_is_simulated() -> None:
    settings = ChatSettings(**LIMITS)
    given: Any = {"profile": PROFILE, "messages": [{"role": "user", "content": "How are you?"}]}

    state = run_sync(build_chat().ainvoke(given, context=settings))

    assert state["messages"][-1].text.strip()
    assert state["messages"][-1].additional_kwargs["notice"] == NOTICE


def test_a_profile_longer_than_the_window_is_told_in_one_line() -> None:
    narrow = SMALL.model_copy(update={"local_window": 128})

    with pytest.raises(CallFailedError, match=r"^the prompt has \d+ tokens, the context window of smollm2 128: "):
        ask(graph_of("full_info"), INPUT, narrow)


def test_threads_of_a_server_wait_for_each_other() -> None:
    async def at_once() -> list[Any]:
        asked = [graph_of("rag").ainvoke(INPUT, context=SMALL) for _ in range(3)]
        return await asyncio.gather(*asked)

    states = run_sync(at_once())

    assert len({state["code"] for state in states}) == 1 and is_read_or_explained(states[0])


def test_a_call_s_time_begins_when_its_turn_comes() -> None:
    hasty = SMALL.model_copy(update={"timeout": 3, "max_tokens": 1})
    ask(graph_of("rag"), INPUT, SMALL.model_copy(update={"max_tokens": 1}))  # its prompt is computed from now on
    share = share_of("smollm2", hasty.local_window, hasty.local_threads, hasty.local_parallel)
    for _ in range(share.at_once):
        open_session(weights_of("smollm2"), share).worker.submit(time.sleep, 3.5)  # as if others were answered

    assert is_read_or_explained(ask(graph_of("rag"), INPUT, hasty))


def test_the_longest_reply_is_as_long_as_the_settings_say() -> None:
    short = SMALL.model_copy(update={"max_tokens": 2})

    reply = ask(graph_of("full_info"), INPUT, short)

    assert (reply["code"], reply["cause"]) == (None, "cut_off") and "cut off" in reply["problem"]
