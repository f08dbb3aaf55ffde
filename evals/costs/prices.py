"""Prices of models: the table that ships with the package, and the user's own."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import isfinite
from pathlib import Path
from types import MappingProxyType

from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.store.budget import EMBEDDINGS, FREE, Budget, Price
from evals.store.call_store import CallStore
from graph.llm.addresses import LOCAL, has_no_server

WANTED, OPTIONAL = ("model", "prompt", "cached", "completion"), ("as_of", "source")
BATCH_FACTOR = 0.5
"""The Batch API's price as a share of the list price."""


@dataclass(frozen=True)
class Quote:
    """A price, when it was looked up and where."""

    price: Price
    as_of: str = ""
    source: str = ""


NOTHING = Quote(FREE)


@dataclass(frozen=True)
class Tokens:
    """Calls, or texts embedded, and their tokens; the cached are among the prompt's.

    Of so many calls the tokens are `estimated`, since the server did not report them.
    """

    calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    estimated: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.calls + other.calls,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
            self.estimated + other.estimated,
        )


@dataclass(frozen=True)
class Tariff:
    """The prices of the models of one experiment; None where a price is not known.

    `others` holds, by template, the price of another model that is asked with this template.
    """

    chat: Quote | None
    embeddings: Quote | None
    others: Mapping[str, Quote | None] = field(default_factory=dict)

    @property
    def priced(self) -> bool:
        """Whether any known price is above 0."""
        quotes = (self.chat, self.embeddings, *self.others.values())
        return any(quote is not None and quote.price != FREE for quote in quotes)

    def money(self, kind: str, tokens: Tokens) -> float | None:
        """Return what these tokens cost in US$; `kind` is a template or "embeddings".

        None where the price is not known.
        """
        quote = self.embeddings if kind == EMBEDDINGS else self.others.get(kind, self.chat)
        if quote is None:
            return None
        return quote.price.of(tokens.prompt, tokens.cached, tokens.completion)

    def budget(self, limit: float | None, used: Mapping[str, Tokens]) -> Budget | None:
        """Return the budget of a run that used these tokens before, by template.

        None where the price of a chat model is not known, and where nothing costs anything.
        """
        texts = self.embeddings or NOTHING
        others = {kind: found.price for kind, found in self.others.items() if found is not None}
        if self.chat is None or len(others) < len(self.others) or not self.priced:
            return None
        spent = sum(self.money(kind, tokens) or 0 for kind, tokens in used.items())
        return Budget(self.chat.price, limit, spent, texts.price, others)


def tokens_used(store: CallStore) -> dict[str, Tokens]:
    """Return the tokens that a run paid for, by template and for embeddings, if there are any."""
    used = {}
    for template, part in store.usage().items():
        used[template] = Tokens(
            calls=part["calls"],
            prompt=part["prompt_tokens"],
            cached=part["cached_tokens"],
            completion=part["completion_tokens"],
            estimated=part["estimated"],
        )
    texts, tokens = store.embedding_usage()
    if texts:
        used[EMBEDDINGS] = Tokens(texts, tokens)
    return used


COORDINATOR = ("predict/coordinator", "coordinator")
"""The coordinator's calls by template, as they are paid, and by node, as tables show them."""


def tariff_of(experiment: Experiment, others: Mapping[str, str] = MappingProxyType({})) -> Tariff:
    """Return what the models of an experiment cost.

    `others` names, by template, models that are asked beside the experiment's own. Raises
    ExperimentError, one line, for a table of prices that cannot be read, and where `--max-cost`
    is set and a price is not known.
    """
    name = experiment.embeddings_at[0]
    chat = quote_for(experiment.chat, experiment.prices) if experiment.uses_model else NOTHING
    texts = quote_for(name, experiment.prices) if "rag" in experiment.graph else NOTHING
    if chat and experiment.batch:
        chat = Quote(chat.price.times(BATCH_FACTOR), chat.as_of, chat.source)
    if own := experiment.coordinator_at:
        others = dict(others) | dict.fromkeys(COORDINATOR, own[0])
    beside = {kind: quote_for(model, experiment.prices) for kind, model in others.items()}
    unknown = [experiment.chat] if chat is None else [name] if texts is None else []
    unknown += [model for kind, model in others.items() if beside[kind] is None]
    if experiment.max_cost is not None and unknown:
        raise ExperimentError(
            f"--max-cost: the price of {unknown[0]} is not known; give it with --prices"
        )
    return Tariff(chat, texts, beside)


