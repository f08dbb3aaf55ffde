"""Decides a closed question with the ValueSim graph."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage
from langgraph.graph import END
from langgraph.runtime import Runtime

from graph import valuesim
from graph.conversation.settings import ChatSettings, chat_settings_of
from graph.conversation.speaker import speaker_of
from graph.conversation.state import ChatState, Decision
from survey.profile import Option

UNREADABLE_ANSWER = "No answer to this question could be read, so none is given."


async def decide(state: ChatState, runtime: Runtime[ChatSettings]) -> dict[str, Any]:
    """Ask ValueSim; where no option can be read, say so and never guess.

    The graph runs as a subgraph: with `subgraphs=True` its nodes are streamed, too.
    """
    settings, turn = chat_settings_of(runtime), state["turn"]
    question: Any = {
        "profile": list(await speaker_of(state, settings)),
        "question": turn["question"],
        "options": turn["options"],
        "backstory": state["backstory"],
        "backstory_of": state["backstory_of"],
    }
    output = await valuesim.graph.ainvoke(question, context=settings)
    decision = _decision(output, turn["options"])
    if decision["label"]:
        return {"decision": decision}
    marks = {
        "code": None,
        "label": "",
        "decided_by": output["decided_by"],
        "problem": output["problem"],
    }
    message = AIMessage(UNREADABLE_ANSWER, additional_kwargs=marks)
    return {"decision": decision, "messages": [message]}


def _decision(output: Mapping[str, Any], options: Sequence[Option]) -> Decision:
    """The decision of the graph; without a code where its answer is none of the options."""
    labels = {option["code"]: option["label"] for option in options}
    label = labels.get(output["code"], "")
    return Decision(
        code=output["code"] if label else None,
        label=label,
        decided_by=output["decided_by"],
        reasons=output["analysis"],
    )


def route_decision(state: ChatState) -> str:
    """Route a decision on to be spoken; end without one, since the node sent a message already."""
    decision = state.get("decision")
    return "speak" if decision and decision["code"] is not None else END
