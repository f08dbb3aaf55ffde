"""What stands in the report: its sections in the order of the page, and the tables and figures in
them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from evals.analysis.distributions import MIN_PEOPLE
from evals.analysis.skipped_tables import SkippedTables, skipped_lines
from evals.harness.experiment import REFERENCES
from evals.render.drawing import Drawing
from evals.reports import agreement, answer_figures, figures, tables
from evals.reports.page import Section
from evals.reports.provenance import provenance_table
from evals.reports.scores import counts_table, dimension_table
from evals.reports.shares import farthest_items
from evals.reports.sources import ReportSource
from survey.codebook import Codebook

Made = Callable[[], Section | None]
IN = {
    "findings": "What stands out",
    "standing": "Methods",
    "tables": "Methods",
    "scores": "Dimensions",
    "comparisons": "Comparisons",
    "distributions": "Population",
    "variety": "Population",
    "shares": "Population",
    "weights": "Groups",
    "groups": "Groups",
    "subgroups": "Groups",
    "gaps": "Groups",
    "leaks": "Leaks",
}
"""The section in which a reader would look for what could not be worked out."""


def report_sections(
    sources: Sequence[ReportSource],
    rows: pd.DataFrame,
    by_option: pd.DataFrame,
    codebook: Codebook,
    failed: Mapping[str, str],
) -> Iterator[Section]:
    """All sections; one that cannot be made, or lacks a table, says so and why.

    `rows`: scored rows of the graphs with their `run`; `by_option`: their `shares`; `failed`: what
    of these two could not be worked out.
    """
    lacking = _lacking(
        [("", failed), *((source.name, source.not_worked_out) for source in sources)]
    )
    makers: dict[str, Made] = {
        "What stands out": lambda: _outstanding(sources),
        "Methods": lambda: _methods(sources),
        "Dimensions": lambda: _dimensions(sources),
        "Comparisons": lambda: Section("Comparisons", tables=[tables.comparison_section(sources)]),
        "Size of profile": lambda: _scale(sources),
        "Agreement": lambda: _agreement(rows),
        "Population": lambda: _population(sources, by_option, codebook),
        "Groups": lambda: _groups(sources),
        "Leaks": lambda: Section(
            "Leaks", tables=[tables.leak_section(sources), tables.leaked_items_section(sources)]
        ),
        "Counts": lambda: Section("Counts", tables=[counts_table(sources, rows)]),
        "Provenance": lambda: Section("Provenance", tables=[provenance_table(sources)]),
    }
    for title, make in makers.items():
        skipped = SkippedTables()
        section = skipped.attempt(title, make, partial(Section, title))
        said = lacking.get(title, []) + skipped_lines(skipped.failed)
        if section is not None:
            yield replace(section, said=[*said, *section.said])


def _lacking(by_run: Sequence[tuple[str, Mapping[str, str]]]) -> dict[str, list[str]]:
    """By section, what the runs could not work out."""
    found: dict[str, list[str]] = {}
    for run, failed in by_run:
        before = f"{run}: " if run else ""
        for name, why in failed.items():
            title = IN.get(name.partition(",")[0], "Methods")
            found.setdefault(title, []).extend(before + said for said in skipped_lines({name: why}))
    return found


def _warned(sources: Sequence[ReportSource]) -> list[str]:
    """Where people were asked different questions."""
    before = {source.name: f"{source.name}: " if len(sources) > 1 else "" for source in sources}
    return [before[source.name] + warning for source in sources for warning in source.warnings]


def _outstanding(sources: Sequence[ReportSource]) -> Section:
    """What a reader should not overlook."""
    found = tables.findings_section(sources)
    return Section(
        found.title,
        _few(tables.unweighted_lines(tables.ladder_section(sources).frame)),
        tables=[found],
    )


def _methods(sources: Sequence[ReportSource]) -> Section:
    """Where the methods stand."""
    stands = tables.ladder_section(sources)
    return Section(
        "Methods",
        drawings=_drawn(figures.draw_methods(tables.unweighted_lines(stands.frame))),
        tables=[stands],
    )


def _dimensions(sources: Sequence[ReportSource]) -> Section:
    """Scores by dimension."""
    by = [dimension_table(sources, measure) for measure in ("accuracy", "mae")]
    rule = by[0].frame["run"].map({source.name: source.rule for source in sources})
    return Section(
        "Dimensions",
        drawings=_drawn(figures.draw_radar(by[0].frame[by[0].frame["rule"] == rule])),
        tables=by,
    )


def _scale(sources: Sequence[ReportSource]) -> Section | None:
    """The curve by size of profile, where there are several sizes."""
    curve = figures.draw_scale(tables.unweighted_lines(tables.ladder_section(sources).frame))
    return Section("Size of profile", drawings=[curve]) if curve else None


def _agreement(rows: pd.DataFrame) -> Section | None:
    """How often the perspectives agree, where there are any."""
    agree = agreement.agreement_table(rows)
    if agree.empty:
        return None
    return Section(
        "Agreement",
        drawings=_drawn(answer_figures.draw_agreement(agree)),
        tables=[agreement.agreement_report_table(agree)],
    )


def _population(
    sources: Sequence[ReportSource], by_option: pd.DataFrame, codebook: Codebook
) -> Section:
    """Real and simulated answers as a population."""
    distances = tables.distribution_section(
        sources, {item.id: item.topic for item in codebook.items.values()}
    )
    apart = tables.unweighted_lines(distances.frame)
    apart = farthest_items(by_option, apart[apart["country"] == ""], answer_figures.PANELS)
    drawn = _drawn(answer_figures.draw_distributions(apart))
    return Section(
        "Population", drawings=drawn, tables=[tables.variety_section(sources), distances]
    )


def _groups(sources: Sequence[ReportSource]) -> Section:
    """Groups of people side by side."""
    gaps = tables.gap_section(sources)
    wide = tables.unweighted_lines(gaps.frame)
    wide = wide[~wide["graph"].isin(REFERENCES)]
    return Section(
        "Groups",
        _warned(sources),
        drawings=_drawn(figures.draw_gaps(wide)),
        tables=[gaps, tables.subgroup_section(sources)],
    )


def _drawn(drawing: Drawing | None) -> list[Drawing]:
    """A figure, where there is one."""
    return [] if drawing is None else [drawing]


def _few(standing: pd.DataFrame) -> list[str]:
    """A warning where figures of a run rest on few people."""
    if standing["people"].min() >= MIN_PEOPLE:
        return []
    return [
        f"Fewer than {MIN_PEOPLE} people stand behind some figures: aggregates of so few may show "
        f"single answers."
    ]
