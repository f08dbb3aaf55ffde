"""What every graph of the project starts from: one state, one input, one output, one form of
settings.
"""

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.settings import Settings
from graph.state import Input, Output, State

Graph = CompiledStateGraph[State, Settings, Input, Output]


def new_graph() -> StateGraph[State, Settings, Input, Output]:
    """An empty graph with the project's schemas."""
    return StateGraph(State, context_schema=Settings, input_schema=Input, output_schema=Output)


def chain_nodes(name: str, **nodes: Any) -> Graph:
    """A graph whose nodes run one after the other, in the order given."""
    graph = new_graph()
    before = START
    for node, action in nodes.items():
        graph.add_node(node, action)
        graph.add_edge(before, node)
        before = node
    graph.add_edge(before, END)
    return graph.compile(name=name)
