"""What a run is: the settings that decide its answers, its directory, its data."""

from pathlib import Path

import prompts
from evals.harness.identity import default_folder, experiment_identity
from evals.harness.plan import Plan


def run_identity(plan: Plan) -> dict[str, object]:
    """What decides the answers of a run: its settings, data and prompts."""
    return experiment_identity(
        plan.experiment, plan.survey.sha256, prompts.templates_hash(plan.experiment.prompts)
    )


def directory_of_run(plan: Plan) -> Path:
    """The directory of a run."""
    return plan.experiment.out or default_folder(plan.experiment, run_identity(plan))


def provenance_of(plan: Plan) -> dict[str, object]:
    """What a run's directory says of its data."""
    survey = plan.survey
    return {
        "data": survey.source,
        "rows": len(survey),
        "notes": list(survey.notes),
        "left_out": list(plan.codebook.left_out),
    }


def respondents_table(plan: Plan) -> tuple[list[str], list[list[object]]]:
    """Header and lines of `respondents.csv`: who was drawn, in the order drawn."""
    context = plan.survey.context.iloc[[row - 1 for row in plan.drawn]]
    lines = [
        [row, *values]
        for row, values in zip(plan.drawn, context.itertuples(index=False), strict=True)
    ]
    return ["respondent", *context.columns], lines
