"""Speak as the person, and say it again where it contradicts what is known of them."""

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graph.conversation.history import escape_marks, visible_history
from graph.conversation.keep_option import keep_option
from graph.conversation.settings import ChatSettings, chat_settings_of
from graph.conversation.speaker import speaker_of
from graph.conversation.state import ChatState, Draft
from graph.llm.finish_reasons import was_cut
from graph.nodes.call import complete, complete_chat, fill
from graph.reply_reader.thoughts import without_thoughts
from graph.validation import REPLY
from survey.profile import profile_text, question_text, single_line


class SpeechUpdate(TypedDict):
    """What these nodes add."""

    draft: Draft


async def speak(state: ChatState, runtime: Runtime[ChatSettings]) -> SpeechUpdate:
    """Ask the model what the person says next; a decided option stands in it."""
    settings = chat_settings_of(runtime)
    history = visible_history(state["messages"], state.get("since"))
    told = {
        "backstory": escape_marks(state["backstory"]),
        "decision": await _decision(state, settings),
    }
    message = await complete_chat("chat/speak", settings, history, **told)
    return {"draft": Draft(text=_with_option(_words(message), state), corrected=False)}


async def correct(state: ChatState, runtime: Runtime[ChatSettings]) -> SpeechUpdate:
    """Ask the model once to mend a reply that contradicts what is known; no words leave it as it
    was.
    """
    settings, draft = chat_settings_of(runtime), state["draft"]
    person = await speaker_of(state, settings)
    message = await complete(
        "chat/correct",
        settings,
        question=escape_marks(state["turn"]["text"]),
        reply=escape_marks(draft["text"]),
        facts=profile_text([person[place] for place in draft.get("contradicts", [])]),
        decision=await _decision(state, settings),
    )
    return {
        "draft": Draft(text=_with_option(_words(message) or draft["text"], state), corrected=True)
    }


async def _decision(state: ChatState, settings: ChatSettings) -> str:
    """What the model is told of the decided option; nothing where the question is an open one."""
    decision, turn = state.get("decision"), state["turn"]
    if decision is None:
        return ""
    asked = question_text(turn["question"], turn["options"])
    choice, reasons = single_line(decision["label"]), single_line(decision["reasons"])
    return await fill("chat/decision", settings, question=asked, choice=choice, reasons=reasons)


def _words(message: AIMessage) -> str:
    """What was said, without the thoughts that some models write down, cut where a model does not
    stop.
    """
    said = without_thoughts(str(message.text)).strip()
    if said and was_cut(message):
        said += "…"
    return said if len(said) <= REPLY else f"{said[: REPLY - 1].rstrip()}…"


def _with_option(text: str, state: ChatState) -> str:
    """The text with the decided option in it, and no other one."""
    decision = state.get("decision")
    if decision is None or decision["code"] is None:
        return text
    return keep_option(text, decision["code"], state["turn"]["options"])
