"""Predictions made elsewhere, scored as a run is: `python -m evals.score --truth FILE --predictions
FILE`.
"""

from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from evals.harness.config_file import make_experiment, read_config
from evals.harness.errors import ExperimentError
from evals.harness.exit_codes import COMPLETE
from evals.harness.identity import run_folder_name
from evals.runner.command import run_command
from graph.command_line.arguments import parse_flags
from graph.command_line.environment import environment_settings
from graph.command_line.flag import OUTPUT, Flag
from graph.command_line.validate import merge_settings

if TYPE_CHECKING:
    from evals.scoring.result import ScoringResult

ABOUT = "Score predictions made elsewhere, with the references, tables and tests that a run has."


EXAMPLES = (
    "--truth people.csv --predictions mine.csv",
    "--truth people.csv --predictions a=a.csv,b=b.csv",
)
WHAT, HOW = "what to score", "how to score"


class ScoreSettings(BaseModel):
    """The settings of `evals.score`, each of which is a flag."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    truth: Annotated[Path | None, Flag(WHAT, unset="none; it must be given")] = Field(
        default=None,
        description="what people answered: a survey file, or a wide or tidy csv",
    )
    predictions: Annotated[tuple[Path, ...], Flag(WHAT)] = Field(
        default=(),
        description="what a method predicts: FILE or NAME=FILE, wide or tidy csv; repeatable",
    )
    items: Annotated[Path | None, Flag(WHAT, unset="those of WVS 7")] = Field(
        default=None, description="own table of items"
    )
    folds: Annotated[Path | None, Flag(WHAT, unset="folds.json beside the predictions")] = Field(
        default=None, description="held-out and known items, json"
    )
    rule: Annotated[Literal["strict", "published", "paper_tables"], Flag(HOW)] = Field(
        default="strict", description="how a prediction is scored"
    )
    no_references: Annotated[bool, Flag(HOW)] = Field(
        default=False, description="place no references beside"
    )
    out: Annotated[Path | None, Flag(OUTPUT, value="DIR", unset="runs/score-..., by inputs")] = (
        Field(default=None, description="directory to write to")
    )


def main(arguments: Sequence[str] | None = None, prog: str = "evals.score") -> int:
    """Score files of predictions; 0 complete, 2 bad input or settings, 130 interrupted."""

    def work() -> int:
        given, config = parse_flags(ScoreSettings, prog, ABOUT, arguments, examples=EXAMPLES)
        below = (read_config(config), environment_settings(ScoreSettings))
        settings = merge_settings(ScoreSettings, *below, given)
        return _score(make_experiment(settings, ScoreSettings))

    return run_command(prog, "interrupted", work)


def _score(settings: ScoreSettings) -> int:
    """Read, place references beside, score, write."""
    from evals.harness.run_directory import open_run_directory
    from evals.scoring.result_files import write_scores

    outcome = _outcome(settings)
    decides = _decides(settings)
    folder = settings.out or run_folder_name("score", decides)
    provenance = {"data": outcome.plan.survey.source, "rows": len(outcome.plan.survey)}
    with open_run_directory(folder, settings, decides, provenance):
        write_scores(outcome, folder)
    return COMPLETE


def _outcome(settings: ScoreSettings) -> "ScoringResult":
    """The rows of the files, with those of the references.

    Raises ExperimentError, DataError or CodebookError, one line.
    """
    from rich.console import Console

    from evals.scoring import folds, matching, references
    from evals.scoring.item_file import read_item_file
    from evals.scoring.result import ScoringResult, order_methods
    from evals.scoring.truth import read_truth
    from evals.scoring.unscored import describe_unscored
    from survey.codebook import wvs7

    if not settings.truth or not settings.predictions:
        raise ExperimentError(f"--{'predictions' if settings.truth else 'truth'} FILE is wanted")
    codebook = read_item_file(settings.items) if settings.items else wvs7()
    truth = read_truth(settings.truth, codebook)
    lines, notes = matching.match_predictions(settings.predictions, truth, codebook)
    given, where = folds.read_folds(settings.folds, settings.predictions)
    lines = matching.deduplicate(folds.assign_folds(lines, given))
    asked = references.cases_to_score(lines, codebook)
    plan = references.scoring_plan(
        truth, codebook, asked, folds.held_out_folds(lines, given, truth.people.items, codebook)
    )
    notes += [*where, *describe_unscored(lines, plan)]
    rows = matching.prediction_rows(lines, truth, codebook)
    ridges = folds.read_ridges(settings.predictions)
    if not settings.no_references:
        more, why, fitted = references.reference_rows(plan, asked, rows)
        ridges = fitted or ridges
        rows, notes = rows + more, notes + why
    console = Console(stderr=True, highlight=False)
    people = len({row.respondent for row in rows})
    console.print(
        f"{len(truth.people):,} people in {truth.people.source}; {people:,} with predictions.",
        soft_wrap=True,
    )
    for note in truth.people.notes:
        console.print(note, style="dim", soft_wrap=True, markup=False)
    return ScoringResult(
        plan,
        truth,
        sorted(rows, key=lambda row: row.key),
        order_methods(rows),
        settings.rule,
        notes,
        ridges,
    )


def _decides(settings: ScoreSettings) -> dict[str, Any]:
    """What decides the figures: the settings, with the hash of each file in place of its path."""
    from evals.scoring.predictions import split_name

    files = {"truth": settings.truth, "items": settings.items, "folds": settings.folds}
    hashes = {name: _hash(path) for name, path in files.items() if path}
    given = [
        " ".join(filter(None, (name, path.name, _hash(path))))
        for name, path in map(split_name, settings.predictions)
    ]
    return {
        **hashes,
        "predictions": given,
        "rule": settings.rule,
        "references": not settings.no_references,
    }


def _hash(path: Path) -> str:
    """What is in a file. Raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
