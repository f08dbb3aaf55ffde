"""A report made: tables, figures and the page, written into one directory."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from evals.analysis.skipped_tables import SkippedTables
from evals.harness.errors import ExperimentError
from evals.render.files import write_frame, write_table
from evals.render.labels import title_of
from evals.reports.contents import report_sections
from evals.reports.draw_answers import draw_answers_to_explain, first_method
from evals.reports.explainer import Explainer
from evals.reports.explanation import Explanation
from evals.reports.page import ExplainedAnswers, render_page
from evals.reports.rows import read_rows_of_source
from evals.reports.shares import option_shares
from evals.reports.sources import ReportSource, RunDirectory, read_sources
from survey.codebook import wvs7

PAGE = "report.html"
Wanted = Sequence[tuple[int, str]]


def build_report(
    folders: Sequence[Path], out: Path, wanted: Wanted, many: int
) -> Sequence[Explanation]:
    """Write the report, and return the answers that were asked for by name.

    `wanted`: respondents and items to explain; `many`: how many other answers the page explains.
    Raises ExperimentError, one line.
    """
    sources = read_sources(folders)
    frames = [read_rows_of_source(source, wvs7()).assign(run=source.name) for source in sources]
    rows = pd.concat(frames, ignore_index=True)
    named, answers = _answers(sources, rows, wanted, many)
    skipped = SkippedTables()
    by_option = skipped.attempt(
        "shares", partial(option_shares, rows, wvs7()), partial(option_shares, rows[:0], wvs7())
    )
    parts = list(report_sections(sources, rows, by_option, wvs7(), skipped.failed))
    for name in ("tables", "figures"):
        (out / name).mkdir(parents=True, exist_ok=True)
    for section in parts:
        for table in section.tables:
            write_table(table, out / "tables")
        for drawing in section.drawings:
            drawing.write(out / "figures")
    write_frame(by_option, out / "tables", "shares")
    (out / PAGE).write_text(render_page(sources, parts, answers), encoding="utf-8")
    return named


def _answers(
    sources: Sequence[ReportSource], rows: pd.DataFrame, wanted: Wanted, many: int
) -> tuple[list[Explanation], ExplainedAnswers]:
    """The answers asked for, and all that the page explains: those, and some of the method that
    stands first.

    Where answers were not asked for by name and cannot be explained, a sentence says why.
    """
    asking = [(source, run) for source in sources for run in source.asking]
    if not asking or not (wanted or many):
        if wanted:
            raise ExperimentError("--explain: no method of these runs asks a model")
        return [], ExplainedAnswers()
    method = first_method(rows) if len(rows) else rows
    run = next((run for source, run in asking if _holds(source, run, method)), asking[0][1])
    try:
        explainer = Explainer(run, wvs7())
        named = explainer.explain(wanted)
        drawn = [case for case in draw_answers_to_explain(method, many) if case not in set(wanted)]
        title = title_of(*method.iloc[0][["graph", "variant"]]) if len(method) and many else ""
        return named, ExplainedAnswers([*named, *explainer.explain(drawn)], title)
    except ExperimentError as error:
        if wanted:
            raise
        return [], ExplainedAnswers(missing=[f"No answer is explained: {error}."])


def _holds(source: ReportSource, run: RunDirectory, method: pd.DataFrame) -> bool:
    """Whether a run of a source is the one whose method these rows are."""
    if not len(method):
        return False
    line, experiment = method.iloc[0], run.experiment
    same = (source.name, experiment.chat) == (line["run"], line["model"])
    return (
        same
        and line["graph"] in experiment.graph
        and experiment.variant(line["graph"]) == line["variant"]
    )
