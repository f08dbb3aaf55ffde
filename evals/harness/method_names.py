"""The methods by name: which ask a model, which stand in every table, which read the profile."""

from typing import Literal

Graph = Literal[
    "valuesim",
    "full_info",
    "rag",
    "chance",
    "mode",
    "country_mode",
    "demographics",
    "new_topic",
    "ridge",
    "boosted",
]

LLM_GRAPHS: tuple[Graph, ...] = ("valuesim", "full_info", "rag")
"""The methods that ask a model."""
STANDING: tuple[Graph, ...] = ("chance", "mode", "country_mode", "new_topic", "ridge")
"""The references that stand in every table."""
REFERENCES: tuple[Graph, ...] = (*STANDING, "demographics", "boosted")
"""The methods that ask no model."""
ASKED_ONE_BY_ONE: tuple[Graph, ...] = (*LLM_GRAPHS, "boosted")
"""The methods whose answers come in one by one, and are kept in the ledger."""
FROM_PROFILE: tuple[Graph, ...] = (*LLM_GRAPHS, "demographics", "new_topic", "ridge", "boosted")
"""The methods that look at the profile."""
