"""What a run prints before anything is asked: its people, its model, and doubts about them."""

from collections.abc import Iterable

from rich.console import Console

from evals.harness.describe_selection import describe_draw, describe_items
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.harness.plan import Plan
from evals.render.console import print_offline_note
from evals.runner.context_fit import check_fit
from evals.runner.identity import directory_of_run
from graph.llm.addresses import is_local_model
from survey.survey_names import is_synthetic


def print_header(console: Console, plan: Plan) -> None:
    """Print the people and the seed, what the reader noticed, and that a stand-in answers."""
    survey = plan.survey
    source = name_survey(plan)
    drawn = describe_draw(plan.experiment, len(plan.drawn))
    console.print(f"{len(survey):,} people in {source}; {drawn}.", soft_wrap=True, markup=False)
    if items := describe_items(plan.experiment):
        console.print(f"Asked only: {items}.", soft_wrap=True, markup=False)
    for note in survey.notes:
        console.print(note, style="dim", soft_wrap=True)
    if left_out := ", ".join(plan.codebook.left_out):
        console.print(
            f"Neither shown nor scored, their options being a country's own list: {left_out}.",
            style="dim",
            soft_wrap=True,
        )
    if own := plan.experiment.coordinator_at:
        console.print(f"The coordinator is {own[0]}.", soft_wrap=True, markup=False)
    if note := _embeddings_note(plan.experiment):
        console.print(note, soft_wrap=True, markup=False)
    print_offline_note(console, plan.experiment.offline)


def _embeddings_note(experiment: Experiment) -> str:
    """What rag searches with where nobody said it and the provider has no embeddings; else ""."""
    chosen = experiment.embeddings is not None or experiment.embeddings_at[0] != "offline"
    if chosen or experiment.chat == "offline" or "rag" not in experiment.graph:
        return ""
    provider = experiment.chat.partition(":")[0]
    return (
        f"RAG searches by the words that texts share, as no embeddings of {provider} are known; "
        "--embeddings names others."
    )


def name_survey(plan: Plan) -> str:
    """Name the survey that people are drawn from."""
    data, facts = plan.experiment.data, plan.codebook.facts
    if is_synthetic(data):
        return "the synthetic sample (people who never lived)"
    return f"{plan.survey.source} ({facts.title})" if facts.package else plan.survey.source


def warn_of_long_prompts(console: Console, plans: Iterable[Plan], sized: bool = True) -> None:
    """Warn where the longest prompts may not fit what the model reads at once.

    A server is not asked for a dry run; the window of a model in this process is known without.
    `sized`: a smaller profile is a way out. Raises ExperimentError, one line and no warning, where
    they cannot fit; a dry run says that too and goes on.
    """
    doubts: dict[str, None] = {}
    for plan in plans:
        experiment = plan.experiment
        if experiment.dry_run and not is_local_model(experiment.chat):
            continue
        misfit = check_fit(plan, directory_of_run(plan), sized)
        if misfit and misfit.is_hopeless and not experiment.dry_run:
            raise ExperimentError(misfit.text)
        if misfit:
            refused = "without --dry-run nothing is asked, as " if misfit.is_hopeless else ""
            doubts[f"{refused}{misfit.text}."] = None
    for doubt in doubts:
        console.print(f"Warning: {doubt}", style="bold yellow", soft_wrap=True, markup=False)
