"""What ties a field of settings to the nodes that read it, in the words of Studio's forms."""

from typing import Any

from pydantic import Field

from graph.variants import PERSPECTIVES
from prompts import PREDICT, template

READERS = [*PERSPECTIVES, "direct", "full_info", "rag"]
"""Nodes that answer from what is known."""
CHAT = ["decide", "speak", "check", "correct"]
"""Nodes of the chat graph, whose `decide` runs all of ValueSim."""
CALLERS = ["story", *READERS, "coordinator", *CHAT]
"""Nodes that ask the chat model."""


def shown_at(*nodes: str) -> dict[str, Any]:
    """The part of a field's schema by which Studio shows it at these nodes."""
    return {"langgraph_nodes": [*nodes]}


def prompt_field(call: str, use: str = PREDICT) -> Any:
    """A field for a text of the user's own in place of the template of this call.

    The form shows the template to begin with.
    """
    nodes = [call]
    if use == PREDICT and call in (*PERSPECTIVES, "coordinator"):
        nodes.append("decide")
    shown = {"langgraph_type": "prompt", "default": template(f"{use}/{call}", None)}
    return Field(
        default=None,
        description=f"the prompt of {call}; must use the same {{names}}",
        json_schema_extra=shown_at(*nodes) | shown,
    )
