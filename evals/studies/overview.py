"""What the short output says of a study."""

from pathlib import Path

from evals.analysis.skipped_tables import skipped_lines
from evals.analysis.tables import AnalysisTables
from evals.render.console import OFFLINE_LINE
from evals.render.coverage import coverage_warnings
from evals.render.findings import find_unmoved
from evals.render.headlines import find_differences, find_headlines
from evals.render.overview import Overview
from evals.render.overview_table import overview_rows
from evals.runner.overview import describe_rest, readable_shares
from evals.studies.results import StudyResults


def study_overview(results: StudyResults, tables: AnalysisTables, folder: Path) -> Overview:
    """What the short output says of a study whose files are in `folder`."""
    warnings = [*skipped_lines(tables.failed), *coverage_warnings(tables.coverage)]
    if results.failed:
        warnings.insert(0, f"Incomplete: {results.failed} calls failed; --retry-failed asks again.")
    return Overview(
        who=[results.describe_asked(), *([OFFLINE_LINE] if results.base.offline else [])],
        rows=overview_rows(tables, readable_shares(results.answers)),
        findings=find_headlines(tables, [*find_unmoved(tables), *find_differences(tables)]),
        rest=describe_rest(folder, ("scores.csv",)),
        warnings=warnings,
    )
