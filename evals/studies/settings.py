"""The settings of `evals.study`: those of a run, and several models."""

from typing import Annotated

from pydantic import Field

from evals.harness.experiment import Experiment
from graph.command_line.flag import MODEL, OUTPUT, Flag


class StudySettings(Experiment):
    """What the experiments of a study share, and the models that it compares."""

    models: Annotated[tuple[str, ...], Flag(MODEL)] = Field(
        default=(), description="several models side by side, in place of --model"
    )
    show_answers: Annotated[int, Flag(OUTPUT, listed=False)] = Field(
        default=0, ge=0, description="how many answers of each experiment are shown as they come"
    )
