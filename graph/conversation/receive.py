"""Hear the last message: whose person is spoken to, and what kind of message it is."""

from collections.abc import Sequence
from typing import Any, NotRequired

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from graph.conversation.closed_question import closed_question
from graph.conversation.history import last_question, text_of
from graph.conversation.settings import ChatSettings, chat_settings_of
from graph.conversation.speaker import speaker_of
from graph.conversation.state import ChatState, Decision, Turn
from graph.nodes.story import tell_story
from graph.persona.disclosure import disclosure_for
from graph.plain_input import numbered_options
from graph.state import StoryUpdate
from graph.validation import (
    MESSAGE,
    InputTooLargeError,
    InvalidInputError,
    validate_length,
    validate_question,
    validate_size,
)
from survey.profile import Option, profile_hash

TEXT_ONLY = "Only text is read here: please write what you would like to ask."


class MessageUpdate(StoryUpdate):
    """What this node adds."""

    turn: Turn
    decision: Decision | None
    person: str
    since: NotRequired[str]


async def receive(state: ChatState, runtime: Runtime[ChatSettings]) -> MessageUpdate:
    """Sort the last message, and notice where another person is spoken to than before.

    With another person the story is forgotten, and what was said before is no longer shown to the
    model. Raises ValueError, one line, for what is too long or not built as it should be.
    """
    last = last_question(state["messages"])
    person = await speaker_of(state, chat_settings_of(runtime))
    validate_size(person)
    told = profile_hash(person)
    heard = MessageUpdate(
        turn=classify_message(text_of(last), state.get("options")), decision=None, person=told
    )
    if state.get("person", told) != told:
        heard |= {"backstory": "", "backstory_of": "", "since": last.id or ""}
    return heard


def classify_message(text: str, given: Sequence[str | Option] | None) -> Turn:
    """What kind of message a text is, with these options or with those that it holds. Raises
    ValueError.
    """
    validate_length("message", text, MESSAGE)
    turn = Turn(kind="open", text=text, said="", question="", options=[])
    if not text.strip():
        return turn | {"kind": "silent", "said": TEXT_ONLY}
    if said := disclosure_for(text):
        return turn | {"kind": "sincere", "said": said}
    found = (text, _options(given)) if given else closed_question(text)
    if not found:
        return turn
    question, options = found
    try:
        validate_question(question, options)
    except InputTooLargeError:
        if given:
            raise
        return turn  # a long text with a list in it
    return turn | {"kind": "closed", "question": question, "options": options}


def _options(given: Sequence[str | Option]) -> list[Option]:
    """Options as they were handed in, words numbered from 1. Raises ValueError for what is none."""
    if not isinstance(given, list):
        raise InvalidInputError("options: not a list")
    validate_question("", [option for option in given if not isinstance(option, str)])
    return numbered_options(given)


async def tell_speaker_story(state: ChatState, runtime: Runtime[ChatSettings]) -> StoryUpdate:
    """Tell the backstory of whoever is spoken to, unless the one at hand is theirs."""
    if state.get("backstory") and state.get("backstory_of") == state["person"]:
        return {}
    settings = chat_settings_of(runtime)
    return await tell_story(await speaker_of(state, settings), settings)


async def disclose(state: ChatState) -> dict[str, Any]:
    """Say the fixed sentence that this message gets; no model has a say in it."""
    turn = state["turn"]
    return {"messages": [AIMessage(turn["said"], additional_kwargs={"fixed": turn["kind"]})]}


def route_message(state: ChatState) -> str:
    """Where a message goes: to its fixed sentence, or on to the person."""
    return "disclose" if state["turn"]["said"] else "story"


def route_answer(state: ChatState) -> str:
    """How the person comes to answer: a closed question is decided first."""
    return "decide" if state["turn"]["kind"] == "closed" else "speak"
