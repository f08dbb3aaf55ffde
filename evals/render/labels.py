"""What methods and dimensions are called in tables, figures and sentences."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from evals.analysis.frame import METHOD, Name
from evals.harness.method_names import REFERENCES
from evals.metrics import OVERALL

DIMENSION_LABELS = {
    "core": "core",
    "happiness": "happy",
    "trust": "trust",
    "economic_integrity": "econ",
    "security": "secur",
    "technology": "tech",
    "moral_religious": "moral",
    "political_engagement": "polit",
    "demographics": "demog",
    OVERALL: "all",
}
"""Dimensions in the order of the tables, each with its name for narrow columns."""
METHOD_LABELS = {
    "valuesim": "ValueSim",
    "full_info": "Full Info",
    "rag": "RAG",
    "chance": "chance",
    "mode": "mode",
    "country_mode": "country mode",
    "new_topic": "new topic",
}
USES_OTHERS = frozenset(REFERENCES) - {"chance"}
"""The methods that see other people's answers to the items that they answer."""


def order_dimensions(found: Iterable[str]) -> list[str]:
    """Order dimensions as tables show them: those of WVS 7, then others as found, then overall."""
    there = dict.fromkeys(found)
    known = [name for name in DIMENSION_LABELS if name in there]
    others = [name for name in there if name not in DIMENSION_LABELS]
    end = [OVERALL] if OVERALL in there else []
    return [*(name for name in known if name != OVERALL), *others, *end]


def title_of(graph: str, variant: str, uses_others: bool = False) -> str:
    """Name a method for people, with a dagger where it sees other people's answers."""
    if (graph, variant) == ("chance", "paper"):
        return "chance, paper's"
    title = METHOD_LABELS.get(graph, graph)
    if variant != "full":
        title += f" {variant}"
    return f"{title} †" if uses_others else title


def method_name(line: Mapping[Any, Any]) -> Name:
    """What the method of a line is known by."""
    model, graph, variant = (str(line[part]) for part in METHOD)
    return model, graph, variant


def opponent_title(name: str) -> str:
    """Name the method that another is compared with; `name`: its graph, and what follows."""
    graph, _, rest = name.partition(" ")
    return " ".join(filter(None, (METHOD_LABELS.get(graph, graph), rest)))


def line_title(line: Mapping[Any, Any], among: pd.DataFrame) -> str:
    """Name the method of a line, with its model where the frame holds several models."""
    models = set(among["model"]) - {""}
    title = title_of(line["graph"], line["variant"], line["graph"] in USES_OTHERS)
    return f"{title}, {line['model']}" if len(models) > 1 and line["model"] else title


def has_several_runs(frame: pd.DataFrame) -> bool:
    """Whether the lines of a frame come from more than one run."""
    return "run" in frame and frame["run"].nunique() > 1


def method_title(frame: pd.DataFrame) -> Callable[[Mapping[Any, Any]], str]:
    """Return what names the method of a line of this frame; with its run if there are several."""
    if has_several_runs(frame):
        return lambda line: f"{line_title(line, frame)} ({line['run']})"
    return lambda line: line_title(line, frame)