def quote_for(model: str, file: Path | None = None) -> Quote | None:
    """Look up the price of a model by its name (`openai:gpt-4o-mini` or `gpt-4o-mini`).

    The user's own table in `file` goes first; local models that it lacks are free. Returns None
    where the price is not known. Raises ExperimentError, one line, when `file` cannot be read.
    """
    provider, _, bare = model.partition(":")
    own = _own(file) if file else {}
    for name in (model, bare):
        if name in own:
            return own[name]
    return NOTHING if has_no_server(model) or provider in LOCAL else _shipped().get(bare or model)


@cache
def _shipped() -> dict[str, Quote]:
    """The prices that ship with the package."""
    with files("evals").joinpath("costs", "prices.csv").open(encoding="utf-8") as file:
        return _read(file)


def _own(path: Path) -> dict[str, Quote]:
    """The prices in the user's own file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(file)
    except OSError as error:
        raise ExperimentError(f"--prices {path}: {error.strerror}") from None
    except ValueError as error:
        raise ExperimentError(f"--prices {path}, {error}") from None


def _read(file: Iterable[str]) -> dict[str, Quote]:
    """A table of prices. Raises ValueError, which names the line."""
    reader = csv.reader("\n" if line.startswith("#") else line for line in file)
    header: list[str] = []
    found: dict[str, Quote] = {}
    try:
        for row in filter(None, reader):
            if not header:
                header = _header(row)
                continue
            model, priced = _quote(header, row)
            if model in found:
                raise ValueError(f"{model} stands there twice")
            found[model] = priced
    except (ValueError, csv.Error) as error:
        raise ValueError(f"line {reader.line_num}: {error}") from None
    if not header:
        raise ValueError(f"line 1: no columns; wanted are {','.join(WANTED)}")
    return found


def _header(row: list[str]) -> list[str]:
    """The names of the columns. Raises ValueError when one is absent, unknown or there twice."""
    header = [name.strip() for name in row]
    if not set(WANTED) <= set(header) <= {*WANTED, *OPTIONAL} or len(set(header)) < len(header):
        raise ValueError(
            f"columns {','.join(header)}: wanted are {','.join(WANTED)}, and {','.join(OPTIONAL)} "
            f"may be"
        )
    return header


def _quote(header: list[str], cells: list[str]) -> tuple[str, Quote]:
    """One line of a table. Raises ValueError, which says what is wrong."""
    if len(cells) != len(header):
        raise ValueError(f"{len(cells)} cells for {len(header)} columns")
    row = dict(zip(header, cells, strict=True))
    model = row["model"].strip()
    if not model:
        raise ValueError("no model")
    prompt = _amount(row, "prompt")
    cached = _amount(row, "cached") if row["cached"].strip() else prompt
    price = Price(prompt, cached, _amount(row, "completion"))
    return model, Quote(price, row.get("as_of", "").strip(), row.get("source", "").strip())


def _amount(row: Mapping[str, str], column: str) -> float:
    """Read an amount of money from one cell."""
    try:
        amount = float(row[column])
    except ValueError:
        amount = -1
    if not isfinite(amount) or amount < 0:
        raise ValueError(
            f"{column} {row[column].strip()!r} is no price: dollars per million tokens are wanted"
        )
    return amount
