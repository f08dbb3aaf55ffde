"""A simulated person one can talk with. The wiring alone; the nodes are in `graph.chats`."""

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.constants import TAG_NOSTREAM
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.chats.check import check, sent_or_not
from graph.chats.decide import decide, decided_or_not
from graph.chats.hear import disclose, hear, how_to_answer, story, way_on
from graph.chats.settings import ChatSettings
from graph.chats.speak import correct, speak
from graph.chats.state import ChatInput, ChatOutput, ChatState

Chat = CompiledStateGraph[ChatState, ChatSettings, ChatInput, ChatOutput]

STEPS = 25
"""More than any message takes."""


def build(checkpointer: BaseCheckpointSaver[Any] | None = None, name: str = "chat") -> Chat:
    """Build the graph. No key and no client is needed until it runs.

    `checkpointer` keeps its threads (`graph.chats.threads`); LangGraph's own server brings one. What models write is
    not streamed word by word: a reply is checked before anybody sees it.
    """
    graph = StateGraph(ChatState, context_schema=ChatSettings, input_schema=ChatInput, output_schema=ChatOutput)
    add: Any = graph.add_node
    for node in (hear, story, disclose, decide, speak, check, correct):
        add(node.__name__, node)
    graph.add_edge(START, "hear")
    graph.add_conditional_edges("hear", way_on, ["disclose", "story"])
    graph.add_conditional_edges("story", how_to_answer, ["decide", "speak"])
    graph.add_conditional_edges("decide", decided_or_not, ["speak", END])
    graph.add_edge("speak", "check")
    graph.add_conditional_edges("check", sent_or_not, ["correct", END])
    graph.add_edge("correct", "check")
    graph.add_edge("disclose", END)
    built: Chat = graph.compile(checkpointer=checkpointer, name=name)
    return built.with_config({"tags": [TAG_NOSTREAM], "recursion_limit": STEPS})


graph = build()
