"""All that a run's directory holds once asking has ended, early or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from baselines.method import Method, Row
from evals.costs.prices import Tokens
from evals.runner.tally import EarlyEnd
from graph.llm.context_window import CutPrompts


@dataclass(frozen=True)
class RunResult:
    """The rows of a run in the order of `predictions.csv`, and its methods in the order shown.

    `used` holds the tokens paid for, by template. `early` says why the run ended before it had all
    answers, `cut` which prompts the server cut.
    """

    rows: Sequence[Row]
    methods: Sequence[Method]
    used: Mapping[str, Tokens]
    early: EarlyEnd | None = None
    cut: CutPrompts | None = None
