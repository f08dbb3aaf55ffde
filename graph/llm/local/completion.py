"""What is wanted of a local model in one call, and what it wrote."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

REPEAT_PENALTY = 1.1
"""What several servers take as well where nothing else is said."""
REPEATS_WITHIN = 64
"""Tokens back that count as a repetition."""


class StoppedError(Exception):
    """A call that nobody waits for any more, or whose time is over."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. Temperature 0: always the most probable one.

    `repeat_penalty`: by what the weight of a token falls that is among the last 64 written. Without
    one (1) a small model says the same sentence again and again until its limit.
    """

    temperature: float = 0
    top_p: float = 1
    seed: int = 0
    repeat_penalty: float = REPEAT_PENALTY


@dataclass(frozen=True)
class Wanted:
    """What one call asks for: the longest reply in tokens, texts that end it, and the number of
    alternatives whose log-probabilities are told (None: none are told), and the grammar (GBNF) of
    the reply ("": none).
    """

    most: int
    sampling: Sampling = Sampling()
    stop: tuple[str, ...] = ()
    alternatives: int | None = None
    grammar: str = ""


@dataclass
class Completion:
    """What a model wrote.

    `finish_reason` is "stop" where the model ended by itself or reached a stop text, "length" where
    the limit or the window ended it. `logprobs`: one entry a token, in the form of OpenAI's
    `logprobs.content`; empty unless asked for.
    """

    text: str
    tokens: int
    finish_reason: str
    logprobs: list[dict[str, Any]] = field(default_factory=list)


def log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-probabilities of logits."""
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
