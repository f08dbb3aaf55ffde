"""What the short output says of a scoring."""

from collections.abc import Sequence
from pathlib import Path

from evals.analysis.skipped_tables import skipped_lines
from evals.analysis.tables import AnalysisTables
from evals.formats import PREDICTIONS
from evals.render.console import OFFLINE_LINE
from evals.render.coverage import coverage_warnings
from evals.render.headlines import find_headlines
from evals.render.overview import Overview
from evals.render.overview_table import overview_rows
from evals.render.scores import MethodLine
from evals.runner.overview import describe_asked, describe_rest, readable_shares
from evals.scoring.result import ScoringResult


def scoring_overview(
    result: ScoringResult, folder: Path, lines: Sequence[MethodLine], tables: AnalysisTables
) -> Overview:
    """What the short output says of a scoring whose files are in `folder`."""
    people, scored = result.truth.people, result.answers["respondent"].nunique()
    who = [describe_asked(people, people.source, scored, result.answers)]
    if result.offline:
        who.append(OFFLINE_LINE)
    return Overview(
        who=who,
        rows=overview_rows(tables, readable_shares(result.answers), lines),
        findings=[*find_headlines(tables), *result.notes],
        rest=describe_rest(folder, (PREDICTIONS,)),
        warnings=[*skipped_lines(tables.failed), *coverage_warnings(tables.coverage)],
    )
