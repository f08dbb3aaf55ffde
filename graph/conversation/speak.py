"""Speaks as the person, and corrects a reply that contradicts what is known of them."""

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graph.conversation.history import remove_marks, visible_history
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
    """What these nodes add to the state."""

    draft: Draft


async def speak(state: ChatState, runtime: Runtime[ChatSettings]) -> SpeechUpdate:
    """Ask the model what the person says next; the reply keeps to a decided option."""
    settings = chat_settings_of(runtime)
    history = visible_history(state["messages"], state.get("since"))
    message = await complete_chat(
        "chat/speak",
        settings,
        history,
        backstory=remove_marks(state["backstory"]),
        decision=await _decision(state, settings),
    )
    return {"draft": Draft(text=_with_option(_reply_text(message), state), corrected=False)}


async def correct(state: ChatState, runtime: Runtime[ChatSettings]) -> SpeechUpdate:
    """Ask the model once to correct a reply that contradicts what is known.

    Where the model returns no words, the reply stays as it was.
    """
    settings, draft = chat_settings_of(runtime), state["draft"]
    profile = await speaker_of(state, settings)
    message = await complete(
        "chat/correct",
        settings,
        question=remove_marks(state["turn"]["text"]),
        reply=remove_marks(draft["text"]),
        facts=profile_text([profile[place] for place in draft.get("contradicts", [])]),
        decision=await _decision(state, settings),
    )
    text = _reply_text(message) or draft["text"]
    return {"draft": Draft(text=_with_option(text, state), corrected=True)}


async def _decision(state: ChatState, settings: ChatSettings) -> str:
    """The part of the prompt on the decided option; "" where the question is an open one."""
    decision, turn = state.get("decision"), state["turn"]
    if decision is None:
        return ""
    asked = question_text(turn["question"], turn["options"])
    choice, reasons = single_line(decision["label"]), single_line(decision["reasons"])
    return await fill("chat/decision", settings, question=asked, choice=choice, reasons=reasons)


def _reply_text(message: AIMessage) -> str:
    """The reply without the thoughts that models write down, cut to REPLY characters."""
    text = without_thoughts(str(message.text)).strip()
    if text and was_cut(message):
        text += "…"
    return text if len(text) <= REPLY else f"{text[: REPLY - 1].rstrip()}…"


def _with_option(text: str, state: ChatState) -> str:
    """The text with the decided option in it, and no other one; as it is without a decision."""
    decision = state.get("decision")
    if decision is None or decision["code"] is None:
        return text
    return keep_option(text, decision["code"], state["turn"]["options"])
