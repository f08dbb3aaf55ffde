"""Tokens, money and time of a run on the terminal, spent or estimated."""

from collections.abc import Callable, Mapping, Sequence

from rich.console import Console

from evals.costs.estimate import CACHED_FROM, REPLY, SECONDS, TOKENS_A_SECOND, CostEstimate
from evals.costs.prices import NOTHING, Quote, Tariff, Tokens
from evals.costs.spending import CostLine, cost_lines, money_range, total_usage
from evals.harness.experiment import Experiment
from evals.render.console import plain_table, terminal
from evals.store.budget import EMBEDDINGS
from evals.store.rate_limits import CHARACTERS_PER_TOKEN

ASSUMED = (
    f"Assumed: {CHARACTERS_PER_TOKEN} characters a token; a story as long as the facts it tells; "
    f"{REPLY} tokens an "
    "answer; 3 to 4 calls a question where the coordinator speaks on disagreement alone; each call "
    "to a person but the "
    f"first finds in the cache what its prompt begins with, from {CACHED_FROM:,} tokens on."
)


def print_estimate(
    console: Console, experiment: Experiment, estimate: CostEstimate, tariff: Tariff
) -> None:
    """Print what a run has still to ask, and what that takes."""
    console.print("ESTIMATE of what is still to be asked; nothing was sent.", style="bold yellow")
    if not estimate.lines:
        console.print("No model is to be asked.")
        return
    print_costs(console, estimate.lines, tariff, estimate.answers)
    console.print(ASSUMED, style="dim", soft_wrap=True)
    if not experiment.offline:
        console.print(_time(experiment, estimate), soft_wrap=True)


def _time(experiment: Experiment, estimate: CostEstimate) -> str:
    """How long it may take, and why."""
    if experiment.batch:
        return "Time: three rounds of batches, each done within 24 hours."
    about = " to ".join(dict.fromkeys(map(_duration, estimate.seconds())))
    call = f"{SECONDS:g} s and a second for every {TOKENS_A_SECOND} tokens of its reply"
    return f"Time: about {about}, if a call takes {call}, {experiment.concurrency} at once."


def _duration(seconds: float) -> str:
    """A time in words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


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
