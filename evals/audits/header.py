"""What an audit prints before it begins: whose stories it reads, and what the reader noted."""

from rich.console import Console

from evals.audits.story_source import StorySource
from evals.render.console import print_offline_note


def print_audit_header(console: Console, source: StorySource) -> None:
    """Print people and origin of the stories, notes on the survey file, and a stand-in's note."""
    survey = source.plan.survey
    people = f"{len(source.plan.drawn)} people of {len(survey):,} in {survey.source}"
    if where := source.plan.experiment.where:
        people += f", with {' and '.join(where)}"
    console.print(f"{people}; stories: {source.origin}.", soft_wrap=True, markup=False)
    for note in survey.notes:
        console.print(note, style="dim", soft_wrap=True, markup=False)
    print_offline_note(console, source.offline)
