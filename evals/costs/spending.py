"""Tokens and money by graph and node, spent or estimated: the table on the terminal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from rich.console import Console

from evals.costs.prices import NOTHING, Quote, Tariff, Tokens
from evals.harness.experiment import LLM_GRAPHS
from evals.render.console import plain_table, terminal
from evals.store.rate_limits import EMBEDDINGS
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


def print_usage(used: Mapping[str, Tokens], tariff: Tariff, answers: Mapping[str, int]) -> None:
    """Show what a run used: by graph and node where any tokens were reported, and in one line."""
    console = terminal()
    chat = sum((tokens for template, tokens in used.items() if template != EMBEDDINGS), Tokens())
    if chat.estimated < chat.calls:
        print_costs(console, cost_lines(used), tariff, answers)
        console.print()
    said = f"{chat.calls:,} calls; {chat.prompt:,} prompt and {chat.completion:,} completion tokens"
    if not chat.estimated:
        console.print(f"{said}, as the server reported them.")
        return
    of = "all" if chat.estimated == chat.calls else f"{chat.estimated:,}"
    console.print(
        f"{said}. Of {of} calls the server reported none that can be: they are estimated from the "
        f"text, rather too "
        "high.",
        soft_wrap=True,
    )


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


def print_costs(
    console: Console, lines: Sequence[CostLine], tariff: Tariff, answers: Mapping[str, int]
) -> None:
    """Print the table, by graph and node; `answers` says how many each graph gave, or will."""
    table = plain_table("Tokens and money", gap=2)
    heads = ["calls", "prompt", "cached", "completion", *(["US$"] if tariff.priced else [])]
    for name in ("", "", *heads):
        table.add_column(name, justify="right" if name else "left")
    graphs = list(dict.fromkeys(line.graph for line in lines))
    for graph in graphs:
        own = [line for line in lines if line.graph == graph]
        for place, line in enumerate(own):
            table.add_row("" if place else graph, line.node, *_cells([line], tariff))
        if answers.get(graph):
            share = 1000 / answers[graph]
            table.add_row("", "1,000 answers", *_cells(own, tariff, share), style="dim")
    table.add_row("all", "", *_cells(lines, tariff), style="bold")
    console.print(table)
    _print_prices(console, tariff, any(line.node == EMBEDDINGS for line in lines))


def _cells(lines: Sequence[CostLine], tariff: Tariff, share: float = 1) -> list[str]:
    """The figures of these lines together, from the least to the most."""
    low, high = total_usage(lines)
    cells = [
        _range(getattr(low, name) * share, getattr(high, name) * share, short_count)
        for name in ("calls", "prompt", "cached", "completion")
    ]
    if [line.node for line in lines] == [EMBEDDINGS]:
        cells[0] = f"{lines[0].high.calls:,} texts"
    if tariff.priced:
        ends = money_range(lines, tariff)
        cells.append(_range(ends[0] * share, ends[1] * share, format_dollars) if ends else "-")
    return cells


def _range(low: float, high: float, write: Callable[[float], str]) -> str:
    """One figure, or two where they differ as written."""
    return "–".join(dict.fromkeys((write(low), write(high))))


def short_count(number: float) -> str:
    """A number of calls or tokens, in millions where there are millions."""
    return f"{number:,.0f}" if number < 1e6 else f"{number / 1e6:,.1f}M"


def format_dollars(amount: float) -> str:
    """Money, in more decimals the less it is."""
    return f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:.4f}"


def _print_prices(console: Console, tariff: Tariff, embeds: bool) -> None:
    """Say by which prices, or that there are none."""
    for kind, quote in (
        ("chat", tariff.chat),
        ("embeddings", tariff.embeddings if embeds else NOTHING),
    ):
        if quote is None:
            console.print(
                f"The price of the {kind} model is not known, so tokens alone; --prices FILE gives "
                f"it.",
                style="yellow",
            )
        elif quote != NOTHING:
            console.print(f"{kind}: {_said(quote)}", style="dim", soft_wrap=True)


def _said(quote: Quote) -> str:
    """A price in words."""
    price = quote.price
    said = (
        f"US$ {price.prompt:g} prompt, {price.cached:g} cached, {price.completion:g} completion a "
        f"million tokens"
    )
    return (
        said
        + (f", as of {quote.as_of}" if quote.as_of else "")
        + (f" ({quote.source})" if quote.source else "")
    )
