"""Tokens and money by graph and node, spent or estimated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from evals.costs.prices import Tariff, Tokens
from evals.harness.experiment import LLM_GRAPHS
from evals.store.budget import EMBEDDINGS
from graph.variants import PERSPECTIVES

NODES = {
    node: place for place, node in enumerate(("story", *PERSPECTIVES, "coordinator", "direct"))
}
"""The order in which the nodes of valuesim stand."""


@dataclass(frozen=True)
class CostLine:
    """What one node of a graph uses: at least and at most, which is the same where it is known."""

    graph: str
    node: str
    low: Tokens
    high: Tokens


def cost_lines(used: Mapping[str, Tokens]) -> list[CostLine]:
    """A line for each template that was paid for."""
    lines = []
    for template, tokens in used.items():
        node = template.removeprefix("predict/").removesuffix("_published")
        graph = node if node in LLM_GRAPHS else "rag" if node == EMBEDDINGS else "valuesim"
        lines.append(CostLine(graph, node, tokens, tokens))
    return sorted(lines, key=lambda line: (LLM_GRAPHS.index(line.graph), NODES.get(line.node, 0)))


def usage_record(used: Mapping[str, Tokens], tariff: Tariff) -> dict[str, Any]:
    """What `metrics.json` keeps: usage by template, texts embedded, and money where a price is
    known.
    """
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
    """What these lines use together, at least and at most; texts that were embedded are no
    calls.
    """
    low, high = Tokens(), Tokens()
    for line in lines:
        texts = line.node == EMBEDDINGS
        low += replace(line.low, calls=0) if texts else line.low
        high += replace(line.high, calls=0) if texts else line.high
    return low, high


def money_range(lines: Sequence[CostLine], tariff: Tariff) -> tuple[float, float] | None:
    """What these lines cost, at least and at most; None where there is no price.

    Where that of embeddings alone is missing, they are left out.
    """
    priced = [line for line in lines if tariff.money(line.node, line.low) is not None]
    if not priced or any(line.node != EMBEDDINGS and line not in priced for line in lines):
        return None
    return (
        sum(tariff.money(line.node, line.low) or 0 for line in priced),
        sum(tariff.money(line.node, line.high) or 0 for line in priced),
    )
