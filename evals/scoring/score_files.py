"""Scores files of predictions: reads them, matches them with the truth and adds references."""

from dataclasses import dataclass

import pandas as pd

from baselines.answer_frame import join_frames, sort_frame
from evals.harness.errors import ExperimentError
from evals.harness.plan import Plan
from evals.harness.references import Asked
from evals.scoring.folds import assign_folds, held_out_folds, read_folds, read_ridges
from evals.scoring.item_file import read_item_file
from evals.scoring.matching import deduplicate, match_predictions, prediction_answers
from evals.scoring.references import cases_to_score, reference_answers, scoring_plan
from evals.scoring.result import ScoringResult, order_methods
from evals.scoring.settings import ScoreSettings
from evals.scoring.truth import Truth, read_truth
from evals.scoring.unscored import describe_unscored
from survey.codebook import Codebook
from survey.open_survey import codebook_of


@dataclass(frozen=True)
class ScoringInput:
    """Predictions matched with the truth.

    `lines`: the predictions, as `match_predictions` returns them, with folds. `plan` and `asked`:
    the people, folds and cases to score. `notes`: sentences on what is left out or assumed.
    """

    truth: Truth
    lines: pd.DataFrame
    plan: Plan
    asked: Asked
    notes: list[str]


def score_files(settings: ScoreSettings) -> ScoringResult:
    """Read the files and return the answers to score, with those of the references.

    Raises ExperimentError, DataError or CodebookError, one line.
    """
    found = _read_input(settings)
    answers = prediction_answers(found.lines, found.truth, found.plan.codebook)
    ridges = read_ridges(settings.predictions)
    notes = list(found.notes)
    if not settings.no_references:
        added, more_notes, fitted = reference_answers(found.plan, found.asked, answers)
        answers = join_frames([answers, added])
        notes += more_notes
        ridges = fitted or ridges
    order = order_methods(answers)  # as they come, so before they are sorted
    answers = sort_frame(answers)
    return ScoringResult(found.plan, found.truth, answers, order, settings.rule, notes, ridges)


def _read_input(settings: ScoreSettings) -> ScoringInput:
    """Read truth, predictions and folds, and plan what is scored.

    Raises ExperimentError, DataError or CodebookError, one line.
    """
    if not settings.truth or not settings.predictions:
        lacking = "predictions" if settings.truth else "truth"
        raise ExperimentError(f"--{lacking} FILE is wanted")
    codebook = _read_codebook(settings)
    truth = read_truth(settings.truth, codebook)
    lines, notes = match_predictions(settings.predictions, truth, codebook)
    folds, fold_notes = read_folds(settings.folds, settings.predictions)
    lines = deduplicate(assign_folds(lines, folds))
    asked = cases_to_score(lines, codebook)
    held_out = held_out_folds(lines, folds, truth.people.items, codebook)
    plan = scoring_plan(truth, codebook, asked, held_out)
    notes = [*notes, *fold_notes, *describe_unscored(lines, plan)]
    return ScoringInput(truth, lines, plan, asked, notes)


def _read_codebook(settings: ScoreSettings) -> Codebook:
    """Read the user's own table of items, or else take the survey's. Raises CodebookError."""
    if settings.items:
        return read_item_file(settings.items)
    return codebook_of(settings.truth)
