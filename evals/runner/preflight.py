"""Checks before work starts: prompts, prices, packages, models, the survey and the plan."""

import sys

import prompts
from evals import interrupts
from evals.costs.prices import tariff_of
from evals.harness import models, tracing
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.harness.methods import references_of_experiment
from evals.harness.people import columns_to_read
from evals.harness.plan import Plan
from graph.llm.factory import ModelError
from survey.open_survey import codebook_of, open_survey
from survey.respondents import DataError, Respondents


def preflight(experiment: Experiment) -> None:
    """See that prompts, prices, packages and models are right before work starts. Raises
    ExperimentError, one line.
    """
    if not experiment.trace and (line := tracing.switch_tracing_off()):
        print(line, file=sys.stderr)
    try:
        if experiment.prompts:
            prompts.check_templates(experiment.prompts)
        tariff_of(experiment)
        list(references_of_experiment(experiment))
        models.weights_of_experiment(experiment)
        if not experiment.dry_run:
            interrupts.run_interruptible(lambda: _try_models(experiment))
    except (ModelError, ModuleNotFoundError, prompts.PromptError, ValueError) as error:
        raise ExperimentError(str(error)) from None


async def _try_models(experiment: Experiment) -> None:
    """See that keys, addresses and models are right, wherever they will be asked from."""
    if experiment.cluster:
        from evals.cluster import driver as cluster

        await cluster.check_workers(experiment, experiment.cluster)
        return
    async with models.open_client(experiment) as client:
        await models.check_servers(experiment, client)


def read_people(experiment: Experiment) -> Respondents:
    """The people of the survey, with its codebook. Raises ExperimentError, one line."""
    try:
        more = columns_to_read(experiment, codebook_of(experiment.data))
        return open_survey(experiment.data, more)
    except DataError as error:
        raise ExperimentError(str(error)) from None


def make_plan(experiment: Experiment, survey: Respondents) -> Plan:
    """Who is asked what. Raises ExperimentError, one line."""
    try:
        return Plan.of(experiment, survey, survey.codebook)
    except ValueError as error:
        raise ExperimentError(str(error)) from None
