"""What stands in the report: its sections in the order of the page, and the tables and figures in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from evals.analysis.attempts import Attempts, sentences
from evals.analysis.distributions import FEWEST
from evals.experiment import REFERENCES
from evals.reports import agreement, answered, figures, tables
from evals.reports.drawing import Drawing
from evals.reports.page import Section
from evals.reports.provenance import provenance
from evals.reports.scores import by_dimension, counts
from evals.reports.shares import farthest
from evals.reports.sources import Source
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


def sections(
    sources: Sequence[Source],
    rows: pd.DataFrame,
    by_option: pd.DataFrame,
    codebook: Codebook,
    failed: Mapping[str, str],
) -> Iterator[Section]:
    """All sections; one that cannot be made, or lacks a table, says so and why.

    `rows`: scored rows of the graphs with their `run`; `by_option`: their `shares`; `failed`: what of these two could
    not be worked out.
    """
    lacking = _lacking([("", failed), *((source.name, source.not_worked_out) for source in sources)])
    makers: dict[str, Made] = {
        "What stands out": lambda: _outstanding(sources),
        "Methods": lambda: _methods(sources),
        "Dimensions": lambda: _dimensions(sources),
        "Comparisons": lambda: Section("Comparisons", tables=[tables.comparisons(sources)]),
        "Size of profile": lambda: _scale(sources),
        "Agreement": lambda: _agreement(rows),
        "Population": lambda: _population(sources, by_option, codebook),
        "Groups": lambda: _groups(sources),
        "Leaks": lambda: Section("Leaks", tables=[tables.leaks(sources), tables.leaked(sources)]),
        "Counts": lambda: Section("Counts", tables=[counts(sources, rows)]),
        "Provenance": lambda: Section("Provenance", tables=[provenance(sources)]),
    }
    for title, make in makers.items():
        attempts = Attempts()
        section = attempts.attempt(title, make, partial(Section, title))
        said = lacking.get(title, []) + sentences(attempts.failed)
        if section is not None:
            yield replace(section, said=[*said, *section.said])


def _lacking(by_run: Sequence[tuple[str, Mapping[str, str]]]) -> dict[str, list[str]]:
    """By section, what the runs could not work out."""
    found: dict[str, list[str]] = {}
    for run, failed in by_run:
        before = f"{run}: " if run else ""
        for name, why in failed.items():
            title = IN.get(name.partition(",")[0], "Methods")
            found.setdefault(title, []).extend(before + said for said in sentences({name: why}))
    return found


def _warned(sources: Sequence[Source]) -> list[str]:
    """Where people were asked different questions."""
    before = {source.name: f"{source.name}: " if len(sources) > 1 else "" for source in sources}
    return [before[source.name] + warning for source in sources for warning in source.warnings]


def _outstanding(sources: Sequence[Source]) -> Section:
    """What a reader should not overlook."""
    found = tables.findings(sources)
    return Section(found.title, _few(tables.plain(tables.standing(sources).frame)), tables=[found])


def _methods(sources: Sequence[Source]) -> Section:
    """Where the methods stand."""
    stands = tables.standing(sources)
    return Section("Methods", drawings=_drawn(figures.methods(tables.plain(stands.frame))), tables=[stands])


def _dimensions(sources: Sequence[Source]) -> Section:
    """Scores by dimension."""
    by = [by_dimension(sources, measure) for measure in ("accuracy", "mae")]
    rule = by[0].frame["run"].map({source.name: source.rule for source in sources})
    return Section("Dimensions", drawings=_drawn(figures.radar(by[0].frame[by[0].frame["rule"] == rule])), tables=by)


def _scale(sources: Sequence[Source]) -> Section | None:
    """The curve by size of profile, where there are several sizes."""
    curve = figures.scale(tables.plain(tables.standing(sources).frame))
    return Section("Size of profile", drawings=[curve]) if curve else None


def _agreement(rows: pd.DataFrame) -> Section | None:
    """How often the perspectives agree, where there are any."""
    agree = agreement.agreement(rows)
    if agree.empty:
        return None
    return Section("Agreement", drawings=_drawn(answered.agreement(agree)), tables=[agreement.table(agree)])


def _population(sources: Sequence[Source], by_option: pd.DataFrame, codebook: Codebook) -> Section:
    """Real and simulated answers as a population."""
    distances = tables.distributions(sources, {item.id: item.topic for item in codebook.items.values()})
    apart = tables.plain(distances.frame)
    apart = farthest(by_option, apart[apart["country"] == ""], answered.PANELS)
    drawn = _drawn(answered.distributions(apart))
    return Section("Population", drawings=drawn, tables=[tables.variety(sources), distances])


def _groups(sources: Sequence[Source]) -> Section:
    """Groups of people side by side."""
    gaps = tables.gaps(sources)
    wide = tables.plain(gaps.frame)
    wide = wide[~wide["graph"].isin(REFERENCES)]
    return Section(
        "Groups", _warned(sources), drawings=_drawn(figures.gaps(wide)), tables=[gaps, tables.subgroups(sources)]
    )


def _drawn(drawing: Drawing | None) -> list[Drawing]:
    """A figure, where there is one."""
    return [] if drawing is None else [drawing]


def _few(standing: pd.DataFrame) -> list[str]:
    """A warning where figures of a run rest on few people."""
    if standing["people"].min() >= FEWEST:
        return []
    return [f"Fewer than {FEWEST} people stand behind some figures: aggregates of so few may show single answers."]
