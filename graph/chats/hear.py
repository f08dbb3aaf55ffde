"""Hear the last message: whose person is spoken to, and what kind of message it is."""

from collections.abc import Sequence
from typing import Any, NotRequired

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from graph.chats.closed import closed_question
from graph.chats.history import asked_last, text_of
from graph.chats.settings import ChatSettings, chat_settings_of
from graph.chats.sincerity import disclosure
from graph.chats.state import ChatState, Decision, Turn
from graph.chats.whose import person_of
from graph.given import numbered
from graph.limits import MESSAGE, Malformed, TooMuch, hold_question, hold_size, hold_text
from graph.nodes.story import tell
from graph.state import Story
from survey.profile import Option, fingerprint

TEXT_ONLY = "Only text is read here: please write what you would like to ask."


class Heard(Story):
    """What this node adds."""

    turn: Turn
    decision: Decision | None
    person: str
    since: NotRequired[str]


async def hear(state: ChatState, runtime: Runtime[ChatSettings]) -> Heard:
    """Sort the last message, and notice where another person is spoken to than before.

    With another person the story is forgotten, and what was said before is no longer shown to the model. Raises
    ValueError, one line, for what is too long or not built as it should be.
    """
    last = asked_last(state["messages"])
    person = await person_of(state, chat_settings_of(runtime))
    hold_size(person)
    told = fingerprint(person)
    heard = Heard(turn=sort(text_of(last), state.get("options")), decision=None, person=told)
    if state.get("person", told) != told:
        heard |= {"backstory": "", "backstory_of": "", "since": last.id or ""}
    return heard


def sort(text: str, given: Sequence[str | Option] | None) -> Turn:
    """What kind of message a text is, with these options or with those that it holds. Raises ValueError."""
    hold_text("message", text, MESSAGE)
    turn = Turn(kind="open", text=text, said="", question="", options=[])
    if not text.strip():
        return turn | {"kind": "silent", "said": TEXT_ONLY}
    if said := disclosure(text):
        return turn | {"kind": "sincere", "said": said}
    found = (text, _options(given)) if given else closed_question(text)
    if not found:
        return turn
    question, options = found
    try:
        hold_question(question, options)
    except TooMuch:
        if given:
            raise
        return turn  # a long text with a list in it
    return turn | {"kind": "closed", "question": question, "options": options}


def _options(given: Sequence[str | Option]) -> list[Option]:
    """Options as they were handed in, words numbered from 1. Raises ValueError for what is none."""
    if not isinstance(given, list):
        raise Malformed("options: not a list")
    hold_question("", [option for option in given if not isinstance(option, str)])
    return numbered(given)


async def story(state: ChatState, runtime: Runtime[ChatSettings]) -> Story:
    """Tell the backstory of whoever is spoken to, unless the one at hand is theirs."""
    if state.get("backstory") and state.get("backstory_of") == state["person"]:
        return {}
    settings = chat_settings_of(runtime)
    return await tell(await person_of(state, settings), settings)


async def disclose(state: ChatState) -> dict[str, Any]:
    """Say the fixed sentence that this message gets; no model has a say in it."""
    turn = state["turn"]
    return {"messages": [AIMessage(turn["said"], additional_kwargs={"fixed": turn["kind"]})]}


def way_on(state: ChatState) -> str:
    """Where a message goes: to its fixed sentence, or on to the person."""
    return "disclose" if state["turn"]["said"] else "story"


def how_to_answer(state: ChatState) -> str:
    """How the person comes to answer: a closed question is decided first."""
    return "decide" if state["turn"]["kind"] == "closed" else "speak"
