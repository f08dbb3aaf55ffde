"""The rows of all experiments of a study, and the tables that are made of them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from baselines.method import Row
from evals.analysis.frame import METHOD, Name, score_frame, split_methods
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables, make_run_tables
from evals.costs.prices import tariff_of
from evals.formats import write_csv, write_json
from evals.harness.experiment import REFERENCES, Experiment
from evals.harness.plan import Plan
from evals.metrics import RULES, Rule, Score, score_table
from evals.render.analysis import describe_comparisons, describe_standing
from evals.render.console import (
    print_cut,
    print_findings,
    print_incomplete,
    print_offline_banner,
    print_ridges,
    print_table,
    print_written,
    terminal,
)
from evals.render.findings import find_findings, find_unmoved
from evals.render.study import describe_ablations, describe_size_curve
from evals.runner.identity import directory_of_run
from evals.runner.results import write_predictions
from evals.runner.run_result import RunResult
from evals.runner.scores import ridge_record, ridges_of
from graph.llm.offline import NOTICE
from survey.folds import SIZES


class StudyResults:
    """What the experiments of a study answered so far."""

    def __init__(self, name: str, base: Experiment) -> None:
        self.name, self.base = name, base
        self.spent = 0.0
        self.early = ""
        self.ridges: set[float] = set()
        self._rows: dict[tuple[Any, ...], Row] = {}
        self._plan: Plan | None = None

    def __bool__(self) -> bool:
        return bool(self._rows)

    def take(self, console: Console, plan: Plan, answered: RunResult) -> None:
        """Write the predictions of one experiment, and take it in."""
        write_predictions(directory_of_run(plan), answered.rows)
        self.add(plan, answered)
        print_cut(console, answered.cut)

    def add(self, plan: Plan, answered: RunResult) -> None:
        """Take in one experiment; a method that several have, with the same rows, stands once."""
        self._plan = plan
        self.early = answered.early.why if answered.early else ""
        self.ridges.update(ridges_of(answered.methods))
        self._rows |= {row.key: row for row in answered.rows}
        paid = tariff_of(plan.experiment).budget(None, answered.used)
        self.spent += paid.spent if paid else 0.0

    @property
    def failed(self) -> int:
        """How many calls failed."""
        return sum(bool(row.error) for row in self._rows.values())

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
        frame = score_frame(self._rows.values(), whole.codebook, self.rule)
        frame = pd.concat(
            [frame[~frame["graph"].isin(REFERENCES)], frame[frame["graph"].isin(REFERENCES)]]
        )
        return make_run_tables(whole, frame, list(self._pairs(frame)), skipped=skipped)

    def _pairs(self, frame: pd.DataFrame) -> Iterator[tuple[Name, Name]]:
        """Each variant and what it was made from; votes besides with valuesim, which asks about as
        often.
        """
        names = [name for name, _ in split_methods(frame) if name[1] not in REFERENCES]
        for model, graph, variant in names:
            others = [(model, graph, self._before(variant))]
            others += [(model, "valuesim", "full")] if variant.startswith("vote") else []
            yield from (
                ((model, graph, variant), other)
                for other in others
                if other in names and other[2] != variant
            )

    def _before(self, variant: str) -> str:
        """The variant that another is held against: the next smaller profile, or the whole
        method.
        """
        sizes = [f"profile_{size}" for size in SIZES]
        return sizes[max(sizes.index(variant) - 1, 0)] if variant in sizes else "full"

    def scores(self) -> Iterator[list[Any]]:
        """A line for each method, rule and dimension: the score of `evals.metrics`."""
        by_method: dict[Name, list[Row]] = {}
        for row in self._rows.values():
            by_method.setdefault((row.model, row.graph, row.variant), []).append(row)
        codebook = self._plan.codebook if self._plan else None
        for name, rows in by_method.items():
            for rule in RULES if codebook else ():
                for dimension, score in score_table(rows, codebook, rule).items():  # type: ignore[arg-type]
                    yield [*name, rule, dimension, *asdict(score).values()]


SCORES = [field.name for field in fields(Score)]


def write_study(
    results: StudyResults, folder: Path, early: str = ""
) -> tuple[AnalysisTables, list[str]]:
    """Write the scores of a study by dimension, then its tables, and what follows; the last two are
    returned.

    `early`: why it ended before it had all.
    """
    skipped = SkippedTables()
    scores: list[list[Any]] = skipped.attempt("scores", lambda: list(results.scores()), list)
    cells = (["" if cell is None else cell for cell in line] for line in scores)
    write_csv(folder / "scores.csv", [*METHOD, "rule", "dimension", *SCORES], cells)
    notice = {"notice": NOTICE} if results.base.offline else {}
    complete = {"complete": not results.failed and not early} | (
        {"partial": early} if early else {}
    )
    content: dict[str, Any] = notice | {"study": results.name} | complete
    content |= ridge_record(sorted(results.ridges))
    write_json(folder / "study.json", content)
    worked_out = skipped.attempt(
        "tables", lambda: results.tables(skipped), partial(AnalysisTables.empty, skipped)
    )
    worked_out.write(folder)
    said: list[str] = skipped.attempt("findings", lambda: study_findings(worked_out), list)
    write_json(
        folder / "study.json",
        content | {"findings": said} | worked_out.warned() | skipped.record(),
    )
    return worked_out, said


def study_findings(worked_out: AnalysisTables) -> list[str]:
    """What a reader should not overlook."""
    return [*find_findings(worked_out), *find_unmoved(worked_out)]


def print_study(
    results: StudyResults, worked_out: AnalysisTables, said: Sequence[str], folder: Path
) -> None:
    """Show the tables of a study."""
    console = terminal()
    print_offline_banner(console, results.base.offline)
    if results.name == "ablations":
        print_table(console, describe_ablations(worked_out.standing, results.base.as_in_paper))
        console.print()
    if results.name == "scale":
        print_table(console, describe_size_curve(worked_out.standing))
        console.print()
    print_table(console, describe_standing(worked_out.standing))
    console.print()
    print_table(console, describe_comparisons(worked_out.comparisons))
    print_ridges(console, sorted(results.ridges))
    print_findings(console, [*said, *worked_out.warnings], worked_out.failed)
    if results.failed:
        again = "--retry-failed asks them again"
        print_incomplete(console, f"{results.failed} calls failed", again)
    print_written(console, folder)
