"""All that a run's directory holds once asking has ended, early or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from baselines.method import Method
from evals.costs.prices import Tokens
from evals.runner.tally import EarlyEnd
from graph.llm.context_window import CutPrompts


@dataclass(frozen=True)
class RunResult:
    """The answers of a run in the order of `predictions.csv`, and its methods in the order shown.

    `used` holds the tokens paid for, by template. `early` says why the run ended before it had all
    answers, `cut` which prompts the server cut.
    """

    answers: pd.DataFrame
    methods: Sequence[Method]
    used: Mapping[str, Tokens]
    early: EarlyEnd | None = None
    cut: CutPrompts | None = None
