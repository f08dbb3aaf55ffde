"""Checks a reply against the profile before it is sent, and counts contradictions."""

from typing import Any

from langchain_core.messages import AIMessage
from langgraph.graph import END
from langgraph.runtime import Runtime

from graph.conversation.contradictions import find_contradictions
from graph.conversation.settings import ChatSettings, chat_settings_of
from graph.conversation.speaker import speaker_of
from graph.conversation.state import ChatState, Counts, Draft
from graph.persona.response import simulation_notice

NO_REPLY_TEXT = "No reply came; please ask again."
NO_REPLIES = Counts(replies=0, contradicted=0, corrected=0, left=0, unchecked=0)


async def check_draft(state: ChatState, runtime: Runtime[ChatSettings]) -> dict[str, Any]:
    """Send a reply that contradicts nothing or was corrected once; else mark it for correction."""
    settings, draft = chat_settings_of(runtime), state["draft"]
    if not draft["text"]:
        return {"messages": [AIMessage(NO_REPLY_TEXT, additional_kwargs={"fixed": "silence"})]}
    person = await speaker_of(state, settings)
    found = await find_contradictions(draft["text"], state["turn"]["text"], person, settings)
    checked = draft | {"contradicts": list(found.places), "unread": found.unread}
    if found.places and not draft["corrected"]:
        return {"draft": checked}
    counts = count_reply(state.get("counts") or NO_REPLIES, checked)
    return {"draft": checked, "messages": [_message(state, checked, settings)], "counts": counts}


def route_check(state: ChatState) -> str:
    """Route a reply that contradicts what is known to its one correction."""
    draft = state["draft"]
    return "correct" if draft.get("contradicts") and not draft["corrected"] else END


def count_reply(counts: Counts, draft: Draft) -> Counts:
    """The counts with one more reply; a corrected one contradicted the profile at first."""
    left = bool(draft.get("contradicts"))
    return Counts(
        replies=counts["replies"] + 1,
        contradicted=counts["contradicted"] + draft["corrected"],
        corrected=counts["corrected"] + (draft["corrected"] and not left),
        left=counts["left"] + left,
        unchecked=counts["unchecked"] + draft.get("unread", False),
    )


def _message(state: ChatState, draft: Draft, settings: ChatSettings) -> AIMessage:
    """The message to send, with the chosen option, whether it was corrected, and the notice."""
    marks: dict[str, Any] = {"notice": simulation_notice(settings), "corrected": draft["corrected"]}
    if decision := state.get("decision"):
        marks |= {key: decision[key] for key in ("code", "label", "decided_by")}
    return AIMessage(draft["text"], additional_kwargs=marks)
