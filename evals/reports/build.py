"""A report made: tables, figures and the page, written into one directory."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from evals.analysis.attempts import Attempts
from evals.experiment import ExperimentError
from evals.reports.chosen import chosen, first
from evals.reports.contents import sections
from evals.reports.explainer import Explainer
from evals.reports.explanation import Explained
from evals.reports.page import Answers, page
from evals.reports.rows import asked
from evals.reports.shares import shares
from evals.reports.sources import Run, Source, read_sources
from evals.reports.written import write_frame, write_table
from evals.table import title_of
from survey.codebook import wvs7

PAGE = "report.html"
Wanted = Sequence[tuple[int, str]]


def build(folders: Sequence[Path], out: Path, wanted: Wanted, many: int) -> Sequence[Explained]:
    """Write the report, and return the answers that were asked for by name.

    `wanted`: respondents and items to explain; `many`: how many other answers the page explains. Raises
    ExperimentError, one line.
    """
    sources = read_sources(folders)
    frames = [asked(source, wvs7()).assign(run=source.name) for source in sources]
    rows = pd.concat(frames, ignore_index=True)
    named, answers = _answers(sources, rows, wanted, many)
    attempts = Attempts()
    by_option = attempts.attempt("shares", partial(shares, rows, wvs7()), partial(shares, rows[:0], wvs7()))
    parts = list(sections(sources, rows, by_option, wvs7(), attempts.failed))
    for name in ("tables", "figures"):
        (out / name).mkdir(parents=True, exist_ok=True)
    for section in parts:
        for table in section.tables:
            write_table(table, out / "tables")
        for drawing in section.drawings:
            drawing.write(out / "figures")
    write_frame(by_option, out / "tables", "shares")
    (out / PAGE).write_text(page(sources, parts, answers), encoding="utf-8")
    return named


def _answers(
    sources: Sequence[Source], rows: pd.DataFrame, wanted: Wanted, many: int
) -> tuple[list[Explained], Answers]:
    """The answers asked for, and all that the page explains: those, and some of the method that stands first.

    Where answers were not asked for by name and cannot be explained, a sentence says why.
    """
    asking = [(source, run) for source in sources for run in source.asking]
    if not asking or not (wanted or many):
        if wanted:
            raise ExperimentError("--explain: no method of these runs asks a model")
        return [], Answers()
    method = first(rows) if len(rows) else rows
    run = next((run for source, run in asking if _holds(source, run, method)), asking[0][1])
    try:
        explainer = Explainer(run, wvs7())
        named = explainer.explain(wanted)
        drawn = [case for case in chosen(method, many) if case not in set(wanted)]
        title = title_of(*method.iloc[0][["graph", "variant"]]) if len(method) and many else ""
        return named, Answers([*named, *explainer.explain(drawn)], title)
    except ExperimentError as error:
        if wanted:
            raise
        return [], Answers(missing=[f"No answer is explained: {error}."])


def _holds(source: Source, run: Run, method: pd.DataFrame) -> bool:
    """Whether a run of a source is the one whose method these rows are."""
    if not len(method):
        return False
    line, experiment = method.iloc[0], run.experiment
    same = (source.name, experiment.model) == (line["run"], line["model"])
    return same and line["graph"] in experiment.graph and experiment.variant(line["graph"]) == line["variant"]
