"""Tokens and money by graph and node, spent or estimated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from evals.costs.prices import Tariff, Tokens
from evals.harness.method_names import LLM_GRAPHS, Graph
from evals.store.budget import EMBEDDINGS
from graph.variants import PERSPECTIVES

NODES = ("story", *PERSPECTIVES, "coordinator", "direct")
"""The nodes of valuesim in the order of the table; other nodes stand beside the first."""


@dataclass(frozen=True)
class CostLine:
    """The tokens of one node of a graph: the least and the most, which are equal where known."""

    graph: str
    node: str
    low: Tokens
    high: Tokens


def cost_lines(used: Mapping[str, Tokens]) -> list[CostLine]:
    """Return a line for each template that was paid for, by graph and node."""
    lines = []
    for template, tokens in used.items():
        node = template.removeprefix("predict/").removesuffix("_published")
        lines.append(CostLine(_graph_of(node), node, tokens, tokens))
    return sorted(lines, key=_place)


def _graph_of(node: str) -> Graph:
    """Return the graph that a node belongs to."""
    for graph in LLM_GRAPHS:
        if graph == node:
            return graph
    return "rag" if node == EMBEDDINGS else "valuesim"


def _place(line: CostLine) -> tuple[int, int]:
    """Return the sort key of a line: its graph, then its node."""
    node = NODES.index(line.node) if line.node in NODES else 0
    return LLM_GRAPHS.index(line.graph), node


def usage_record(used: Mapping[str, Tokens], tariff: Tariff) -> dict[str, Any]:
    """Return what `metrics.json` keeps: tokens by template, texts embedded, money if priced."""
    found: dict[str, Any] = {"usage": {}}
    for template, tokens in used.items():
        spent = tariff.money(template, tokens)
        paid = {} if spent is None or not tariff.priced else {"money": round(spent, 6)}
        if template == EMBEDDINGS:
            found["embeddings"] = {"texts": tokens.calls, "tokens_about": tokens.prompt} | paid
        else:
            names = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens")
            guessed = {"estimated_calls": tokens.estimated} if tokens.estimated else {}
            counts = zip(names, astuple(tokens)[: len(names)], strict=True)
            found["usage"][template] = dict(counts) | guessed | paid
    ends = money_range(cost_lines(used), tariff)
    return found | ({"money": round(ends[0], 6)} if ends and tariff.priced else {})


def total_usage(lines: Iterable[CostLine]) -> tuple[Tokens, Tokens]:
    """Return what these lines use together, at least and at most.

    Texts that were embedded are not counted as calls.
    """
    low, high = Tokens(), Tokens()
    for line in lines:
        texts = line.node == EMBEDDINGS
        low += replace(line.low, calls=0) if texts else line.low
        high += replace(line.high, calls=0) if texts else line.high
    return low, high


def money_range(lines: Sequence[CostLine], tariff: Tariff) -> tuple[float, float] | None:
    """Return what these lines cost in US$, at least and at most; None where there is no price.

    Where the price of embeddings alone is missing, they are left out.
    """
    least = most = 0.0
    priced = False
    for line in lines:
        low, high = tariff.money(line.node, line.low), tariff.money(line.node, line.high)
        if low is not None and high is not None:
            priced = True
            least += low
            most += high
        elif line.node != EMBEDDINGS:
            return None
    return (least, most) if priced else None
