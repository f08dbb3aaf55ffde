"""Receives the last message: finds out who is spoken to, and what kind of message it is."""

from collections.abc import Sequence
from typing import Any, NotRequired

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from graph.conversation.closed_question import find_closed_question
from graph.conversation.history import last_user_message, message_text
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
    """What this node adds to the state."""

    turn: Turn
    decision: Decision | None
    person: str
    since: NotRequired[str]


async def receive(state: ChatState, runtime: Runtime[ChatSettings]) -> MessageUpdate:
    """Classify the last message, and begin anew where another person is spoken to than before.

    With another person the node clears the story, and the model no longer sees what was said
    before. Raises ValueError, one line, for input that is too long or malformed.
    """
    last = last_user_message(state["messages"])
    profile = await speaker_of(state, chat_settings_of(runtime))
    validate_size(profile)
    person = profile_hash(profile)
    turn = classify_message(message_text(last), state.get("options"))
    update = MessageUpdate(turn=turn, decision=None, person=person)
    if state.get("person", person) != person:
        update |= {"backstory": "", "backstory_of": "", "since": last.id or ""}
    return update


def classify_message(text: str, given: Sequence[str | Option] | None) -> Turn:
    """Tell what kind of message a text is, with the options given or those that it holds.

    Raises ValueError, one line, for a text or options that are too long or malformed.
    """
    validate_length("message", text, MESSAGE)
    turn = Turn(kind="open", text=text, said="", question="", options=[])
    if not text.strip():
        return turn | {"kind": "silent", "said": TEXT_ONLY}
    if said := disclosure_for(text):
        return turn | {"kind": "sincere", "said": said}
    found = (text, _options(given)) if given else find_closed_question(text)
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
    """The options that the input holds, words numbered from 1. Raises ValueError."""
    if not isinstance(given, list):
        raise InvalidInputError("options: not a list")
    validate_question("", [option for option in given if not isinstance(option, str)])
    return numbered_options(given)


async def tell_speaker_story(state: ChatState, runtime: Runtime[ChatSettings]) -> StoryUpdate:
    """Tell the person's backstory, unless the state holds it already."""
    if state.get("backstory") and state.get("backstory_of") == state["person"]:
        return {}
    settings = chat_settings_of(runtime)
    return await tell_story(await speaker_of(state, settings), settings)


async def disclose(state: ChatState) -> dict[str, Any]:
    """Answer with a fixed sentence, without a model."""
    turn = state["turn"]
    return {"messages": [AIMessage(turn["said"], additional_kwargs={"fixed": turn["kind"]})]}


def route_message(state: ChatState) -> str:
    """Route a message to its fixed sentence, or on to the person."""
    return "disclose" if state["turn"]["said"] else "story"


def route_answer(state: ChatState) -> str:
    """Route a closed question to its decision, and anything else to speech."""
    return "decide" if state["turn"]["kind"] == "closed" else "speak"
