"""Tokens, money and time of a run on the terminal, spent or estimated."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.console import Console

from evals.costs.estimate import CACHED_FROM, REPLY, SECONDS, TOKENS_A_SECOND, CostEstimate
from evals.costs.prices import NOTHING, Quote, Tariff, Tokens
from evals.costs.spending import CostLine, cost_lines, money_range, total_usage
from evals.costs.timed_call import TimedCall
from evals.harness.experiment import Experiment
from evals.render.console import print_table, terminal
from evals.render.formatting import DASH, format_dollars, format_large_count
from evals.render.table import Line, Table, console_table, word_column
from evals.store.budget import EMBEDDINGS
from evals.store.rate_limits import CHARACTERS_PER_TOKEN

ASSUMED = (
    f"Assumed: {CHARACTERS_PER_TOKEN} characters a token; a story as long as the facts it tells; "
    f"{REPLY} tokens an answer; 3 to 4 calls a question where the coordinator speaks on "
    "disagreement alone; each call to a person but the first finds in the cache what its prompt "
    f"begins with, from {CACHED_FROM:,} tokens on."
)


def print_estimate(
    console: Console,
    experiment: Experiment,
    estimate: CostEstimate,
    tariff: Tariff,
    timed: TimedCall | None = None,
) -> None:
    """Print what a run has still to ask, and what that takes; `timed`: a call that was sent."""
    sent = "one call was timed, and is kept for the run" if timed else "nothing was sent"
    console.print(f"ESTIMATE of what is still to be asked; {sent}.", style="bold yellow")
    if not estimate.lines:
        console.print("No model is to be asked.")
        return
    print_costs(console, estimate.lines, tariff, estimate.answers)
    console.print(ASSUMED, style="dim", soft_wrap=True)
    if not experiment.offline:
        text = _time(experiment, estimate)
        if timed:
            text = _time_at_speed(timed, estimate, experiment.slots)
        console.print(text, soft_wrap=True)


def _time_at_speed(timed: TimedCall, estimate: CostEstimate, slots: int) -> str:
    """How long it may take at the speed of a call that was timed; so many may be out at once."""
    low, high = total_usage([line for line in estimate.lines if line.node != EMBEDDINGS])
    ends = (timed.seconds_of(low), timed.seconds_of(high))
    about = " to ".join(dict.fromkeys(map(_duration, ends)))
    less = f"; with up to {slots} at once, as the run has, it takes less" if slots > 1 else ""
    return (
        f"Time: about {about} at the speed of one call ({timed.seconds:.1f} s for "
        f"{timed.tokens:,} tokens), 1 at once{less}."
    )


def _time(experiment: Experiment, estimate: CostEstimate) -> str:
    """How long it may take, and why."""
    if experiment.batch:
        return "Time: three rounds of batches, each done within 24 hours."
    about = " to ".join(dict.fromkeys(map(_duration, estimate.seconds())))
    call = f"{SECONDS:g} s and a second for every {TOKENS_A_SECOND} tokens of its reply"
    return f"Time: about {about}, if a call takes {call}, {experiment.slots} at once."


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
        "text, rather too high.",
        soft_wrap=True,
    )


def print_costs(
    console: Console, lines: Sequence[CostLine], tariff: Tariff, answers: Mapping[str, int]
) -> None:
    """Print tokens and money by graph and node, and the prices.

    `answers`: how many answers each graph gave, or will give.
    """
    print_table(console, describe_costs(lines, tariff, answers))
    _print_prices(console, tariff, any(line.node == EMBEDDINGS for line in lines))


def describe_costs(lines: Sequence[CostLine], tariff: Tariff, answers: Mapping[str, int]) -> Table:
    """Tokens by graph and node, and money where prices are known."""
    heads = ["calls", "prompt", "cached", "completion"]
    if tariff.priced:
        heads.append("US$")
    return console_table(
        "Tokens and money",
        rows=list(_cost_rows(lines, tariff, answers)),
        columns=[
            word_column("", "graph", fold=False),
            word_column("", "node", fold=False),
            *(word_column(head, head, right=True, fold=False) for head in heads),
        ],
    )


def _cost_rows(
    lines: Sequence[CostLine], tariff: Tariff, answers: Mapping[str, int]
) -> Iterator[Line]:
    """The rows of each graph, what 1,000 answers of it take, and the row of all together."""
    for graph in dict.fromkeys(line.graph for line in lines):
        own = [line for line in lines if line.graph == graph]
        for place, line in enumerate(own):
            yield {"graph": "" if place else graph, "node": line.node, **_cells([line], tariff)}
        if answers.get(graph):
            cells = _cells(own, tariff, 1000 / answers[graph])
            yield {"graph": "", "node": "1,000 answers", **cells, "style": "dim"}
    yield {"graph": "all", "node": "", **_cells(lines, tariff), "style": "bold"}


def _cells(lines: Sequence[CostLine], tariff: Tariff, share: float = 1) -> dict[str, str]:
    """The figures of these lines together, from the least to the most, by column."""
    low, high = total_usage(lines)
    cells: dict[str, str] = {}
    for name in ("calls", "prompt", "cached", "completion"):
        least, most = getattr(low, name) * share, getattr(high, name) * share
        cells[name] = _range(least, most, format_large_count)
    if [line.node for line in lines] == [EMBEDDINGS]:
        cells["calls"] = f"{lines[0].high.calls:,} texts"
    if tariff.priced:
        ends = money_range(lines, tariff)
        cells["US$"] = _range(ends[0] * share, ends[1] * share, format_dollars) if ends else DASH
    return cells


def _range(low: float, high: float, write: Callable[[float], str]) -> str:
    """Write one figure, or two where they differ as written."""
    return "–".join(dict.fromkeys((write(low), write(high))))


def _print_prices(console: Console, tariff: Tariff, embeds: bool) -> None:
    """Print by which prices, or that there are none."""
    _print_price(console, "chat", tariff.chat)
    if embeds:
        _print_price(console, "embeddings", tariff.embeddings)


def _print_price(console: Console, kind: str, quote: Quote | None) -> None:
    """Print the price of one kind of model; None: it is not known."""
    if quote is None:
        console.print(
            f"The price of the {kind} model is not known, so tokens alone; --prices FILE gives it.",
            style="yellow",
        )
    elif quote != NOTHING:
        console.print(f"{kind}: {_price_text(quote)}", style="dim", soft_wrap=True)


def _price_text(quote: Quote) -> str:
    """A price in words, with its date and source where they are known."""
    price = quote.price
    text = (
        f"US$ {price.prompt:g} prompt, {price.cached:g} cached, {price.completion:g} completion a "
        "million tokens"
    )
    if quote.as_of:
        text += f", as of {quote.as_of}"
    return f"{text} ({quote.source})" if quote.source else text
