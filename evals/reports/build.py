"""Make a report: tables, figures and the page, in one directory."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from evals.analysis.skipped_tables import SkippedTables
from evals.harness.errors import ExperimentError
from evals.render.labels import title_of
from evals.render.table_files import write_frame, write_table
from evals.reports.contents import report_sections
from evals.reports.draw_answers import draw_answers_to_explain, first_method
from evals.reports.explainer import Explainer
from evals.reports.explanation import Explanation
from evals.reports.page import ExplainedAnswers, Section, render_page
from evals.reports.rows import read_rows_of_source
from evals.reports.shares import option_shares
from evals.reports.sources import ReportSource, RunDirectory, read_sources

PAGE = "report.html"
Wanted = Sequence[tuple[int, str]]


def build_report(
    folders: Sequence[Path], out: Path, wanted: Wanted, many: int, begun: Callable[[], None]
) -> Sequence[Explanation]:
    """Write the report, and return the answers that were asked for by name.

    `wanted`: respondents and items to explain; `many`: how many other answers the page explains.
    `begun` is called once all that was asked for is found. Raises ExperimentError, one line.
    """
    sources = read_sources(folders)
    codebook = sources[0].codebook
    frames = [read_rows_of_source(source, codebook).assign(run=source.name) for source in sources]
    rows = pd.concat(frames, ignore_index=True)
    named, answers = _answers(sources, rows, wanted, many)
    begun()
    skipped = SkippedTables()
    by_option = skipped.attempt(
        "shares", partial(option_shares, rows, codebook), partial(option_shares, rows[:0], codebook)
    )
    sections = list(report_sections(sources, rows, by_option, codebook, skipped.failed))
    _write_files(sections, out)
    write_frame(by_option, out / "tables", "shares")
    (out / PAGE).write_text(render_page(sources, sections, answers), encoding="utf-8")
    return named


def _write_files(sections: Sequence[Section], out: Path) -> None:
    """Write the tables and figures of all sections, in a directory each."""
    for name in ("tables", "figures"):
        (out / name).mkdir(parents=True, exist_ok=True)
    for section in sections:
        for table in section.tables:
            write_table(table, out / "tables")
        for drawing in section.drawings:
            drawing.write(out / "figures")


def _answers(
    sources: Sequence[ReportSource], rows: pd.DataFrame, wanted: Wanted, many: int
) -> tuple[list[Explanation], ExplainedAnswers]:
    """Explain the answers asked for, and `many` of the method that stands first, for the page.

    Where none was asked for and none can be explained, a sentence says why. Raises ExperimentError,
    one line, for answers asked for that cannot be explained.
    """
    asking = [(source, run) for source in sources for run in source.asking]
    if wanted and not asking:
        raise ExperimentError("--explain: no method of these runs asks a model")
    if not asking or not (wanted or many):
        return [], ExplainedAnswers()
    method = first_method(rows) if len(rows) else rows
    of_method = [run for source, run in asking if _has_method(source, run, method)]
    run = of_method[0] if of_method else asking[0][1]
    try:
        explainer = Explainer(run)
        named = explainer.explain(wanted)
        drawn = [case for case in draw_answers_to_explain(method, many) if case not in set(wanted)]
        title = title_of(*method.iloc[0][["graph", "variant"]]) if len(method) and many else ""
        return named, ExplainedAnswers([*named, *explainer.explain(drawn)], title)
    except ExperimentError as error:
        if wanted:
            raise
        return [], ExplainedAnswers(missing=[f"No answer is explained: {error}."])


def _has_method(source: ReportSource, run: RunDirectory, method: pd.DataFrame) -> bool:
    """Whether a run of a source is the one whose method these rows are."""
    if not len(method):
        return False
    line, experiment = method.iloc[0], run.experiment
    if (source.name, experiment.model_name) != (line["run"], line["model"]):
        return False
    graph = line["graph"]
    return graph in experiment.graph and experiment.variant(graph) == line["variant"]
