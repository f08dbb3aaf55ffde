"""A simulated person one can talk with. The wiring alone; the nodes are in `graph.conversation`."""

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.constants import TAG_NOSTREAM
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.conversation.check import check_draft, route_check
from graph.conversation.decide import decide, route_decision
from graph.conversation.receive import (
    disclose,
    receive,
    route_answer,
    route_message,
    tell_speaker_story,
)
from graph.conversation.settings import ChatSettings
from graph.conversation.speak import correct, speak
from graph.conversation.state import ChatInput, ChatOutput, ChatState

Chat = CompiledStateGraph[ChatState, ChatSettings, ChatInput, ChatOutput]

STEPS = 25
"""More than any message takes."""


def build(checkpointer: BaseCheckpointSaver[Any] | None = None, name: str = "chat") -> Chat:
    """Build the graph. No key and no client is needed until it runs.

    `checkpointer` keeps its threads (`graph.conversation.threads`); LangGraph's own server brings
    one. What models write is not streamed word by word: a reply is checked before anybody sees it.
    """
    graph = StateGraph(
        ChatState, context_schema=ChatSettings, input_schema=ChatInput, output_schema=ChatOutput
    )
    add: Any = graph.add_node
    add("hear", receive)
    add("story", tell_speaker_story)
    add("disclose", disclose)
    add("decide", decide)
    add("speak", speak)
    add("check", check_draft)
    add("correct", correct)
    graph.add_edge(START, "hear")
    graph.add_conditional_edges("hear", route_message, ["disclose", "story"])
    graph.add_conditional_edges("story", route_answer, ["decide", "speak"])
    graph.add_conditional_edges("decide", route_decision, ["speak", END])
    graph.add_edge("speak", "check")
    graph.add_conditional_edges("check", route_check, ["correct", END])
    graph.add_edge("correct", "check")
    graph.add_edge("disclose", END)
    built: Chat = graph.compile(checkpointer=checkpointer, name=name)
    return built.with_config({"tags": [TAG_NOSTREAM], "recursion_limit": STEPS})


graph = build()
