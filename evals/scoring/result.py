"""The scored predictions of methods and references, and the tables and scores made of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pandas as pd

from evals.analysis.frame import (
    METHOD,
    Name,
    methods_of,
    order_by_method,
    score_frame,
    split_methods,
)
from evals.analysis.ladder import list_comparisons
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables, make_run_tables
from evals.harness.method_names import LLM_GRAPHS, REFERENCES
from evals.harness.plan import Plan
from evals.metrics import Rule
from evals.render.labels import USES_OTHERS
from evals.render.scores import MethodLine
from evals.runner.scores import scores_of
from evals.scoring.truth import Truth

LADDER = ("chance", "mode", "country_mode", "demographics", "new_topic", "ridge", "boosted")


@dataclass(frozen=True)
class ScoringResult:
    """The answers of methods and references, with the plan that says who is scored on what.

    `answers`: sorted as `predictions.csv`; `order`: the methods in the order shown; `notes`: what
    was noticed, a sentence each; `ridges`: the penalties of the regressions, where they are known.
    """

    plan: Plan
    truth: Truth
    answers: pd.DataFrame
    order: Sequence[Name]
    rule: Rule
    notes: Sequence[str] = field(default_factory=tuple)
    ridges: Sequence[float] = ()

    @property
    def offline(self) -> bool:
        """Whether the offline stand-in, which is no language model, gave some of the answers."""
        return any(model == "offline" and graph in LLM_GRAPHS for model, graph, _ in self.order)

    def by_method(self) -> Mapping[Name, pd.DataFrame]:
        """The answers of each method, in the order shown."""
        found = dict(split_methods(self.answers))
        return {name: found[name] for name in self.order}

    def tables(self, skipped: SkippedTables) -> AnalysisTables:
        """Make all tables; each method is compared with each other and with the ladder's ends."""
        order = {name: place for place, name in enumerate(self.order)}
        answers = order_by_method(self.answers, METHOD, order)
        frame = score_frame(answers, self.plan.codebook, self.rule)
        groups = self.truth.find_groups(self.plan.drawn, self.plan.codebook)
        return make_run_tables(self.plan, frame, _pairs(frame), groups, skipped)

    def scores(self) -> tuple[dict[str, Any], list[MethodLine]]:
        """Score each method: the scores as `metrics.json` keeps them, and the lines to be shown.

        Scores are named by graph, variant and, where the others do not tell methods apart, model.
        """
        kept: dict[str, Any] = {}
        lines: list[MethodLine] = []
        several = len({model for model, _, _ in self.order} - {""}) > 1
        named = Counter(name[1:] for name in self.order)
        for (model, graph, variant), own in self.by_method().items():
            beside = model if several or named[graph, variant] > 1 else ""
            shown = " ".join(filter(None, (variant if variant != "full" else "", beside))) or "full"
            name = graph, shown, graph in USES_OTHERS
            found, line = scores_of(own, self.plan.codebook, self.rule, name)
            kept["/".join(filter(None, (graph, variant, beside)))] = found
            lines += line
        return kept, lines


def order_methods(answers: pd.DataFrame) -> list[Name]:
    """Order methods as they come; this project's graphs follow, then references up the ladder."""
    last = [*LLM_GRAPHS, *LADDER]

    def position(name: Name) -> int:
        return last.index(name[1]) if name[1] in last else -1

    return sorted(methods_of(answers), key=position)


def _pairs(frame: pd.DataFrame) -> list[tuple[Name, Name]]:
    """The comparisons of a run, and those of methods of different models."""
    names = [name for name, _ in split_methods(frame) if name[1] not in REFERENCES]
    across = [(one, other) for one, other in combinations(names, 2) if one[0] != other[0]]
    return [*list_comparisons(frame), *across]
