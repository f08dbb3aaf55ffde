"""What stands in the report: its sections in the order of the page, and the tables and figures in them."""

from collections.abc import Iterator, Sequence

import pandas as pd

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


def sections(
    sources: Sequence[Source], rows: pd.DataFrame, by_option: pd.DataFrame, codebook: Codebook
) -> Iterator[Section]:
    """All sections. `rows`: scored rows of the graphs with their `run`; `by_option`: their `shares`."""
    stands, found = tables.standing(sources), tables.findings(sources)
    every = tables.plain(stands.frame)
    yield Section(found.title, _few(every), tables=[found])
    yield Section("Methods", drawings=[figures.methods(every)], tables=[stands])
    by = [by_dimension(sources, measure) for measure in ("accuracy", "mae")]
    rule = by[0].frame["run"].map({source.name: source.rule for source in sources})
    yield Section("Dimensions", drawings=_drawn(figures.radar(by[0].frame[by[0].frame["rule"] == rule])), tables=by)
    yield Section("Comparisons", tables=[tables.comparisons(sources)])
    if curve := figures.scale(every):
        yield Section("Size of profile", drawings=[curve])
    agree = agreement.agreement(rows)
    if not agree.empty:
        yield Section("Agreement", drawings=_drawn(answered.agreement(agree)), tables=[agreement.table(agree)])
    distances = tables.distributions(sources, {item.id: item.topic for item in codebook.items.values()})
    apart = tables.plain(distances.frame)
    apart = farthest(by_option, apart[apart["country"] == ""], answered.PANELS)
    drawn = _drawn(answered.distributions(apart))
    yield Section("Population", drawings=drawn, tables=[tables.variety(sources), distances])
    gaps = tables.gaps(sources)
    wide = tables.plain(gaps.frame)
    wide = wide[~wide["graph"].isin(REFERENCES)]
    yield Section("Groups", drawings=_drawn(figures.gaps(wide)), tables=[gaps, tables.subgroups(sources)])
    yield Section("Leaks", tables=[tables.leaks(sources), tables.leaked(sources)])
    yield Section("Counts", tables=[counts(sources, rows)])
    yield Section("Provenance", tables=[provenance(sources)])


def _drawn(drawing: Drawing | None) -> list[Drawing]:
    """A figure, where there is one."""
    return [] if drawing is None else [drawing]


def _few(standing: pd.DataFrame) -> list[str]:
    """A warning where figures of a run rest on few people."""
    if standing["people"].min() >= FEWEST:
        return []
    return [f"Fewer than {FEWEST} people stand behind some figures: aggregates of so few may show single answers."]
