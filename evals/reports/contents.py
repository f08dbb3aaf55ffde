"""What stands in the report: its sections in the order of the page, and the tables and figures in
them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from evals.analysis.distributions import MIN_PEOPLE
from evals.analysis.skipped_tables import SkippedTables, skipped_lines
from evals.harness.method_names import REFERENCES
from evals.render.analysis import (
    describe_comparisons,
    describe_gaps,
    describe_standing,
    describe_variety,
)
from evals.render.drawing import Drawing
from evals.render.table import Table, unweighted_lines
from evals.reports.agreement import agreement_table, describe_agreement
from evals.reports.answer_figures import PANELS, draw_agreement, draw_distributions
from evals.reports.figures import draw_gaps, draw_methods, draw_radar, draw_scale
from evals.reports.page import Section
from evals.reports.provenance import provenance_table
from evals.reports.scores import counts_table, dimension_table
from evals.reports.shares import farthest_items
from evals.reports.sources import ReportSource
from evals.reports.tables import (
    describe_distributions,
    describe_findings,
    describe_leak_counts,
    describe_leaked_items,
    describe_subgroups,
    join_sources,
)
from survey.codebook import Codebook

SectionMaker = Callable[[], Section | None]
SECTION_OF = {
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
    by_source = [(source.name, source.not_worked_out) for source in sources]
    lacking = _lacking_lines([("", failed), *by_source])
    makers: dict[str, SectionMaker] = {
        "What stands out": lambda: _findings_section(sources),
        "Methods": lambda: _methods_section(sources),
        "Dimensions": lambda: _dimensions_section(sources),
        "Comparisons": lambda: _comparisons_section(sources),
        "Size of profile": lambda: _size_section(sources),
        "Agreement": lambda: _agreement_section(rows),
        "Population": lambda: _population_section(sources, by_option, codebook),
        "Groups": lambda: _groups_section(sources),
        "Leaks": lambda: _leaks_section(sources),
        "Counts": lambda: Section("Counts", tables=[counts_table(sources, rows)]),
        "Provenance": lambda: Section("Provenance", tables=[provenance_table(sources)]),
    }
    for title, make in makers.items():
        section = _make_section(title, make, lacking.get(title, []))
        if section is not None:
            yield section


def _make_section(title: str, make: SectionMaker, lacking: Sequence[str]) -> Section | None:
    """Make one section, which says first what it lacks; None where there is nothing to show."""
    skipped = SkippedTables()
    section = skipped.attempt(title, make, partial(Section, title))
    if section is None:
        return None
    return replace(section, said=[*lacking, *skipped_lines(skipped.failed), *section.said])


def _lacking_lines(by_source: Sequence[tuple[str, Mapping[str, str]]]) -> dict[str, list[str]]:
    """A sentence for each thing that could not be worked out, by section."""
    found: dict[str, list[str]] = {}
    for source, failed in by_source:
        before = f"{source}: " if source else ""
        for name, why in failed.items():
            title = SECTION_OF.get(name.partition(",")[0], "Methods")
            [line] = skipped_lines({name: why})
            found.setdefault(title, []).append(before + line)
    return found


def _standing_table(sources: Sequence[ReportSource]) -> Table:
    """Where the methods of all sources stand."""
    return describe_standing(join_sources(sources, "standing"))


def _findings_section(sources: Sequence[ReportSource]) -> Section:
    """What a reader should not overlook, with a warning where figures rest on few people."""
    findings = describe_findings(sources)
    standing = unweighted_lines(_standing_table(sources).frame)
    warnings = []
    if not standing["people"].min() >= MIN_PEOPLE:
        warnings.append(
            f"Fewer than {MIN_PEOPLE} people stand behind some figures: aggregates of so few may "
            "show single answers."
        )
    return Section(findings.title, warnings, tables=[findings])


def _methods_section(sources: Sequence[ReportSource]) -> Section:
    """Where the methods stand."""
    standing = _standing_table(sources)
    drawing = draw_methods(unweighted_lines(standing.frame))
    return Section("Methods", drawings=_present(drawing), tables=[standing])


def _dimensions_section(sources: Sequence[ReportSource]) -> Section:
    """Scores by dimension."""
    tables = [dimension_table(sources, measure) for measure in ("accuracy", "mae")]
    scores = tables[0].frame
    rule = scores["run"].map({source.name: source.rule for source in sources})
    drawing = draw_radar(scores[scores["rule"] == rule])
    return Section("Dimensions", drawings=_present(drawing), tables=tables)


def _comparisons_section(sources: Sequence[ReportSource]) -> Section:
    """Differences between methods."""
    comparisons = describe_comparisons(join_sources(sources, "comparisons"))
    return Section("Comparisons", tables=[comparisons])


def _size_section(sources: Sequence[ReportSource]) -> Section | None:
    """The curve by size of profile; None where profiles have one size."""
    curve = draw_scale(unweighted_lines(_standing_table(sources).frame))
    return Section("Size of profile", drawings=[curve]) if curve else None


def _agreement_section(rows: pd.DataFrame) -> Section | None:
    """How often the perspectives agree; None where no method has perspectives."""
    agreement = agreement_table(rows)
    if agreement.empty:
        return None
    drawing = draw_agreement(agreement)
    return Section("Agreement", drawings=_present(drawing), tables=[describe_agreement(agreement)])


def _population_section(
    sources: Sequence[ReportSource], by_option: pd.DataFrame, codebook: Codebook
) -> Section:
    """Real and simulated answers as a population."""
    topics = {item.id: item.topic for item in codebook.items.values()}
    distances = describe_distributions(sources, topics)
    of_all = unweighted_lines(distances.frame)
    farthest = farthest_items(by_option, of_all[of_all["country"] == ""], PANELS)
    drawing = draw_distributions(farthest)
    variety = describe_variety(join_sources(sources, "variety"))
    return Section("Population", drawings=_present(drawing), tables=[variety, distances])


def _groups_section(sources: Sequence[ReportSource]) -> Section:
    """Groups of people side by side, with a warning where they were asked different questions."""
    gaps = describe_gaps(join_sources(sources, "gaps"))
    of_all = unweighted_lines(gaps.frame)
    drawing = draw_gaps(of_all[~of_all["graph"].isin(REFERENCES)])
    return Section(
        "Groups",
        _coverage_warnings(sources),
        drawings=_present(drawing),
        tables=[gaps, describe_subgroups(sources)],
    )


def _coverage_warnings(sources: Sequence[ReportSource]) -> list[str]:
    """Where people were asked different questions, with the source where there are several."""
    warnings = []
    for source in sources:
        before = f"{source.name}: " if len(sources) > 1 else ""
        warnings += [before + warning for warning in source.warnings]
    return warnings


def _leaks_section(sources: Sequence[ReportSource]) -> Section:
    """What the profile gives away."""
    tables = [describe_leak_counts(sources), describe_leaked_items(sources)]
    return Section("Leaks", tables=tables)


def _present(drawing: Drawing | None) -> list[Drawing]:
    """The figure in a list, which is empty where there is none."""
    return [] if drawing is None else [drawing]
