"""Prices of models, and the budget of a run: money is reserved before a call and charged after."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from graph.llm.errors import RunAbortedError

FEWEST_CHARACTERS_PER_TOKEN = 3
SHORTEST_REPLY = 500
"""Tokens: a budget expects at least this many in a reply."""

EMBEDDINGS = "embeddings"
"""In the place of a template's name: the call embeds texts."""


@dataclass(frozen=True)
class Price:
    """What a model costs, in money per million tokens."""

    prompt: float
    cached: float
    completion: float

    def of(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> float:
        """Money for these tokens; the cached ones are among the prompt tokens."""
        fresh = (prompt_tokens - cached_tokens) * self.prompt
        return (fresh + cached_tokens * self.cached + completion_tokens * self.completion) / 1e6

    def times(self, factor: float) -> "Price":
        """The price with a discount, such as one half for batches."""
        return Price(self.prompt * factor, self.cached * factor, self.completion * factor)


FREE = Price(0, 0, 0)


class Budget:
    """Money that a run may spend. With `limit` None it counts what is spent and never waits.

    What a call costs is known only when its reply arrives. So each call reserves about the most
    that it may cost, by its template: its prompt at three characters a token, and a reply of twice
    the longest that this template got so far. Before the first reply of a template, one as long as
    the prompt is assumed.
    """

    def __init__(
        self,
        price: Price,
        limit: float | None = None,
        spent: float = 0.0,
        embeddings: Price | None = None,
        others: Mapping[str, Price] | None = None,
    ) -> None:
        self.price, self.limit, self.spent = price, limit, spent
        self._others = {**(others or {}), EMBEDDINGS: embeddings or FREE}
        self._reserved, self._in_flight = 0.0, 0
        self._longest_reply: dict[str, int] = {}
        self._exhausted = ""
        self._released = asyncio.Event()

    async def reserve(self, template: str, characters: int) -> float:
        """Reserve money for a call of about this many characters, and return how much.

        Waits for calls in flight while too little is left. Raises RunAbortedError when the limit
        may be passed and no call is in flight any more.
        """
        most = self.estimate_most(template, characters)
        while problem := self._exhausted or self._find_problem(most):
            if not self._in_flight:
                # A smaller call that still fits would be lost when the run ends.
                self._exhausted = problem
                raise RunAbortedError(problem)
            await self._released.wait()
            most = self.estimate_most(template, characters)
        self._reserved += most
        self._in_flight += 1
        return most

    def release(self, reserved: float) -> None:
        """Give back what a call reserved."""
        self._in_flight -= 1
        self._reserved = self._reserved - reserved if self._in_flight else 0.0
        self._released.set()
        self._released = asyncio.Event()

    def charge(
        self, template: str, prompt_tokens: int, cached_tokens: int, completion_tokens: int
    ) -> None:
        """Count what a reply cost."""
        longest = self._longest_reply.get(template, 0)
        self._longest_reply[template] = max(longest, completion_tokens)
        price = self._price_for(template)
        self.spent += price.of(prompt_tokens, cached_tokens, completion_tokens)

    def estimate_most(self, template: str, characters: int) -> float:
        """About the most money that a call of this many characters may cost."""
        prompt = characters // FEWEST_CHARACTERS_PER_TOKEN
        longest = self._longest_reply.get(template)
        reply = max(2 * longest if longest else prompt, SHORTEST_REPLY)
        if template == EMBEDDINGS:
            reply = 0
        return self._price_for(template).of(prompt, 0, reply)

    def _price_for(self, template: str) -> Price:
        """The price of the model that answers this template."""
        return self._others.get(template, self.price)

    def _find_problem(self, most: float) -> str:
        """Why a call of this cost may not go out now; empty when it may."""
        if self.limit is None or self.spent + self._reserved + most <= self.limit:
            return ""
        return (
            f"--max-cost {self.limit:g} may be passed: {self.spent:.4f} spent, "
            f"the next call up to {most:.4f}"
        )
