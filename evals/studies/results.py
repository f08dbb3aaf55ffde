"""The rows of all experiments of a study, and the tables and scores that are made of them."""

from dataclasses import asdict, fields, replace
from typing import Any

import pandas as pd

from baselines.answer_frame import KEY, answer_frame, join_frames
from evals.analysis.frame import (
    METHOD,
    Name,
    methods_of,
    order_by_method,
    score_frame,
    split_methods,
)
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables, make_run_tables
from evals.costs.prices import tariff_of
from evals.harness.experiment import Experiment
from evals.harness.method_names import REFERENCES
from evals.harness.plan import Plan
from evals.metrics import Rule, Score, score_tables
from evals.runner.header import name_survey
from evals.runner.overview import describe_asked
from evals.runner.run_result import RunResult
from evals.runner.scores import ridges_of
from survey.folds import SIZES

SCORE_COLUMNS = [*METHOD, "rule", "dimension", *(field.name for field in fields(Score))]


class StudyResults:
    """What the experiments of a study have answered so far.

    `spent`: what their calls cost, in dollars; `early`: why the last one ended early, "" if it did
    not; `ridges`: the penalties of the regressions.
    """

    def __init__(self, name: str, base: Experiment) -> None:
        self.name, self.base = name, base
        self.spent = 0.0
        self.early = ""
        self.ridges: set[float] = set()
        self.answers = answer_frame(())
        self._plan: Plan | None = None

    def __bool__(self) -> bool:
        return bool(len(self.answers))

    def add(self, plan: Plan, answered: RunResult) -> None:
        """Take in one experiment; a method that several have, with the same rows, stands once."""
        self._plan = plan
        self.early = answered.early.why if answered.early else ""
        self.ridges.update(ridges_of(answered.methods))
        self.answers = join_experiments(self.answers, answered.answers)
        paid = tariff_of(plan.experiment).budget(None, answered.used)
        self.spent += paid.spent if paid else 0.0

    def describe_asked(self) -> str:
        """Who was asked, of how many."""
        if self._plan is None:
            raise ValueError("a study without an experiment")
        plan = self._plan
        return describe_asked(plan.survey, name_survey(plan), len(plan.drawn), self.answers)

    @property
    def failed(self) -> int:
        """How many calls failed."""
        return int((self.answers["error"] != "").sum())

    @property
    def rule(self) -> Rule:
        """By what rule figures are scored: that of the paper's tables where they may stand
        beside.
        """
        return "paper_tables" if self.base.as_in_paper else "strict"

    def tables(self, skipped: SkippedTables) -> AnalysisTables:
        """The tables of all methods; leaks are those of the whole profile."""
        if self._plan is None:
            raise ValueError("a study without an experiment")
        whole = replace(
            self._plan, experiment=self._plan.experiment.model_copy(update={"profile_size": None})
        )
        frame = score_frame(self.answers, whole.codebook, self.rule)
        frame = pd.concat(
            [frame[~frame["graph"].isin(REFERENCES)], frame[frame["graph"].isin(REFERENCES)]]
        )
        return make_run_tables(whole, frame, self._pairs(frame), skipped=skipped)

    def _pairs(self, frame: pd.DataFrame) -> list[tuple[Name, Name]]:
        """Each variant with the one that it is made from; votes also with valuesim, which asks
        about as often.
        """
        names = [name for name, _ in split_methods(frame) if name[1] not in REFERENCES]
        pairs = []
        for model, graph, variant in names:
            opponents = [(model, graph, _base_variant(variant))]
            if variant.startswith("vote"):
                opponents.append((model, "valuesim", "full"))
            for opponent in opponents:
                if opponent in names and opponent[2] != variant:
                    pairs.append(((model, graph, variant), opponent))
        return pairs

    def scores(self) -> list[list[Any]]:
        """Score each method by each rule and dimension; one line each, as `SCORE_COLUMNS` names."""
        lines: list[list[Any]] = []
        if self._plan is None:
            return lines
        for name, own in split_methods(self.answers):
            for rule, scores in score_tables(own, self._plan.codebook).items():
                for dimension, score in scores.items():
                    lines.append([*name, rule, dimension, *asdict(score).values()])
        return lines


def join_experiments(before: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """Join the answers of several experiments; of an answer that both have the later one stays.

    Methods stand in the order in which they first appear.
    """
    both = join_frames([before, added])
    order = {name: place for place, name in enumerate(methods_of(both))}
    return order_by_method(both.drop_duplicates(KEY, keep="last"), METHOD, order)


def _base_variant(variant: str) -> str:
    """The variant that another is compared with: the next smaller profile, or the full method."""
    sizes = [f"profile_{size}" for size in SIZES]
    if variant not in sizes:
        return "full"
    return sizes[max(sizes.index(variant) - 1, 0)]
