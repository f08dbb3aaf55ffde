"""The page: sections of sentences, figures and tables, filled into a template that escapes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import jinja2

from evals.render.console import offline_banner
from evals.render.drawing import Drawing
from evals.render.table import Table
from evals.reports.draw_answers import draw_rule
from evals.reports.explainer import CLOSEST_RULE
from evals.reports.explanation import Explanation
from evals.reports.provenance import licence_of
from evals.reports.sources import ReportSource
from survey.survey_names import is_synthetic

PUBLISHED = (
    "Tables and figures are aggregates and may be published; rows of a run and answers explained "
    "may not."
)
ALL_SYNTHETIC = (
    "The people of these runs are synthetic and never lived, so all of this may be shown."
)
ONE_PERSON = (
    "Of real people they may not be passed on; with --answers 0 the page is made without them."
)


@dataclass(frozen=True)
class Section:
    """One part of the page; `said` are its sentences."""

    title: str
    said: Sequence[str] = ()
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class ExplainedAnswers:
    """The answers that the page explains.

    `method`: of which method answers were drawn; `missing`: why there are none, a sentence each.
    """

    explained: Sequence[Explanation] = ()
    method: str = ""
    missing: Sequence[str] = ()


def render_page(
    sources: Sequence[ReportSource], sections: Sequence[Section], answers: ExplainedAnswers
) -> str:
    """The page as HTML, which loads nothing else."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("evals").joinpath("reports/page.html").read_text(encoding="utf-8")
    return environment.from_string(text).render(
        title="ValueSim: " + ", ".join(source.name for source in sources),
        notice=offline_banner() if any(source.offline for source in sources) else "",
        incomplete=", ".join(source.name for source in sources if source.failed),
        partial=[f"{source.name}: {source.partial}" for source in sources if source.partial],
        sections=sections,
        answers=answers.explained,
        no_answers=answers.missing,
        licence=licence_sentences(sources),
        one_person=ONE_PERSON,
        rule=draw_rule(answers.method) if answers.method else "",
        closest_rule=CLOSEST_RULE,
    )


def licence_sentences(sources: Sequence[ReportSource]) -> list[str]:
    """What of a report may be published."""
    runs = [run for source in sources for run in source.runs]
    real = [run for run in runs if not is_synthetic(run.experiment.data)]
    if real:
        return [f"Data: {licence_of(real[0])}.", PUBLISHED]
    return [ALL_SYNTHETIC]
