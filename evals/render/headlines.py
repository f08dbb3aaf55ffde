"""The three findings of the short output: a difference is named where its test and interval agree.

The first says which methods are better than the foot of the ladder, the second which of them is
best, the third what else a reader should not overlook.
"""

from collections.abc import Iterator, Sequence

import pandas as pd

from evals.analysis.ladder import ladder_bottom
from evals.analysis.leaks import LEAKED
from evals.analysis.tables import AnalysisTables
from evals.harness.method_names import REFERENCES
from evals.render.analysis import retest_sentence
from evals.render.findings import FEWEST_PEOPLE, collapsed_lines, find_gaps, verdict_of
from evals.render.formatting import format_figure
from evals.render.labels import line_title, opponent_title
from evals.render.ranking import accuracy_comparisons, find_best
from evals.render.sentences import deny_methods, describe_methods, join_words
from evals.render.table import Line, records, unweighted_lines

FEET = {"mode": "the most frequent answer", "country_mode": "the country's most frequent answer"}
"""The foot of the ladder in words."""
MOST = 3
"""How many findings the short output says."""


def find_headlines(tables: AnalysisTables, others: Sequence[str] = ()) -> list[str]:
    """Return at most three findings, a sentence each, the most important first.

    `others`: sentences that stand before those of spread, leaks and groups.
    """
    asked = asked_methods(tables.standing)
    found: list[str] = []
    if asked and all(line["people"] < FEWEST_PEOPLE for line in asked):
        most = max(int(line["people"]) for line in asked)
        counted = f"{most} person" if most == 1 else f"{most} people"
        found.append(
            f"Too few people to say which method is better: {counted}; findings need "
            f"{FEWEST_PEOPLE}."
        )
    else:
        found += _against_bottom(tables.comparisons, asked)
        found += find_best(tables.comparisons, asked)
    found += [*others, *_retest(tables), *_alike(tables, asked), *_leaked(tables)]
    found += find_gaps(tables)
    return found[:MOST]


def asked_methods(standing: pd.DataFrame) -> list[Line]:
    """The lines of the methods that are no references."""
    every = unweighted_lines(standing)
    return records(every[~every["graph"].isin(REFERENCES)])


def _against_bottom(comparisons: pd.DataFrame, asked: Sequence[Line]) -> Iterator[str]:
    """Which methods are better than the foot of the ladder, which worse, and of which neither is
    shown.
    """
    bottom = ladder_bottom(comparisons["against"])
    foot = FEET[bottom]
    by_verdict: dict[int | None, list[Line]] = {}
    for line in records(accuracy_comparisons(comparisons, bottom)):
        by_verdict.setdefault(verdict_of(line), []).append(line)
    if not by_verdict:
        return
    parts = []
    for side, word in ((1, "better"), (-1, "worse")):
        if found := by_verdict.get(side):
            by = join_words([format_figure(abs(line["difference"])) for line in found])
            parts.append(f"{describe_methods(found, asked)} {word} than {foot}: by {by}")
    if found := by_verdict.get(0):
        parts.append(f"{deny_methods(found, asked)} shown to be better than {foot}")
    if not parts:
        parts.append(
            f"Whether a method is better than {foot} cannot be told: tests and intervals do "
            "not agree"
        )
    yield "; ".join(parts) + "."


def find_differences(tables: AnalysisTables) -> Iterator[str]:
    """Which methods differ from what they are compared with, or that none is shown to."""
    lines = records(accuracy_comparisons(tables.comparisons))
    told = [line for line in lines if verdict_of(line)]
    for line in told:
        word = "more" if line["difference"] > 0 else "less"
        title = line_title(line, tables.standing)
        other, by = opponent_title(line["against"]), format_figure(abs(line["difference"]))
        yield f"{title} is {word} accurate than {other}, by {by}."
    if not told and any(line["people"] >= FEWEST_PEOPLE for line in lines):
        yield "No variant is shown to differ in accuracy from what it is compared with."


def _retest(tables: AnalysisTables) -> Iterator[str]:
    """How many answers people repeat themselves, where they were asked twice."""
    if sentence := retest_sentence(unweighted_lines(tables.standing)):
        yield sentence.partition(":")[0].strip() + "."


def _alike(tables: AnalysisTables, asked: Sequence[Line]) -> Iterator[str]:
    """Methods whose answers vary too little, in one sentence."""
    found = list(collapsed_lines(tables))
    if found:
        shares = ", ".join(format_figure(line["sd_ratio"]) for line in found)
        subject = describe_methods(found, asked).removesuffix(" are").removesuffix(" is")
        verb = "makes" if len(found) == 1 else "make"
        yield f"{subject} {verb} people too alike ({shares} of the real spread)."


def _leaked(tables: AnalysisTables) -> Iterator[str]:
    """How many of the held-out items the profile gives away."""
    leaked = int(tables.leaks["leak"].isin(LEAKED).sum())
    if leaked:
        verb = "is" if leaked == 1 else "are"
        yield (
            f"{leaked} of {len(tables.leaks)} held-out items {verb} nearly given away by other "
            "answers (leaks.csv)."
        )
