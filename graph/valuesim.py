"""ValueSim: backstory, three perspectives in parallel, coordinator. The wiring alone."""

from collections.abc import Collection
from typing import Any

from langgraph.graph import END, START

from graph.nodes.coordinator import Coordinator
from graph.nodes.perspective import Perspective, direct
from graph.nodes.story import bare_profile, story
from graph.variants import PERSPECTIVES, Integrate, Part, check_parts
from graph.wiring import Graph, new_graph


def build(
    without: Collection[Part] = (), integrate: Integrate = "on_disagreement", name: str = "valuesim"
) -> Graph:
    """Build the graph, or an ablation of it. No key and no client is needed until it runs.

    `without` leaves out the story (the perspectives read the profile), all of the perspectives and
    the coordinator ("cab": one call answers from the backstory), or single perspectives. Raises
    ValueError for parts that do not exist or do not go together.
    """
    check_parts(without)
    graph = new_graph()
    first = "profile" if "story" in without else "story"
    add: Any = graph.add_node
    add(first, bare_profile if "story" in without else story)
    graph.add_edge(START, first)
    if "cab" in without:
        add("direct", direct)
        graph.add_edge(first, "direct")
        graph.add_edge("direct", END)
    else:
        present = [perspective for perspective in PERSPECTIVES if perspective not in without]
        for perspective in present:
            add(perspective, Perspective(perspective))
            graph.add_edge(first, perspective)
        last = "average" if integrate == "average" else "coordinator"
        add(last, Coordinator(integrate))
        graph.add_edge(present, last)  # a list waits for all of them
        graph.add_edge(last, END)
    return graph.compile(name=name)


graph = build()
