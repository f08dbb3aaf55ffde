"""What predictions made elsewhere come to: the files and tables of a run, and what was left
aside.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pandas as pd

from baselines.method import Row
from evals.analysis.frame import Name, score_frame, split_methods
from evals.analysis.ladder import list_comparisons
from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables, make_run_tables
from evals.formats import write_csv, write_json
from evals.harness.experiment import LLM_GRAPHS, REFERENCES
from evals.harness.plan import Plan
from evals.harness.predictions_csv import PREDICTION_COLUMNS, prediction_line
from evals.metrics import OVERALL, Rule
from evals.render.analysis import print_analysis
from evals.render.console import (
    print_findings,
    print_offline_banner,
    print_ridges,
    print_written,
    terminal,
)
from evals.render.findings import find_findings
from evals.render.labels import USES_OTHERS
from evals.render.scores import MethodLine, print_scores
from evals.runner.scores import ridge_record, scores_of
from evals.scoring.truth import Truth
from graph.llm.offline import NOTICE

LADDER = ("chance", "mode", "country_mode", "demographics", "new_topic", "ridge", "boosted")


@dataclass(frozen=True)
class ScoringResult:
    """Rows, sorted, with who is scored on what; the `order` of methods; `notes`, what was noticed,
    a sentence each.

    `ridges`: the penalties of the regressions beside, where they are known.
    """

    plan: Plan
    truth: Truth
    rows: Sequence[Row]
    order: Sequence[Name]
    rule: Rule
    notes: Sequence[str] = field(default_factory=tuple)
    ridges: Sequence[float] = ()

    @property
    def offline(self) -> bool:
        """Whether rows of the stand-in are among them, which is no language model."""
        return any(model == "offline" and graph in LLM_GRAPHS for model, graph, _ in self.order)

    def by_method(self) -> Mapping[Name, list[Row]]:
        """The rows of each method, in the order shown."""
        found: dict[Name, list[Row]] = {name: [] for name in self.order}
        for row in self.rows:
            found[row.model, row.graph, row.variant].append(row)
        return found

    def tables(self, skipped: SkippedTables) -> AnalysisTables:
        """All that is worked out; each method is held against each other and against the ends of
        the ladder.
        """
        every = chain.from_iterable(self.by_method().values())
        frame = score_frame(every, self.plan.codebook, self.rule)
        groups = self.truth.find_groups(self.plan.drawn, self.plan.codebook)
        return make_run_tables(self.plan, frame, list(_pairs(frame)), groups, skipped)

    def scores(self) -> tuple[dict[str, Any], list[MethodLine]]:
        """The scores as `metrics.json` has them, by graph, variant and, where there are several,
        model; and lines.
        """
        kept: dict[str, Any] = {}
        lines: list[MethodLine] = []
        several = len({model for model, _, _ in self.order} - {""}) > 1
        named = Counter(name[1:] for name in self.order)
        for (model, graph, variant), rows in self.by_method().items():
            beside = model if several or named[graph, variant] > 1 else ""
            shown = " ".join(filter(None, (variant if variant != "full" else "", beside))) or "full"
            name = graph, shown, graph in USES_OTHERS
            found, line = scores_of(rows, self.plan.codebook, self.rule, name)
            kept["/".join(filter(None, (graph, variant, beside)))] = found
            lines += line
        return kept, lines


def order_methods(rows: Iterable[Row]) -> list[Name]:
    """The methods in the order in which they come; after them this project's graphs, and references
    up the ladder.
    """
    names = dict.fromkeys((row.model, row.graph, row.variant) for row in rows)
    places = {graph: place for place, graph in enumerate((*LLM_GRAPHS, *LADDER))}
    return sorted(names, key=lambda name: places.get(name[1], -1))


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[Name, Name]]:
    """As in a run, and methods of different models besides."""
    yield from list_comparisons(frame)
    names = [name for name, _ in split_methods(frame) if name[1] not in REFERENCES]
    yield from ((one, other) for one, other in combinations(names, 2) if one[0] != other[0])


def write_scores(outcome: ScoringResult, folder: Path) -> None:
    """Write everything to a directory, and show it."""
    skipped = SkippedTables()
    write_csv(
        folder / "predictions.csv", PREDICTION_COLUMNS, map(_line(outcome.truth), outcome.rows)
    )
    folds = {
        fold.number: {"held_out": fold.held_out, "known": fold.known} for fold in outcome.plan.folds
    }
    write_json(folder / "folds.json", folds)
    kept, lines = skipped.attempt("scores", outcome.scores, lambda: ({}, []))
    notice = {"notice": NOTICE} if outcome.offline else {}
    content: dict[str, Any] = notice | {
        "rule": outcome.rule,
        "notes": list(outcome.notes),
        "scores": kept,
    }
    content |= ridge_record(outcome.ridges)
    write_json(
        folder / "metrics.json", content
    )  # now: whatever becomes of the tables, the figures are there
    worked_out = skipped.attempt(
        "tables", lambda: outcome.tables(skipped), partial(AnalysisTables.empty, skipped)
    )
    worked_out.write(folder)
    said: list[str] = skipped.attempt("findings", lambda: find_findings(worked_out), list)
    write_json(
        folder / "metrics.json",
        content | {"findings": said} | worked_out.warned() | skipped.record(),
    )
    _show(outcome, folder, lines, worked_out, said)


def _show(
    outcome: ScoringResult,
    folder: Path,
    lines: Sequence[MethodLine],
    worked_out: AnalysisTables,
    said: Sequence[str],
) -> None:
    """Show scores, tables and what follows."""
    console = terminal()
    print_offline_banner(console, outcome.offline)
    dimensions = outcome.plan.codebook.dimensions
    print_scores(
        console, lines, [*(dimensions if len(dimensions) > 1 else ()), OVERALL], outcome.rule, {}
    )
    print_analysis(console, worked_out)
    print_ridges(console, outcome.ridges)
    print_findings(console, [*said, *outcome.notes, *worked_out.warnings], worked_out.failed)
    print_written(console, folder)


def _line(truth: Truth) -> Any:
    """Makes a row a line of `predictions.csv`, which names people as the truth does."""
    place = PREDICTION_COLUMNS.index("respondent")

    def line(row: Row) -> list[Any]:
        values = prediction_line(row)
        values[place] = truth.ids[row.respondent - 1]
        return values

    return line
