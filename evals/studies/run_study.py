"""Runs the experiments of a study one after another, within what it may cost."""

from functools import partial

from rich.console import Console

from evals.harness.errors import RunEndedError
from evals.harness.exit_codes import BAD_INPUT
from evals.harness.experiment import Experiment
from evals.runner.run import run_experiment
from evals.studies.result_files import take_result, write_study
from evals.studies.results import StudyResults
from evals.studies.study_plan import StudyPlan


def run_study(study: StudyPlan, console: Console) -> StudyResults:
    """Run all experiments of a study and return their results.

    Raises RunEndedError where one ends early, after writing what the study holds by then.
    """
    results = StudyResults(study.name, study.base)
    try:
        for number, experiment in enumerate(study.experiments, 1):
            total = len(study.experiments)
            console.print(f"{number} of {total}: {experiment.out}", soft_wrap=True)
            _run_one(study, experiment, results, console)
    except RunEndedError as ended:
        if results:
            write_study(results, study.folder, results.early or str(ended))
        raise
    return results


def _run_one(
    study: StudyPlan, experiment: Experiment, results: StudyResults, console: Console
) -> None:
    """Run one experiment, and add its rows to the results. Raises RunEndedError."""
    plan = study.plan_of(_with_money_left(experiment, study.base.max_cost, results.spent))
    finish = partial(take_result, results, console, plan)
    run_experiment(plan, console, finish, references=not experiment.uses_model)


def _with_money_left(experiment: Experiment, limit: float | None, spent: float) -> Experiment:
    """Return the experiment with what is left of the limit, in US$, as its own limit.

    Raises RunEndedError where nothing is left.
    """
    if limit is None:
        return experiment
    if spent >= limit:
        raise RunEndedError(
            f"stopped: --max-cost {limit:g} is spent; the same command with more goes on",
            BAD_INPUT,
        )
    return experiment.model_copy(update={"max_cost": limit - spent})
