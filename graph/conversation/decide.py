"""Decide a closed question: the ValueSim graph answers it underneath."""

from typing import Any

from langchain_core.messages import AIMessage
from langgraph.graph import END
from langgraph.runtime import Runtime

from graph import valuesim
from graph.conversation.settings import ChatSettings, chat_settings_of
from graph.conversation.speaker import speaker_of
from graph.conversation.state import ChatState, Decision

UNREAD = "No answer to this question could be read, so none is given."


async def decide(state: ChatState, runtime: Runtime[ChatSettings]) -> dict[str, Any]:
    """Ask ValueSim; where it gives no option that can be read, say so and never guess.

    The graph runs as a subgraph: with `subgraphs=True` its nodes are streamed, too.
    """
    settings, turn = chat_settings_of(runtime), state["turn"]
    asked: Any = {
        "profile": list(await speaker_of(state, settings)),
        "question": turn["question"],
        "options": turn["options"],
        "backstory": state["backstory"],
        "backstory_of": state["backstory_of"],
    }
    output = await valuesim.graph.ainvoke(asked, context=settings)
    label = next(
        (option["label"] for option in turn["options"] if option["code"] == output["code"]), ""
    )
    decision = Decision(
        code=output["code"] if label else None,
        label=label,
        decided_by=output["decided_by"],
        reasons=output["analysis"],
    )
    if label:
        return {"decision": decision}
    marks = {
        "code": None,
        "label": "",
        "decided_by": output["decided_by"],
        "problem": output["problem"],
    }
    return {"decision": decision, "messages": [AIMessage(UNREAD, additional_kwargs=marks)]}


def route_decision(state: ChatState) -> str:
    """A decision is spoken; without one all is said already."""
    decision = state.get("decision")
    return "speak" if decision and decision["code"] is not None else END
