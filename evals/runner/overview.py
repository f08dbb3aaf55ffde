"""What the short output says of a run: who was asked, what to look out for, where the rest is."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from pathlib import Path

from baselines.method import Row
from evals.analysis.frame import Name, rows_by_method
from evals.analysis.skipped_tables import skipped_lines
from evals.analysis.tables import TABLES, AnalysisTables
from evals.costs.prices import Tokens, tariff_of
from evals.formats import ANSWERS, METRICS, PREDICTIONS
from evals.harness.method_names import REFERENCES
from evals.harness.plan import Plan
from evals.render.console import OFFLINE_LINE
from evals.render.coverage import coverage_warnings
from evals.render.formatting import format_count, format_dollars
from evals.render.headlines import find_headlines
from evals.render.overview import Overview
from evals.render.overview_table import overview_rows
from evals.render.scores import MethodLine
from evals.runner.failures import FailedCalls
from evals.runner.header import name_survey
from evals.runner.run_result import RunResult
from evals.runner.unread import WORDS, UnreadReplies
from evals.store.budget import EMBEDDINGS

FILES = {
    ANSWERS: "what was said",
    PREDICTIONS: "every answer",
    METRICS: "all scores",
    "scores.csv": "all scores",
    "study.json": "findings",
}
"""What a file of a directory holds."""
MANY_UNREAD = 0.05
"""The share of unread replies from which on a finding says so."""
SHOWN = {
    None: "each one's other answers",
    "shuffled": "another person's answers",
    "blank": "no answers of theirs",
}
"""What a graph was shown of the people, by control."""


def run_overview(
    plan: Plan,
    result: RunResult,
    tables: AnalysisTables,
    lines: Sequence[MethodLine],
    unread: Sequence[UnreadReplies],
    folder: Path,
) -> Overview:
    """What the short output says of a run whose files are in `folder`."""
    return Overview(
        who=[
            describe_asked(name_survey(plan), plan.survey, len(plan.drawn), result.rows),
            *_describe_asking(plan, result.used),
        ],
        rows=overview_rows(tables, readable_shares(result.rows), lines),
        findings=find_headlines(tables, list(unread_findings(unread))),
        rest=describe_rest(folder, (ANSWERS, PREDICTIONS, METRICS)),
        warnings=[
            *_warnings(result),
            *skipped_lines(tables.failed),
            *coverage_warnings(tables.coverage),
        ],
    )


def describe_asked(source: str, survey: Sized, people: int, rows: Iterable[Row]) -> str:
    """Who was asked: `people` of a survey by name, and how many answers of theirs."""
    cases = {(row.respondent, row.fold, row.item) for row in rows if row.truth is not None}
    items = len({item for _, _, item in cases})
    return (
        f"{re.sub('^the ', 'The ', source)}: {people:,} of {len(survey):,} people, {len(cases):,} "
        f"held-out answers to {items:,} {_plural('question', items)}."
    )


def _plural(word: str, count: int) -> str:
    """A word as it stands behind a count."""
    return word if count == 1 else f"{word}s"


def _describe_asking(plan: Plan, used: Mapping[str, Tokens]) -> Iterator[str]:
    """Which models were asked, from what, and what it took; nothing where none was."""
    experiment = plan.experiment
    if experiment.offline:
        yield OFFLINE_LINE
    elif experiment.uses_model:
        models = " and ".join(experiment.chat_models)
        calls = sum(tokens.calls for kind, tokens in used.items() if kind != EMBEDDINGS)
        budget = tariff_of(experiment).budget(None, used)
        money = f", US$ {format_dollars(budget.spent)}" if budget else ""
        yield (
            f"{models} was shown {SHOWN[experiment.control]} and asked for these: "
            f"{format_count(calls)} {_plural('call', calls)}{money}."
        )


def readable_shares(rows: Iterable[Row]) -> dict[Name, float]:
    """The share of replies that could be read, by method; references get none."""
    shares = {}
    for name, own in rows_by_method(rows).items():
        replies = [row.readable for row in own if not row.error and row.graph not in REFERENCES]
        if replies:
            shares[name] = sum(replies) / len(replies)
    return shares


def unread_findings(unread: Iterable[UnreadReplies]) -> Iterator[str]:
    """A sentence for each method of which many replies could not be read."""
    for one in unread:
        if one.count > MANY_UNREAD * one.replies:
            cause = WORDS.get(next(iter(one.causes)), "")
            yield (
                f"{one.count:,} of {one.replies:,} replies of {one.title} could not be read, and "
                f"count as wrong; mostly: {cause}."
            )


def _warnings(result: RunResult) -> Iterator[str]:
    """What keeps the figures from being whole: calls that failed, and prompts that were cut."""
    failures = FailedCalls.of((row.error, row.message) for row in result.rows)
    if failures.total:
        yield f"Incomplete: calls failed ({failures.summary}); --retry-failed asks them again."
        yield from failures.lines()[:1]
    if result.cut:
        yield f"Warning: {result.cut}."


def describe_rest(folder: Path, files: Sequence[str]) -> list[str]:
    """Where everything else is, and what to type next."""
    named = [f"{name} ({FILES[name]})" for name in files if (folder / name).is_file()]
    tables = f"{len(TABLES)} tables as csv"
    return [
        f"Written to {folder}: {', '.join(named)}, {tables}.",
        f"Next: valuesim report {folder}",
        "      the same command with --tables all (asks nothing again)",
    ]
