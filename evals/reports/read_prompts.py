"""The prompts of a finished run, which it does not keep: they are made again from its data."""

from pathlib import Path

from evals.harness.errors import ExperimentError
from evals.reports.explainer import NO_REPLY, Explainer
from evals.reports.sources import read_sources


def read_prompts(run: Path | str, respondent: int, item: str) -> dict[str, str]:
    """Return every prompt behind the answers of one respondent to one item, by `prompt_hash`.

    `run` is the directory of a run. The prompts of all its graphs are there, stories included. They
    are made again from the survey and the replies that the run kept; no model is asked. Raises
    ExperimentError, one line, where the survey, the settings or the prompts are not as the run had
    them, or the run has no such answer.
    """
    [source] = read_sources([Path(run)])
    if len(source.asking) != 1:
        raise ExperimentError(f"{run}: prompts are those of one run that asks a model")
    explainer = Explainer(source.asking[0])
    explainer.explain([(respondent, item)])
    if not explainer.prompts:
        raise ExperimentError(f"{run}: {NO_REPLY}")
    return explainer.prompts
