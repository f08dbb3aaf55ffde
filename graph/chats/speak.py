"""Speak as the person, and say it again where it contradicts what is known of them."""

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graph.chats.choice import kept
from graph.chats.history import quoted, shown
from graph.chats.settings import ChatSettings, chat_settings_of
from graph.chats.state import ChatState, Draft
from graph.chats.whose import person_of
from graph.endings import was_cut
from graph.limits import REPLY
from graph.nodes.call import converse, filled, send
from graph.thoughts import without_thoughts
from survey.profile import listed, one_line, question_text


class Spoken(TypedDict):
    """What these nodes add."""

    draft: Draft


async def speak(state: ChatState, runtime: Runtime[ChatSettings]) -> Spoken:
    """Ask the model what the person says next; a decided option stands in it."""
    settings = chat_settings_of(runtime)
    history = shown(state["messages"], state.get("since"))
    told = {"backstory": quoted(state["backstory"]), "decision": await _decision(state, settings)}
    message = await converse("chat/speak", settings, history, **told)
    return {"draft": Draft(text=_with_option(_words(message), state), corrected=False)}


async def correct(state: ChatState, runtime: Runtime[ChatSettings]) -> Spoken:
    """Ask the model once to mend a reply that contradicts what is known; no words leave it as it was."""
    settings, draft = chat_settings_of(runtime), state["draft"]
    person = await person_of(state, settings)
    message = await send(
        "chat/correct",
        settings,
        question=quoted(state["turn"]["text"]),
        reply=quoted(draft["text"]),
        facts=listed([person[place] for place in draft.get("contradicts", [])]),
        decision=await _decision(state, settings),
    )
    return {"draft": Draft(text=_with_option(_words(message) or draft["text"], state), corrected=True)}


async def _decision(state: ChatState, settings: ChatSettings) -> str:
    """What the model is told of the decided option; nothing where the question is an open one."""
    decision, turn = state.get("decision"), state["turn"]
    if decision is None:
        return ""
    asked = question_text(turn["question"], turn["options"])
    choice, reasons = one_line(decision["label"]), one_line(decision["reasons"])
    return await filled("chat/decision", settings, question=asked, choice=choice, reasons=reasons)


def _words(message: AIMessage) -> str:
    """What was said, without the thoughts that some models write down, cut where a model does not stop."""
    said = without_thoughts(str(message.text)).strip()
    if said and was_cut(message):
        said += "…"
    return said if len(said) <= REPLY else f"{said[: REPLY - 1].rstrip()}…"


def _with_option(text: str, state: ChatState) -> str:
    """The text with the decided option in it, and no other one."""
    decision = state.get("decision")
    if decision is None or decision["code"] is None:
        return text
    return kept(text, decision["code"], state["turn"]["options"])
